"""What the services refuse, tried on the demonstration county: nothing of it is stored."""

from dataclasses import replace
from datetime import date, datetime
from shutil import copyfile

import pytest
from sqlmodel import col, func, select

from orchard import clock, db, settings
from orchard.accounts.models import Person
from orchard.accounts.rules import Role, Sex
from orchard.attendance.models import HeatDay, Workday
from orchard.attendance.rules import HeatRule, TooHot
from orchard.attendance.services import put_workday
from orchard.demo.living import caller_for
from orchard.errors import FieldRefused
from orchard.hiring.models import Hire
from orchard.hiring.roster import NewPerson, register_person
from orchard.hiring.rules import PayBasis, Relation, TooYoung
from orchard.hiring.services import NewHire, make_hire
from orchard.ids import new_id
from orchard.wages.id_numbers import check_digit
from orchard.wages.identity import write_number
from orchard.wages.models import IdNumber, PayLine, Payment, PaymentLine
from orchard.wages.payments import Chosen, HandedOver, settle
from orchard.wages.rules import Proof
from orchard.wages.sealing import number_hash

AS_OF = datetime(2022, 9, 21, 20, tzinfo=clock.ZONE)


@pytest.fixture
def plantation(told, tmp_path):
    """The manager of the plantation on the day that is told."""
    copyfile(told, tmp_path / "orchard.db")
    settings.use(settings.Settings(data_dir=tmp_path, secret_key="test"))
    with db.transaction() as session:
        yield session, caller_for(session, Role.MANAGER)
    db.dispose()
    settings.use(None)


def rows_of(session, *models):
    return [session.exec(select(func.count()).select_from(model)).one() for model in models]


def picker(session, manager):
    [employer_id] = manager.employers
    hires = select(Hire).where(Hire.employer_id == employer_id).order_by(Hire.started_on)
    return session.exec(hires).first()


def test_an_id_number_with_a_wrong_check_digit_is_refused_and_never_stored(plantation):
    session, manager = plantation
    hire = picker(session, manager)
    born_on = session.get_one(Person, hire.person_id).born_on
    first_17 = f"500154{born_on:%Y%m%d}000"  # order code 000 is never issued
    right = first_17 + check_digit(first_17)
    wrong = first_17 + ("1" if right[-1] != "1" else "2")
    times = {"now": AS_OF, "today": AS_OF.date()}
    before = session.get_one(IdNumber, hire.person_id).keyed_hash
    with pytest.raises(FieldRefused) as refused:
        write_number(session, manager, hire.person_id, wrong, **times)
    assert refused.value.code == "wages.id.wrong"
    kept = session.exec(select(IdNumber.keyed_hash)).all()
    assert before in kept and number_hash(wrong) not in kept
    assert write_number(session, manager, hire.person_id, right, **times).masked.startswith("500")


def test_pay_in_fruit_is_refused(plantation):
    session, manager = plantation
    hire = picker(session, manager)
    before = rows_of(session, Payment, PaymentLine)
    paid = HandedOver(
        new_id(), hire.employer_id, hire.person_id, "goods", Proof.SIGNATURE, AS_OF.date()
    )
    with pytest.raises(FieldRefused) as refused:
        settle(session, manager, paid, Chosen(), now=AS_OF, today=AS_OF.date())
    assert refused.value.code == "wages.goods"
    assert rows_of(session, Payment, PaymentLine) == before


def test_a_fifteen_year_old_is_refused(plantation):
    session, manager = plantation
    [employer_id] = manager.employers
    young = NewPerson(
        id=new_id(),
        employer_id=employer_id,
        name="小陈",
        sex=Sex.MALE,
        born_on=date(2006, 10, 2),
        registered_code="500154118202",
    )
    register_person(session, manager, young, now=AS_OF)
    hire = NewHire(
        id=new_id(),
        person_id=young.id,
        employer_id=employer_id,
        crew_id=None,
        opening_id=None,
        work="picking",
        workplace_code="500154118202",
        registered_code="500154118202",
        relation=Relation.SERVICE,
        basis=PayBasis.DAY,
        started_on=AS_OF.date(),
    )
    before = rows_of(session, Hire)
    with pytest.raises(TooYoung):
        make_hire(session, manager, hire, now=AS_OF)
    assert rows_of(session, Hire) == before
    later = replace(hire, started_on=date(2022, 10, 2))
    with clock.frozen_at(datetime(2022, 10, 2, 8, tzinfo=clock.ZONE)):
        made = make_hire(session, manager, later, now=clock.now())
    assert made.started_on == date(2022, 10, 2)  # his birthday


@pytest.mark.parametrize(
    ("rule", "overruled", "half_days", "is_refused"),
    [
        (HeatRule.STOP, False, 1, True),
        (HeatRule.SIX_HOURS, False, 2, True),
        (HeatRule.SIX_HOURS, False, 1, False),
    ],
)
def test_hot_days_cannot_be_ticked_as_if_they_were_cool(
    plantation, rule, overruled, half_days, is_refused
):
    session, manager = plantation
    heat = session.exec(
        select(HeatDay).where(HeatDay.rule == rule, col(HeatDay.overruled_at).is_(None))
    ).first()
    hire = session.exec(
        select(Hire).where(Hire.work == "weeding", Hire.employer_id == heat.employer_id)
    ).first()
    before = rows_of(session, Workday)

    def tick():
        put_workday(session, manager, hire.id, heat.day, half_days, now=AS_OF, reason="补记")

    if is_refused:
        with pytest.raises((TooHot, FieldRefused)):
            tick()
        assert rows_of(session, Workday) == before
    else:
        tick()


def test_a_line_without_a_work_day_cannot_be_written_for_the_stopped_days(plantation):
    session, manager = plantation
    stopped = session.exec(select(HeatDay.day).where(HeatDay.rule == HeatRule.STOP)).all()
    lines = session.exec(select(PayLine.id).where(col(PayLine.worked_on).in_(stopped))).all()
    assert len(stopped) == 2 and lines == []
