"""Days become lines: once, at the rate of the day, one by one or by the button."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from orchard.attendance.models import Workday
from orchard.errors import Conflict, FieldRefused
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages import reckoning, services
from orchard.wages.models import PayLine
from orchard.wages.reckoning import Stretch
from orchard.wages.services import NewLine, NewRate
from tests import make
from tests.wages.earning import DAY, TODAY, firm, line, rate, worked_line, works
from tests.wages.paying import LATER, NOW


def test_a_day_becomes_a_line_once(session):
    here = firm(session)
    works(session, here.hire, half_days=1)
    new = NewLine(new_id(), here.hire.id, DAY)
    first = services.write_lines(session, here.manager, [new], now=NOW)[0]
    assert (first.quantity_x100, first.amount_fen) == (50, 6_500)
    again = services.write_lines(session, here.manager, [new], now=LATER)[0]
    other_id = services.write_lines(
        session, here.manager, [NewLine(new_id(), here.hire.id, DAY)], now=LATER
    )[0]
    assert first.id == again.id == other_id.id
    assert len(session.exec(select(PayLine)).all()) == 1


def test_a_line_without_work_day_or_rate_is_refused(session):
    here = firm(session)
    with pytest.raises(FieldRefused, match="wages.no_workday"):
        line(session, here)
    works(session, here.hire, half_days=0)
    with pytest.raises(FieldRefused, match="wages.no_workday"):
        line(session, here)
    early = date(2025, 12, 31)
    works(session, here.hire, early)
    with pytest.raises(FieldRefused, match="wages.no_rate"):
        line(session, here, early)
    assert session.exec(select(PayLine)).all() == []


def test_one_wrong_line_of_many_and_nothing_is_written(session):
    here = firm(session)
    works(session, here.hire)
    new = [NewLine(new_id(), here.hire.id, day) for day in (DAY, DAY + timedelta(1))]
    with pytest.raises(FieldRefused):
        services.write_lines(session, here.manager, new, now=NOW)
    assert session.exec(select(PayLine)).all() == []


def test_a_quantity_is_needed_by_the_jin_and_follows_the_sheet_by_the_day(session):
    jin = firm(session, basis=PayBasis.JIN)
    works(session, jin.hire)
    with pytest.raises(FieldRefused, match="web.form.missing"):
        line(session, jin)
    written = line(session, jin, quantity_x100=100_033)
    assert written.amount_fen == 15_005  # 1,000.33 jin at 0.15 yuan is 150.0495 yuan
    with pytest.raises(Conflict):
        line(session, jin, quantity_x100=100_034)
    day = firm(session)
    works(session, day.hire)
    with pytest.raises(FieldRefused, match="wages.as_on_the_sheet"):
        line(session, day, quantity_x100=50)


def test_an_id_of_another_line_is_a_conflict_that_tells_nothing(session):
    here = firm(session)
    first = worked_line(session, here)
    works(session, here.hire, TODAY)
    with pytest.raises(Conflict) as no:
        services.write_lines(
            session, here.manager, [NewLine(first.id, here.hire.id, TODAY)], now=NOW
        )
    assert no.value.kept == {}


def test_a_new_rate_never_rewrites_what_is_written(session):
    here = firm(session)
    before = worked_line(session, here)
    rate(session, here.manager, here.firm, from_on=DAY, rate_fen_x100=2_000_000)
    after = worked_line(session, here, DAY + timedelta(1))
    session.refresh(before)
    assert (before.rate_fen_x100, before.amount_fen) == (1_300_000, 13_000)
    assert (after.rate_fen_x100, after.amount_fen) == (2_000_000, 20_000)
    assert line(session, here, DAY).amount_fen == 13_000  # the same line again


def test_a_rate_is_said_once(session):
    here = firm(session)
    new = NewRate(new_id(), here.firm.id, "thinning", PayBasis.DAY, 1_200_000, TODAY)
    first = services.add_rate(session, here.manager, new, now=NOW)
    again = services.add_rate(session, here.manager, new, now=LATER)
    assert (first.id, again.made_at) == (again.id, NOW)
    with pytest.raises(Conflict):
        services.add_rate(
            session,
            here.manager,
            NewRate(new.id, here.firm.id, "thinning", PayBasis.DAY, 1_200_001, TODAY),
            now=NOW,
        )


def test_the_button_reckons_every_day_once_and_leaves_those_without_rate(session):
    here = firm(session)
    other = make.hire(session, here.firm, work="thinning")
    for number in range(5):
        works(session, here.hire, DAY - timedelta(number), 1 + number % 2)
    works(session, other, DAY)
    what = Stretch(here.firm.id)
    done = reckoning.reckon(session, here.manager, what, now=NOW)
    assert (done.lines, done.corrections, done.without_rate) == (5, 0, 1)
    again = reckoning.reckon(session, here.manager, what, now=NOW)
    assert (again.lines, again.corrections, again.without_rate) == (0, 0, 1)
    amounts = [one.amount_fen for one in session.exec(select(PayLine)).all()]
    assert sum(amounts) == 3 * 6_500 + 2 * 13_000


def test_the_button_takes_a_crew_a_person_and_a_stretch(session):
    here = firm(session)
    crew = make.crew(session, here.firm)
    fellow = make.hire(session, here.firm, crew_id=crew.id)
    for hire in (here.hire, fellow):
        for number in range(3):
            works(session, hire, DAY - timedelta(number))

    def lines(**values):
        what = Stretch(here.firm.id, **values)
        return reckoning.reckon(session, here.manager, what, now=NOW).lines

    assert lines(crew_id=crew.id, from_on=DAY, to_on=DAY) == 1
    assert lines(person_id=here.hire.person_id, to_on=DAY - timedelta(2)) == 1
    assert lines(from_on=DAY - timedelta(1)) == 3
    assert lines() == 1


def test_a_day_that_was_ticked_again_is_corrected_by_the_button(session):
    here = firm(session)
    first = worked_line(session, here)
    day = session.get_one(Workday, (here.hire.id, DAY))
    day.half_days, day.written_at = 1, LATER
    session.flush()
    done = reckoning.reckon(session, here.manager, Stretch(here.firm.id), now=LATER)
    assert (done.lines, done.corrections) == (0, 1)
    total = reckoning.total(session, first.id)
    assert (total.quantity_x100, total.amount_fen) == (50, 6_500)
    done = reckoning.reckon(session, here.manager, Stretch(here.firm.id), now=LATER)
    assert done.corrections == 0
