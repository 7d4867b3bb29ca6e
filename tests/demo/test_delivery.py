"""Records of 2022 that arrive in any order, some of them three times, count as they were made."""

import json
import os
from datetime import date
from random import Random

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from orchard import db
from orchard.accounts.models import Employer
from orchard.app import create_app
from orchard.attendance.models import Workday
from orchard.cli import main
from orchard.counts.comparing import rebuild
from orchard.counts.models import PeriodCount, PeriodHire
from orchard.hiring.models import Hire
from tests import make
from tests.client import api
from tests.counts import brute
from tests.demo.conftest import tell
from tests.demo.delivery import Year, deliver, empty, writer

FIRST, AS_OF = date(2022, 1, 1), date(2022, 9, 21)
ROUNDS = int(os.environ.get("ORCHARD_CAMPAIGN_DELIVERIES", "20"))


def prepared(choose):
    """Fill a county, read what is to be delivered, and empty it again."""
    year = Year()
    with db.transaction() as session:
        tell(session)
        expected = brute.count(brute.export(session), "500154", FIRST, AS_OF)
        choose(year, session)
        empty(session, year.also)
        secret = writer(session)
    return year.messages, secret, expected


def part_of_the_plantation(year, session):
    firm = session.exec(select(Employer).where(Employer.kind == "plantation")).one()
    works = col(Hire.work).in_(["pruning", "spraying", "weeding"])
    hires = year.hires(session, Hire.employer_id == firm.id, works)
    year.days(session, hires)


def plantation(year, session):
    firm = session.exec(select(Employer).where(Employer.kind == "plantation")).one()
    year.days(session, year.hires(session, Hire.employer_id == firm.id))
    return firm


def everything(year, session):
    firm = plantation(year, session)
    year.sheets(session, year.hires(session, Hire.employer_id != firm.id))
    year.statuses(session)
    year.doubles(session)


def kept(session):
    """Return what is kept of the counts, without the time of the last change."""
    figures = [
        tuple(value for name, value in row.model_dump().items() if name != "changed_at")
        for row in session.exec(select(PeriodCount))
        if row.persons
    ]
    lines = [tuple(row.model_dump().values()) for row in session.exec(select(PeriodHire))]
    return sorted(map(str, figures)), sorted(map(str, lines))


def check_told(secret):
    """What command and interface say afterwards is what the other counter says; return that."""
    with db.reading() as session:
        rows = brute.export(session)
    expected = brute.count(rows, "500154", FIRST, AS_OF)
    span = ["--from", str(FIRST), "--to", str(AS_OF), "--json"]
    done = CliRunner().invoke(main, ["counts", "--place", "500154", *span])
    told = json.loads(done.output)
    assert (told["total"], told["by_kind"]) == (expected["total"], expected["by_kind"])
    by_employer = {
        one["id"].replace("-", ""): {name: one[name] for name in told["total"]}
        for one in told["by_employer"]
    }
    assert by_employer == expected["by_employer"]
    path = f"/api/v1/counts/local-hires?place={make.DADE}&from={FIRST}&to={AS_OF}"
    answer = create_app().test_client().get(path, headers=api(secret)).get_json()
    dade = brute.count(rows, make.DADE, FIRST, AS_OF)["total"]
    apart = {"lifted_out", "wages_fen"}  # hidden in a span that is no month or season
    shown = dade.keys() - apart
    assert {name: answer["total"][name] for name in shown} == {name: dade[name] for name in shown}
    return expected


def check_kept():
    """What was kept on the way is what a count of the records makes."""
    with db.reading() as session:
        on_the_way = kept(session)
    with db.transaction() as session:
        rebuild(session, now=make.NOW)
    with db.reading() as session:
        assert kept(session) == on_the_way


@pytest.mark.campaign
def test_a_plantations_days_come_in_any_order_and_more_than_once(sqlite_database):
    messages, secret, _expected = prepared(part_of_the_plantation)
    sent = deliver(create_app().test_client(), secret, messages, Random(2022))
    assert sent > 2 * len(messages)
    found = check_told(secret)["by_kind"]["plantation"]
    with db.reading() as session:
        versions = set(session.exec(select(Workday.version)).all())
    assert (found["hires"], found["person_days"], found["wages_fen"]) == (19, 340, 4_080_000)
    assert versions == {1}
    check_kept()


@pytest.mark.campaign
@pytest.mark.parametrize("number", range(ROUNDS))
def test_the_whole_year_comes_in_any_order_and_more_than_once(sqlite_database, number):
    check_whole(number)


@pytest.mark.campaign
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_the_plantations_year_comes_in_any_order_to_postgresql_too(database):
    messages, secret, expected = prepared(plantation)
    deliver(create_app().test_client(), secret, messages, Random(71))
    found = check_told(secret)
    assert found["by_kind"]["plantation"] == expected["by_kind"]["plantation"]
    check_kept()


def check_whole(number):
    messages, secret, expected = prepared(everything)
    deliver(create_app().test_client(), secret, messages, Random(number))
    found = check_told(secret)
    assert found == expected
    shops, plantation = found["by_kind"]["workshop"], found["by_kind"]["plantation"]
    assert (shops["persons"], shops["hires"], plantation["wages_fen"]) == (518, 561, 19_008_000)
    check_kept()
