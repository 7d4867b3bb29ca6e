"""The season of today: alive on whatever day the county is built, and equal to what is kept."""

from collections import Counter
from datetime import date, datetime, timedelta
from shutil import copyfile

import pytest
from sqlmodel import col, func, select

from orchard import clock, db, settings
from orchard.accounts.models import Employer, Grant, Person
from orchard.accounts.rules import Role
from orchard.attendance.models import Sheet, Workday
from orchard.attendance.review import over_full_days
from orchard.counts.comparing import rebuild
from orchard.counts.models import PeriodCount
from orchard.counts.periods import periods_of
from orchard.counts.rules import NOBODY
from orchard.demo.cast import DADE, ZHUXI
from orchard.demo.living import caller_for
from orchard.demo.season import add_season
from orchard.hiring.models import Application, Crew, Hire, Opening
from orchard.hiring.queries import hires_on
from orchard.wages.models import PayAnswer, PayLine, Payment, PaymentLine
from orchard.wages.rules import AnswerState, PaymentKind, Proof
from tests.counts import brute
from tests.demo.conftest import tell

TODAY = date(2026, 11, 24)
WEEKS = timedelta(days=60)


def at_noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.ZONE)


@pytest.fixture
def season(told, tmp_path, request):
    """A county whose season was added on a day."""
    copyfile(told, tmp_path / "orchard.db")
    settings.use(settings.Settings(data_dir=tmp_path, secret_key="test"))
    today = getattr(request, "param", TODAY)
    with db.transaction() as session:
        add_season(session, today=today)
        yield session, today
    db.dispose()
    settings.use(None)


@pytest.mark.parametrize(
    "season", [date(2027, 3, 3), date(2026, 8, 2), date(2028, 2, 29)], indirect=True
)
def test_zhuxi_is_alive_on_any_day_of_the_year(season):
    session, today = season
    rows = brute.export(session)
    found = brute.count(rows, ZHUXI, today - WEEKS, today)
    assert found["total"]["persons"] == 147
    assert found["total"]["person_workplaces"] > found["total"]["persons"]
    kinds = {kind for kind, block in found["by_kind"].items() if block["persons"]}
    assert kinds == set(brute.KINDS)
    assert found["total"]["wages_fen"] > 10_000_000
    assert brute.count(rows, DADE, today - WEEKS, today)["total"]["persons"] == 15
    days = session.exec(select(func.max(Workday.day))).one()
    assert days < today


def test_thirty_people_wait_for_todays_sheet_of_the_printed_manager(season):
    session, today = season
    manager = caller_for(session, Role.MANAGER)
    worker = caller_for(session, Role.WORKER)
    [plantation] = manager.employers
    crews = session.exec(
        select(Crew).where(Crew.employer_id == plantation, col(Crew.ended_at).is_(None))
    ).all()
    sizes = {crew.name: len(hires_on(session, plantation, crew.id, today)) for crew in crews}
    assert sizes == {"一组": 30, "二组": 24}
    first = next(crew for crew in crews if crew.name == "一组")
    people = {hire.person_id for hire, _name in hires_on(session, plantation, first.id, today)}
    assert worker.person_id in people
    assert session.exec(select(Sheet).where(Sheet.day == today)).all() == []
    taken = session.exec(select(Sheet.day).where(Sheet.crew_id == first.id)).all()
    assert len(taken) > 15 and max(taken) == today - timedelta(days=1)


def test_the_printed_worker_has_days_money_an_advance_and_something_to_confirm(season):
    session, today = season
    worker = caller_for(session, Role.WORKER)
    lines = session.exec(
        select(PayLine)
        .join(Hire, Hire.id == PayLine.hire_id)
        .where(Hire.person_id == worker.person_id)
    ).all()
    settled = set(session.exec(select(PaymentLine.line_id)).all()) & {line.id for line in lines}
    answered = session.exec(
        select(PayAnswer).where(PayAnswer.line_id.in_([line.id for line in lines]))
    ).all()
    assert 0 < len(settled) < len(lines)
    assert {row.line_id for row in answered} == settled
    assert {row.state for row in answered} == {AnswerState.CONFIRMED}
    paid = session.exec(select(Payment).where(Payment.person_id == worker.person_id)).all()
    assert Counter(row.kind for row in paid) == {PaymentKind.WAGES: 1, PaymentKind.ADVANCE: 1}
    newest = max(line.worked_on for line in lines)
    assert newest < today - timedelta(days=1)  # yesterday waits for the manager


def test_one_worker_has_objected_and_nobody_has_answered(season):
    session, today = season
    newest = (
        select(PayAnswer.line_id, func.max(PayAnswer.version).label("version"))
        .group_by(PayAnswer.line_id)
        .subquery()
    )
    standing = session.execute(
        select(PayAnswer.state, PayLine.worked_on)
        .join(newest, (newest.c.line_id == PayAnswer.line_id))
        .join(PayLine, PayLine.id == PayAnswer.line_id)
        .where(newest.c.version == PayAnswer.version)
    ).all()
    objected = [day for state, day in standing if state == AnswerState.OBJECTED]
    assert len(objected) == 1 and objected[0] > today - timedelta(days=7)


def test_what_waits_for_review_is_there(season):
    session, today = season
    unverified = session.exec(
        select(Employer).where(Employer.kind == "household", col(Employer.verified_at).is_(None))
    ).one()
    assert session.exec(select(Grant).where(Grant.employer_id == unverified.id)).one()
    twice = over_full_days(session, [ZHUXI], today - WEEKS, today)
    assert len(twice) == 1 and len(twice[0].hire_ids) == 2
    alike = session.execute(
        select(Person.name, Person.born_on, Person.village_code)
        .join(Hire, Hire.person_id == Person.id)
        .where(Hire.started_on > today - WEEKS)
        .group_by(Person.name, Person.born_on, Person.village_code)
        .having(func.count(func.distinct(Person.id)) > 1)
    ).all()
    assert len(alike) == 1
    proofs = Counter(
        session.exec(select(Payment.proof).where(Payment.paid_on > today - WEEKS)).all()
    )
    assert 1 <= proofs[Proof.MISSING] < 12 < proofs[Proof.SIGNATURE]


def test_openings_are_open_now_and_people_ask(season):
    session, today = season
    rows = session.exec(select(Opening)).all()
    open_now = [row for row in rows if row.closed_at is None]
    assert (len(rows), len(open_now)) == (6, 5)
    assert all(row.first_day > today for row in open_now)
    assert len(session.exec(select(Application)).all()) == 5


@pytest.mark.campaign
def test_what_is_kept_equals_what_is_counted_on_both_databases(database):
    with db.transaction() as session:
        tell(session)
        add_season(session, today=TODAY)
        rebuild(session, now=at_noon(TODAY))
    with db.reading() as session:
        rows = brute.export(session)
        for one in periods_of(TODAY):
            kept = session.get(PeriodCount, (one.code, ZHUXI, "", NOBODY))
            told = brute.count(rows, ZHUXI, one.first, one.last)["total"]
            assert (kept.persons, kept.hires, kept.wages_fen) == (
                told["persons"],
                told["hires"],
                told["wages_fen"],
            )
        year = brute.count(rows, "500154", date(2022, 1, 1), date(2022, 9, 21))["by_kind"]
    assert year["workshop"]["persons"] == 518
    assert year["plantation"]["wages_fen"] == 19_008_000
