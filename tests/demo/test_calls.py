"""The calls of the demonstration county: the told figures come out of its records."""

from shutil import copyfile

import pytest
from sqlmodel import col, select

from orchard import db, settings
from orchard.accounts.rules import Role
from orchard.demo import calling
from orchard.demo.living import caller_for
from orchard.reminders import queries as reminders
from orchard.visits import desk, figures, queries, reports
from orchard.visits.models import VisitRecord, VisitRequest
from orchard.visits.rules import Outcome, State
from tests import make
from tests.demo.conftest import tell
from tests.visits.asking import TODAY


@pytest.fixture(scope="module")
def called(told, tmp_path_factory):
    """A county's file with its calls."""
    path = tmp_path_factory.mktemp("called") / "orchard.db"
    copyfile(told, path)
    settings.use(settings.Settings(data_dir=path.parent, secret_key="test"))
    with db.transaction() as session:
        call(session)
    db.dispose()
    settings.use(None)
    return path


def call(session):
    calling.add_year(session, now=make.NOW)
    calling.add_open(session, now=make.NOW)


@pytest.fixture
def county(called, tmp_path):
    copyfile(called, tmp_path / "orchard.db")
    settings.use(settings.Settings(data_dir=tmp_path, secret_key="test"))
    with db.transaction() as session:
        yield session
    db.dispose()
    settings.use(None)


def test_260_calls_of_12_months_ended_as_told_and_140_were_followed_up(county):
    assert_as_told(county)


@pytest.mark.campaign
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_they_ended_as_told_on_postgresql_too(database):
    with db.transaction() as session:
        tell(session, now=make.NOW)
        call(session)
        assert_as_told(session)


def assert_as_told(county):
    found = figures.figures(county, caller_for(county, Role.SECRETARY), make.NOW)
    assert [each.town_code for each in found] == [make.ZHUXI]
    zhuxi = found[0]
    assert zhuxi.closed == 260
    states = (State.VISITED, State.ANSWERED, State.CANCELLED)
    assert [zhuxi.of(state) for state in states] == [231, 19, 10]
    assert zhuxi.checked == 140
    assert [zhuxi.took(outcome) for outcome in Outcome] == [91, 27, 22]
    assert zhuxi.open == len(calling.NOW)


def test_the_figures_are_those_that_plain_python_counts(county):
    chief = caller_for(county, Role.SECRETARY)
    found = figures.figures(county, chief, make.NOW)[0]
    counted = dict.fromkeys(Outcome, 0)
    for request in county.exec(select(VisitRequest).where(VisitRequest.state == State.VISITED)):
        report = reports.report_for(county, chief, request, make.NOW)
        if report.adoption:
            counted[report.adoption] += 1
    assert {outcome: found.took(outcome) for outcome in Outcome} == counted


def test_each_role_finds_something_to_do(county):
    expert = caller_for(county, Role.TECHNICIAN)
    assert len(desk.round_of(county, expert, TODAY)) == 4
    assert len(desk.mine(county, expert)) == 2
    assert len(desk.pool(county, expert)[0]) == 6
    grower = caller_for(county, Role.GROWER)
    lines = queries.own_lines(county, grower, number=1)[0]
    states = {line.request.state for line in lines}
    assert states >= {State.ASKED, State.SCHEDULED, State.VISITED}
    assert reports.own_advice(county, grower)
    secretary = caller_for(county, Role.SECRETARY)
    assert len(desk.waiting_long(county, secretary, make.NOW)) == 2


def test_the_printed_grower_was_told_the_day_of_his_visit(county):
    grower = caller_for(county, Role.GROWER)
    (told,) = reminders.messages_for(county, grower.person_id)
    assert "11月23日星期一，农技员周明清上门看" in reminders.text_of(told, "zh_CN")


def test_every_rating_is_of_a_visit_and_the_technicians_have_enough_to_see_them(county):
    rated = county.exec(select(VisitRecord.rating).where(col(VisitRecord.rating).is_not(None)))
    assert set(rated) <= {1, 2, 3}
    total, faces = reports.faces_of(county, caller_for(county, Role.TECHNICIAN).account_id)
    assert faces is not None
    assert sum(faces.values()) == total


def test_no_diary_holds_more_than_a_days_visits(county):
    rows = county.exec(select(VisitRequest).where(VisitRequest.state == State.SCHEDULED)).all()
    assert rows
    assert all(1 <= row.slot <= 6 for row in rows)
