"""More than a day on one date is allowed and listed, over all employers and both records."""

from datetime import date

from orchard.attendance.models import Workday
from orchard.attendance.queries import days_of
from orchard.attendance.review import over_full_days
from orchard.hiring.models import SamePerson
from tests import make

DAY, FIRST, LAST = date(2026, 11, 20), date(2026, 11, 1), date(2026, 11, 30)
OTHER_DAY = date(2026, 11, 21)


def worked(session, hire, half_days, day=DAY):
    row = {"hire_id": hire.id, "day": day, "half_days": half_days, "written_at": make.NOW}
    session.add(Workday(**row))
    session.flush()
    return hire


def firms(session):
    near, far = make.employer(session), make.employer(session, village_code=make.OTHER_VILLAGE)
    return near, far


def over(session, place=make.ZHUXI, first=FIRST, last=LAST):
    return over_full_days(session, [place], first, last)


def test_a_day_and_a_half_for_two_employers_is_listed_in_both_towns(session):
    near, far = firms(session)
    person = make.worker(session)
    one = worked(session, make.hire(session, near, person), 2)
    two = worked(session, make.hire(session, far, person), 1)
    for place in (make.ZHUXI, make.DADE, "500154"):
        (line,) = over(session, place)
        assert (line.person_id, line.day, line.half_days) == (person.id, DAY, 3)
        assert set(line.hire_ids) == {one.id, two.id}
    assert over(session, "500154119") == []


def test_two_halves_two_days_and_zero_are_not_listed(session):
    near, far = firms(session)
    person = make.worker(session)
    one, two = make.hire(session, near, person), make.hire(session, far, person)
    worked(session, one, 1)
    worked(session, two, 1)
    worked(session, one, 2, OTHER_DAY)
    worked(session, two, 0, OTHER_DAY)
    assert over(session) == []


def test_other_dates_and_hires_that_do_not_run_together_are_not_listed(session):
    near, far = firms(session)
    person = make.worker(session)
    worked(session, make.hire(session, near, person), 2)
    worked(session, make.hire(session, far, person), 2)
    assert len(over(session)) == 1
    assert over(session, first=OTHER_DAY) == []
    assert over(session, last=date(2026, 11, 19)) == []


def test_two_records_of_one_person_count_together_once_the_town_said_so(session):
    near, far = firms(session)
    person, double = make.worker(session), make.worker(session, name="张秀瑛")
    worked(session, make.hire(session, near, person), 2)
    worked(session, make.hire(session, far, double), 2)
    assert over(session) == []
    session.add(SamePerson(person_id=double.id, other_id=person.id))
    session.flush()
    (line,) = over(session)
    assert (line.person_id, line.half_days) == (person.id, 4)


def test_days_are_read_by_hire(session):
    near, far = firms(session)
    person, stranger = make.worker(session), make.worker(session)
    one = worked(session, make.hire(session, near, person), 2)
    two = worked(session, make.hire(session, far, person), 1, OTHER_DAY)
    worked(session, make.hire(session, near, stranger), 2)
    assert [line[:3] for line in days_of(session, [one.id], FIRST, LAST)] == [(one.id, DAY, 2)]
    found = days_of(session, [two.id, one.id], FIRST, LAST)
    assert [line[:3] for line in found] == [(one.id, DAY, 2), (two.id, OTHER_DAY, 1)]
    assert days_of(session, [one.id, two.id], FIRST, DAY) == found[:1]
