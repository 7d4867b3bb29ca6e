"""The demonstration county: what its pages, counts and figures lean on."""

from datetime import UTC, datetime
from random import Random

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter
from sqlmodel import col, func, select

from orchard import db, ledger, settings
from orchard.accounts.models import Account, Grant, Person, SignInSession
from orchard.accounts.rules import PIN_ROLES, Role
from orchard.cli import main
from orchard.demo import holdings, services
from orchard.demo.cast import DADE, GAOQIAO, ZHUXI, cast
from orchard.fields import Phone
from orchard.places.models import Place
from orchard.places.queries import within
from orchard.plots.models import Plot
from orchard.synth import names
from tests import make


@pytest.fixture
def county(database):
    with db.transaction() as session:
        services.claim_for_demo(session)
        services.add_cast(session, now=make.NOW)
        services.add_land(session, now=make.NOW)
    with db.reading() as session:
        yield session


def test_zhuxi_has_10000_mu_in_412_plots_of_the_told_sizes(county):
    areas = county.exec(
        select(Plot.area_mu_x100).where(within(Plot.village_code, [ZHUXI]))
    ).all()
    assert (len(areas), sum(areas)) == (412, 1_000_000)
    assert [area for area in areas if area >= 30_000] == [30_000]
    assert len([area for area in areas if 5_000 <= area < 30_000]) == 26
    assert len([area for area in areas if area < 5_000]) == 385


def test_the_county_has_40_towns_535_villages_and_strangers_in_two_towns(county):
    levels = county.exec(select(Place.level, func.count()).group_by(Place.level)).all()
    assert {level.value: count for level, count in levels} == {
        "county": 1,
        "town": 40,
        "village": 535,
    }
    for town, count in holdings.STRANGERS.items():
        here = select(func.count()).select_from(Plot).where(within(Plot.village_code, [town]))
        assert county.exec(here).one() == count
    assert set(holdings.STRANGERS) == {DADE, GAOQIAO}


def test_six_holders_have_no_phone_and_no_account(county):
    silent = county.exec(select(Person.id).where(col(Person.phone).is_(None))).all()
    assert len(silent) == 6
    held = county.exec(select(Plot.grower_id).where(Plot.grower_id.in_(silent))).all()
    assert sorted(held) == sorted(silent)
    assert county.exec(select(Account).where(Account.person_id.in_(silent))).all() == []


def test_every_role_can_sign_in_and_zhuxi_has_four_technicians(county):
    assert {member.role for member in cast().shown} == set(Role)
    for member in cast().shown:
        phone = names.phone(member.phone)
        account = county.exec(select(Account).where(Account.phone == phone)).one()
        assert account.secret_hash.startswith("$argon2id$")
        assert cast().pin not in account.secret_hash
    technicians = select(func.count()).where(
        Grant.role == Role.TECHNICIAN, Grant.place_code == ZHUXI
    )
    assert county.exec(technicians).one() == 4


def test_the_grower_that_is_printed_has_land_and_the_manager_the_plantation(county):
    grower = services._own(county)
    mine = county.exec(select(Plot).where(Plot.grower_id == grower.person_id)).all()
    assert len(mine) == holdings.OWN
    manager = county.exec(select(Grant).where(Grant.role == Role.MANAGER)).one()
    owned = county.exec(select(Plot).where(Plot.employer_id == manager.employer_id)).one()
    assert owned.area_mu_x100 == 30_000


def test_invented_phones_are_ones_that_a_person_could_type(county):
    phones = [phone for phone in county.exec(select(Person.phone)).all() if phone]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("+86139000") for phone in phones)
    assert TypeAdapter(Phone).validate_python(phones[0]) == phones[0]


def test_orchards_lie_between_the_river_and_900_m_and_near_their_town(county):
    for plot in county.exec(select(Plot).where(within(Plot.village_code, [ZHUXI]))):
        assert 183 <= plot.cell_elevation_m <= 900
        assert abs(plot.cell_lat - 31.12443) < 0.12
        assert abs(plot.cell_lon - 108.29065) < 0.12
        assert plot.has_own_position == (plot.lat is not None)


def test_the_same_seed_gives_the_same_county():
    assert holdings.areas(Random(services.SEED)) == holdings.areas(Random(services.SEED))
    first, second = (names.people(Random("x")) for _ in range(2))
    assert [next(first) for _ in range(50)] == [next(second) for _ in range(50)]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert names.seeded_id(Random("x"), at) == names.seeded_id(Random("x"), at)
    assert names.seeded_id(Random("x"), at).version == 7


@pytest.fixture
def command(tmp_path, monkeypatch):
    monkeypatch.setenv("ORCHARD_DATABASE_URL", "sqlite:////nowhere/real.db")
    folder = tmp_path / "county"

    def run(*options):
        return CliRunner().invoke(main, ["demo", "--build-only", "--dir", str(folder), *options])

    yield run, folder
    db.dispose()
    settings.use(None)


def test_the_command_builds_once_and_anew_only_when_told(command):
    run, folder = command
    assert "built in" in run().output
    before = (folder / "orchard.db").stat().st_ino
    assert run().output == ""
    assert (folder / "orchard.db").stat().st_ino == before
    assert "built in" in run("--fresh").output
    assert (folder / "orchard.db").stat().st_ino != before


def test_a_building_that_was_cut_short_begins_anew(command, monkeypatch):
    run, _folder = command

    def cut(*_args, **_kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(services, "add_land", cut)
        assert run().exit_code != 0
    assert "built in" in run().output
    with db.reading() as session:
        assert services.is_built(session)
        assert session.exec(select(func.count()).select_from(Plot)).one() == 422


def test_a_real_database_is_never_thrown_away(command):
    run, _folder = command
    run()
    with db.transaction() as session:
        ledger.note(session, "purpose", ledger.Purpose.REAL)
    done = run("--fresh")
    assert done.exit_code == 1
    assert "not a demonstration" in done.output
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Plot)).one() == 422


def test_nobody_is_signed_in_by_building(county):
    assert county.exec(select(SignInSession)).all() == []
    assert {Role.GROWER, Role.WORKER} == PIN_ROLES
