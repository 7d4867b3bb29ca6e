"""What one person makes of a town's wages is told by no other figure either."""

from datetime import date

import pytest

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.attendance.models import Workday
from orchard.counts import periods, services, shown
from orchard.counts.queries import Asked, best_paid, recount
from tests import make

DAY = date(2026, 11, 20)
SEASON = periods.season_of(DAY)


def pay(session, firm, fen, person=None):
    """Let somebody work a day and be owed money for it."""
    hire = make.hire(session, firm, person)
    session.add(Workday(hire_id=hire.id, day=DAY, half_days=2, written_at=make.NOW))
    make.day_pay(session, hire, DAY, fen)
    services.hires_changed(session, [hire.id], [DAY])


@pytest.fixture
def district(database):
    """Six people of Zhuxi, one of whom made nearly all, and twelve alike in Dade."""
    with db.transaction() as session:
        here = make.employer(session, name="甲")
        there = make.employer(session, name="乙", village_code=make.OTHER_VILLAGE)
        rich = make.person(session)
        for fen in (45_000_00, 45_000_00):  # by two hires
            pay(session, here, fen, rich)
        for _ in range(5):
            pay(session, here, 100_00)
        for _ in range(12):
            pay(session, there, 20_000_00)
        return make.caller(session, Role.DISTRICT, place="500154")


def wages(caller, place):
    asked = Asked(place, SEASON.first, SEASON.last)
    with clock.frozen_at(make.NOW), db.reading() as session:
        sight = shown.check_asked(caller, asked)
        return shown.told(session, asked, recount(session, asked), sight)["total"]["wages_fen"]


def test_the_best_paid_of_each_town_by_all_his_hires(district):
    with db.reading() as session:
        assert best_paid(session, SEASON.code) == {make.ZHUXI: 90_000_00, make.DADE: 20_000_00}


def test_a_sum_that_one_person_makes_does_not_follow_from_the_others(district):
    zhuxi, dade, county = (wages(district, place) for place in (make.ZHUXI, make.DADE, "500154"))
    assert zhuxi is None
    assert dade is None
    assert county == 90_500_00 + 12 * 20_000_00
