"""What is kept agrees with what is recounted, whatever is written and in whatever order."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from sqlalchemy import event, select
from sqlmodel import Session

from orchard import db
from orchard.accounts.models import Employer
from orchard.attendance.models import Workday
from orchard.counts import comparing, services
from orchard.counts.models import PeriodCount, PeriodHire
from orchard.counts.periods import Period, between
from orchard.counts.queries import Asked, kept_block, recount
from orchard.counts.rules import NOBODY, Block
from orchard.hiring.models import Hire, SamePerson
from tests import make
from tests.counts import county
from tests.counts.town import tick_all
from tests.crowd import each_at_once

DISTRICT = "500154"
SPANS = between(county.FIRST, county.LAST)


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(2, 6))]
)
def test_what_is_kept_equals_what_is_recounted_in_every_scope(session, seed):
    rng = Random(1000 + seed)
    made = county.fill(session, rng)
    days = list(made.days)
    rng.shuffle(days)
    while days:  # sheet after sheet, some days told twice, as a shaky network does
        some = days[: rng.randint(1, 5)]
        days = days[rng.randint(1, len(some)) :]
        services.hires_changed(session, {one[0] for one in some}, {one[1] for one in some})
    for hire_id, day in rng.sample(made.days, min(5, len(made.days))):
        row = session.get_one(Workday, (hire_id, day))
        row.half_days = rng.choice([0, 1, 2])
        session.add(row)
        session.flush()
        services.hires_changed(session, [hire_id], [day])
    agree(session)
    change_people(session, rng, made)
    agree(session)


def change_people(session: Session, rng: Random, made: county.County) -> None:
    """Take back a decision, add one, move a hire's village and verify a household."""
    taken = session.execute(select(SamePerson)).scalars().first()
    if taken:
        pair = {taken.person_id, taken.other_id}
        session.delete(taken)
        session.flush()
        services.people_changed(session, pair)
    alone = [one for one in made.people if not is_double(session, one)]
    if len(alone) > 1:
        first, second = alone[:2]
        session.add(SamePerson(person_id=first, other_id=second))
        session.flush()
        services.people_changed(session, [first, second])
    hire = session.get_one(Hire, rng.choice(made.hires))
    hire.registered_code = hire.workplace_code
    session.add(hire)
    session.flush()
    services.people_changed(session, [hire.person_id])
    employer = session.get_one(Employer, rng.choice(made.employers))
    employer.verified_at = None if employer.verified_at else make.NOW
    session.add(employer)
    session.flush()
    theirs = select(Hire.person_id).where(Hire.employer_id == employer.id)
    services.people_changed(session, set(session.execute(theirs).scalars()))


def is_double(session: Session, person_id) -> bool:
    theirs = (SamePerson.person_id == person_id) | (SamePerson.other_id == person_id)
    return session.execute(select(SamePerson).where(theirs)).first() is not None


def agree(session: Session) -> None:
    """Fail unless every kept figure is what the records say."""
    assert everything(session)
    for span in SPANS:
        for place in ("500154", "500154118", "500154100", *county.WORK):
            compare(session, span, place)


def compare(session: Session, span: Period, place: str) -> None:
    found = recount(session, Asked(place, span.first, span.last))
    assert kept_block(session, span.code, place) == bare(found.total), (span, place)
    if len(place) == 12:
        return
    kept = {
        (row.kind, row.employer_id): row
        for row in session.execute(
            select(PeriodCount).where(
                PeriodCount.period == span.code,
                PeriodCount.place_code == place,
                PeriodCount.kind != "",
                PeriodCount.persons > 0,
            )
        ).scalars()
    }
    expected = {(kind, NOBODY): block for kind, block in found.by_kind.items() if block.persons}
    expected |= {(one.kind, one.id): one.block for one in found.by_employer}
    assert {key: of_row(row) for key, row in kept.items()} == {
        key: bare(block) for key, block in expected.items()
    }


def bare(block: Block) -> Block:
    """Return a block without what is not kept."""
    return Block(**{**block.__dict__, "top_wages_fen": 0})


def of_row(row: PeriodCount) -> Block:
    return Block(*(getattr(row, name) for name in services.KEPT))


def everything(session: Session) -> Counter:
    """Return every kept row, without its time and without figures that are all nothing."""
    lines = session.execute(select(services.KEPT_HIRE)).all()
    counts = session.execute(select(services.KEPT_COUNT).where(services.KEPT_COUNT.c.persons > 0))
    return Counter(tuple(row) for row in lines) + Counter(tuple(row)[:-1] for row in counts)


def test_a_rebuild_gives_what_was_kept_step_by_step(session):
    rng = Random(7)
    made = county.fill(session, rng)
    services.keep(session, made.people)
    kept = everything(session)
    assert kept
    comparing.rebuild(session, now=make.NOW)
    assert everything(session) == kept


def test_the_night_finds_what_drifted_and_repairs_it(session):
    rng = Random(8)
    made = county.fill(session, rng)
    services.keep(session, made.people)
    kept = everything(session)
    assert night(session) == (0, 0)
    row = session.execute(select(PeriodCount).where(PeriodCount.persons > 0)).scalars().first()
    row.persons += 3
    session.add(row)
    line = session.execute(select(PeriodHire)).scalars().first()
    line.half_days += 1
    session.add(line)
    session.flush()
    lines, figures = night(session)
    assert lines == 1
    assert figures >= 1
    assert everything(session) == kept
    assert night(session) == (0, 0)


def night(session: Session) -> tuple[int, int]:
    """Do what the nightly job does; return how many lines and figures were wrong."""
    lines = figures = 0
    for span in comparing.periods_worked(session):
        wrong = comparing.drifted(session, span, DISTRICT)
        lines += services.keep(session, wrong, [span])
        figures += comparing.repair_figures(session, span, now=make.NOW)
    return lines, figures


def test_two_employers_who_tick_a_new_person_at_once_count_him_once(database):
    day = date(2026, 11, 20)
    with db.transaction() as session:
        people = [make.worker(session) for _ in range(12)]
        firms = [make.employer(session) for _ in range(2)]
        hires = [[make.hire(session, firm, one).id for one in people] for firm in firms]
    for pair in zip(*hires, strict=True):
        each_at_once(lambda hire: tick_all([hire], day), pair)
    with db.reading() as session:
        found = recount(session, Asked(DISTRICT, day, day)).total
        assert (found.persons, found.person_workplaces, found.hires) == (12, 24, 24)
        assert kept_block(session, "2026-11", DISTRICT) == bare(found)


def test_two_sheets_with_the_same_persons_in_other_orders_end_both(database):
    day = date(2026, 11, 20)
    with db.transaction() as session:
        people = [make.worker(session) for _ in range(10)]
        firms = [make.employer(session) for _ in range(4)]
        hires = [[make.hire(session, firm, one).id for one in people] for firm in firms]
    hires[1].reverse()
    hires[3].reverse()
    each_at_once(lambda own: tick_all(own, day), hires)
    with db.reading() as session:
        found = recount(session, Asked(DISTRICT, day, day)).total
        assert (found.persons, found.person_workplaces) == (10, 40)
        assert kept_block(session, "2026-AW", DISTRICT) == bare(found)


@pytest.mark.parametrize("people", [1, 30])
def test_a_sheet_costs_the_same_number_of_statements_for_one_and_for_thirty(session, people):
    firm = make.employer(session)
    hires = [make.hire(session, firm).id for _ in range(people)]
    day = date(2026, 11, 20)
    for hire_id in hires:
        session.add(Workday(hire_id=hire_id, day=day, half_days=2, written_at=make.NOW))
    session.flush()
    sent = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    services.hires_changed(session, hires, [day])
    event.remove(connection, "before_cursor_execute", note)
    assert len(sent) == 7
