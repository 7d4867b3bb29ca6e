"""A synthetic county has the size that was asked for, and is never mixed with people."""

import pytest
from click.testing import CliRunner
from sqlmodel import func, select

from orchard import db, ledger, settings
from orchard.accounts.models import Account, Employer, Person
from orchard.attendance.models import Workday
from orchard.cli import main
from orchard.counts.models import PeriodHire
from orchard.plots.models import Plot
from orchard.synth.services import NotEmpty, Size, fill
from tests import make

SIZE = Size(plots=900, people=700, employers=12)


def _count(session, model) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


def test_it_has_the_size_that_was_asked_for(session):
    made = fill(session, "500154", SIZE, seed=1, now=make.NOW)
    assert made == {"people": 700, "employers": 12, "plots": 900}
    found = [_count(session, model) for model in (Person, Employer, Plot)]
    assert found == [700, 12, 900]
    assert ledger.fact(session, "purpose") == ledger.Purpose.TEST


def test_towns_and_areas_are_skewed(session):
    fill(session, "500154", SIZE, seed=1, now=make.NOW)
    town = func.substr(Plot.village_code, 1, 9)
    towns = sorted(session.exec(select(func.count()).select_from(Plot).group_by(town)).all())
    assert towns[-1] > 3 * towns[len(towns) // 2]
    areas = sorted(session.exec(select(Plot.area_mu_x100)).all())
    assert sum(areas[-90:]) > sum(areas) / 4


@pytest.fixture
def command(tmp_path):
    def run(*options, folder="county"):
        db.dispose()
        settings.use(settings.Settings(data_dir=tmp_path / folder, secret_key="test"))
        return CliRunner().invoke(main, ["synth", *options])

    yield run
    db.dispose()
    settings.use(None)


def test_the_same_seed_gives_the_same_people_and_plots(command):
    seen = []
    for folder in ("one", "two"):
        command("--plots", "60", "--people", "40", "--seed", "7", folder=folder)
        with db.reading() as session:
            plots = select(Plot.name, Plot.area_mu_x100, Plot.cell, Plot.village_code)
            people = session.exec(select(Person.name, Person.phone).order_by(Person.phone)).all()
            seen.append((sorted(session.exec(plots).all()), people))
    assert seen[0] == seen[1]


def test_a_database_with_accounts_is_refused_and_left_as_it_is(session):
    make.account(session)
    with pytest.raises(NotEmpty):
        fill(session, "500154", SIZE, seed=1, now=make.NOW)
    assert _count(session, Plot) == 0
    assert _count(session, Account) == 1


def test_the_command_fills_an_empty_folder_and_refuses_the_second_time(command):
    options = ("--plots", "60", "--people", "40", "--employers", "2")
    assert command(*options).output == "people=40 employers=2 plots=60\n"
    again = command(*options)
    assert again.exit_code == 1
    assert "empty one" in again.output


def test_work_days_without_people_are_refused_with_one_clear_line(command):
    done = command("--plots", "5", "--people", "0", "--employers", "1", "--workdays", "5")
    assert done.exit_code == 2
    assert "people and employers" in done.output


def test_the_command_invents_work_days_and_keeps_their_counts(command):
    options = ("--plots", "20", "--people", "60", "--employers", "5", "--workdays", "700")
    assert "workdays=700" in command(*options).output
    with db.reading() as session:
        kept = session.exec(select(func.sum(PeriodHire.half_days))).one()
        worked = session.exec(select(func.sum(Workday.half_days))).one()
    assert kept == 2 * worked  # each day lies in a month and in a season
