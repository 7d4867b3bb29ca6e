"""Invented work: as much as was asked for, skewed as in a county, nowhere impossible."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from sqlalchemy import select as columns
from sqlmodel import func, select

from orchard import db
from orchard.accounts.models import Person
from orchard.attendance.models import Workday
from orchard.hiring.models import Crew, Hire, HireEvent, Roster, StatusPeriod
from orchard.hiring.rules import local_level
from orchard.synth.services import Size, fill
from orchard.synth.stretches import LONGEST, Days, stretches
from orchard.synth.work import fill_work, first_day
from tests import make
from tests.engines import slow_on

WORKDAYS = 12_000
TODAY = date(2026, 11, 23)


@pytest.fixture
def county(database):
    """Fill a small county with work and say what was made."""
    with db.transaction() as session:
        fill(session, "500154", Size(plots=50, people=900, employers=80), seed=1, now=make.NOW)
    made = fill_work(WORKDAYS, seed=1, now=make.NOW)
    with db.reading() as session:
        yield session, made


def hires(session):
    return session.exec(select(Hire)).all()


@slow_on("postgres")
def test_it_has_the_days_that_were_asked_for_in_stretches_of_about_twelve(county):
    session, made = county
    assert made["workdays"] == WORKDAYS
    assert session.exec(select(func.count()).select_from(Workday)).one() == WORKDAYS
    found = hires(session)
    assert len(found) == made["hires"]
    assert 10 < WORKDAYS / len(found) < 14
    for model in (HireEvent,):
        assert session.exec(select(func.count()).select_from(model)).one() == len(found)
    pairs = {(hire.employer_id, hire.person_id) for hire in found}
    assert session.exec(select(func.count()).select_from(Roster)).one() == len(pairs)
    assert session.exec(select(func.count()).select_from(Crew)).one() == 80


@slow_on("postgres")
def test_every_day_lies_inside_its_hire_and_none_ahead(county):
    session, _ = county
    spans = {hire.id: (hire.started_on, hire.ended_on or TODAY) for hire in hires(session)}
    rows = session.exec(select(Workday.hire_id, Workday.day, Workday.half_days)).all()
    assert all(spans[hire_id][0] <= day <= spans[hire_id][1] for hire_id, day, _ in rows)
    assert max(day for _, day, _ in rows) <= TODAY
    assert {half_days for *_, half_days in rows} == {1, 2}
    assert {hire_id for hire_id, *_ in rows} == set(spans)


@slow_on("postgres")
def test_few_employers_hire_most_and_most_people_are_local(county):
    session, _ = county
    found = hires(session)
    by_firm = sorted(Counter(hire.employer_id for hire in found).values())
    assert sum(by_firm[-8:]) > len(found) / 4
    levels = Counter(local_level(hire.registered_code, hire.workplace_code) for hire in found)
    assert 0.88 < 1 - levels[0] / len(found) < 0.97
    assert levels[1] + levels[2] > levels[3]
    people = session.exec(select(func.count()).select_from(Person)).one()
    lifted = session.exec(select(func.count()).select_from(StatusPeriod)).one()
    assert 0.08 < lifted / people < 0.16


def test_the_same_seed_invents_the_same_work():
    seen = []
    for _ in range(2):
        rng = Random(4)
        days = Days(first_day(TODAY), TODAY)
        seen.append((stretches(rng)[:50], [days.draw(rng) for _ in range(50)]))
    assert seen[0] == seen[1]


def test_work_begins_three_half_years_before_the_running_one():
    assert first_day(date(2026, 11, 23)) == date(2025, 3, 1)
    assert first_day(date(2026, 9, 1)) == date(2025, 3, 1)
    assert first_day(date(2026, 8, 31)) == date(2024, 9, 1)
    assert first_day(date(2026, 2, 28)) == date(2024, 3, 1)


def test_stretches_differ_in_length_and_end():
    found = [stretch.days for stretch in stretches(Random(1))]
    assert min(map(len, found)) == 1
    assert max(days[-1][0] for days in found) <= LONGEST
    assert all(days[0][0] == 0 for days in found)


@slow_on("postgres")
def test_two_hires_of_a_day_are_rare_but_there(county):
    session, _ = county
    day = columns(Hire.person_id, Workday.day).join(Hire, Hire.id == Workday.hire_id)
    pairs = Counter(session.execute(day).all())
    doubled = sum(1 for times in pairs.values() if times > 1)
    assert 0 < doubled < WORKDAYS / 10
