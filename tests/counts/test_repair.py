"""A repair holds a period: nobody else changes its figures, whatever he changes of it."""

from datetime import date
from threading import Thread

import pytest
from sqlmodel import Session, select

from orchard import db
from orchard.accounts.rules import EmployerKind
from orchard.counts import comparing, services
from orchard.counts.models import PeriodCount
from orchard.counts.periods import month_of
from tests import make
from tests.counts.town import tick_all

DAY = date(2026, 11, 20)
MONTH = month_of(DAY)
COUNTY = "500154"


def unverified(session: Session):
    """Return the hire of somebody at a household that the town has not verified."""
    firm = make.employer(session, kind=EmployerKind.HOUSEHOLD)
    return make.hire(session, firm).id


def county_row(session: Session) -> list[int]:
    mine = PeriodCount.period == MONTH.code, PeriodCount.place_code == COUNTY
    return list(session.exec(select(PeriodCount.persons).where(*mine, PeriodCount.kind == "")))


def test_an_unverified_household_touches_the_row_of_the_county_too(database):
    with db.transaction() as session:
        hire = unverified(session)
    tick_all([hire], DAY)
    with db.reading() as session:
        assert county_row(session) == [0]
        assert comparing.wrong_figures(session, MONTH) == {}


def test_a_period_of_which_nothing_is_kept_is_held_by_a_row_of_its_own(session):
    assert county_row(session) == []
    services.hold(session, MONTH.code, now=make.NOW)
    services.hold(session, MONTH.code, now=make.NOW)
    assert county_row(session) == [0]


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_sheet_of_an_unverified_household_waits_for_a_repair(database, is_kept):
    with db.transaction() as session:
        hires = [unverified(session) for _ in range(2)]
    if is_kept:
        tick_all(hires[:1], DAY)
    sheet = Thread(target=tick_all, args=(hires[1:], DAY))
    with db.transaction() as session:
        assert comparing.repair_figures(session, MONTH, now=make.NOW) == 0
        sheet.start()
        sheet.join(0.3)
        assert sheet.is_alive()
    sheet.join()
    with db.reading() as session:
        assert comparing.wrong_figures(session, MONTH) == {}
