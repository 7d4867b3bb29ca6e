"""Hires by their services: made once, of whom the employer knows, and many at once."""

from datetime import date

import pytest
from sqlalchemy import event

from orchard import db
from orchard.accounts.queries import caller_of_account
from orchard.accounts.rules import Role
from orchard.attendance.models import Workday
from orchard.attendance.queries import worked_between
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.hiring import checks, queries, services
from orchard.hiring.models import Hire, HireEvent, Roster
from orchard.hiring.rules import HireEventKind, Notice, PayBasis
from orchard.ids import new_id
from tests import make
from tests.crowd import at_once
from tests.hiring.filling import known, new_hire
from tests.hiring.reading import count_in


def test_who_is_not_on_the_roster_is_not_hired_and_nothing_is_written(session, boss):
    firm, caller = boss
    who = make.worker(session)
    with pytest.raises(FieldRefused) as refused:
        services.make_hire(session, caller, new_hire(firm, who.id), now=make.NOW)
    assert refused.value.code == "hiring.not_on_roster"
    assert [count_in(session, each) for each in (Hire, HireEvent, Roster)] == [0, 0, 0]


def test_a_worker_who_was_invited_may_be_hired_and_is_then_on_the_roster(session, boss):
    firm, caller = boss
    who = make.worker(session)
    make.account(session, Role.WORKER, of=who, employer_id=firm.id)
    made = services.make_hire(session, caller, new_hire(firm, who.id), now=make.NOW)
    row = session.get(Roster, (firm.id, who.id))
    assert row.registered_code == made.registered_code == make.VILLAGE


def test_the_same_form_after_a_change_is_still_the_first_hire(session, boss):
    firm, caller = boss
    hire = new_hire(firm, known(session, firm).id)
    made = services.make_hire(session, caller, hire, now=make.NOW)
    facts = services.HireFacts(**{**services.asdict(services.facts_of(made)), "work": "weeding"})
    services.change_hire(session, caller, made.id, facts, version=1, now=make.NOW)
    assert services.make_hire(session, caller, hire, now=make.NOW).work == "weeding"
    assert count_in(session, Hire) == 1
    other = new_hire(firm, hire.person_id, id=hire.id, terms="别的")
    with pytest.raises(Conflict):
        services.make_hire(session, caller, other, now=make.NOW)


def test_another_employers_crew_opening_or_hire_is_unknown(session, boss):
    firm, caller = boss
    other = make.employer(session, name="别家")
    who = known(session, firm)
    crew, opening = make.crew(session, other), make.opening(session, other)
    for values, code in (
        ({"crew_id": crew.id}, "hiring.crew_unknown"),
        ({"opening_id": opening.id}, "hiring.opening_unknown"),
        ({"workplace_code": "500154"}, "hiring.workplace_unknown"),
        ({"registered_code": "500154118999"}, "hiring.registered_unknown"),
        ({"registered_code": "900101"}, "hiring.registered_unknown"),
        ({"started_on": date(2027, 11, 25)}, "hiring.start_out_of_range"),
        ({"started_on": date(1999, 12, 31)}, "hiring.start_out_of_range"),
    ):
        with pytest.raises(FieldRefused) as refused:
            services.make_hire(session, caller, new_hire(firm, who.id, **values), now=make.NOW)
        assert refused.value.code == code
    with pytest.raises(NotVisible):
        services.make_hire(session, caller, new_hire(other, who.id), now=make.NOW)
    theirs = make.hire(session, other)
    with pytest.raises(NotVisible):
        queries.hire_for(session, caller, theirs.id)
    assert count_in(session, Hire) == 1


@pytest.mark.parametrize("code", ["500101", "000000", "500154", None, make.OTHER_VILLAGE])
def test_somebody_registered_anywhere_may_be_hired(session, boss, code):
    firm, caller = boss
    hire = new_hire(firm, known(session, firm).id, registered_code=code)
    assert services.make_hire(session, caller, hire, now=make.NOW).registered_code == code


@pytest.mark.parametrize(
    ("ended_on", "notices"),
    [(date(2026, 11, 8), [Notice.SAME_ENGAGEMENT]), (date(2026, 11, 7), []), (None, None)],
)
def test_a_second_hire_for_the_same_work_is_told_of_and_made(session, boss, ended_on, notices):
    firm, caller = boss
    who = known(session, firm, born_on=date(1990, 1, 1))
    make.hire(session, firm, who, started_on=date(2026, 10, 1), ended_on=ended_on)
    again = new_hire(firm, who.id)
    expected = [Notice.STILL_RUNNING] if notices is None else notices
    assert queries.notices_for(session, again) == expected
    assert queries.notices_for(session, new_hire(firm, who.id, work="weeding")) == []
    services.make_hire(session, caller, again, now=make.NOW)
    assert count_in(session, Hire) == 2


def test_a_change_of_where_is_told_to_the_rooms_above_and_other_changes_are_not(
    session, boss, told
):
    firm, caller = boss
    who = known(session, firm)
    made = services.make_hire(session, caller, new_hire(firm, who.id), now=make.NOW)
    assert told == []
    facts = services.asdict(services.facts_of(made))
    for version, values in ((1, {"terms": "包午饭"}), (2, {"registered_code": "500101"})):
        facts |= values
        services.change_hire(
            session,
            caller,
            made.id,
            services.HireFacts(**facts),
            version=version,
            now=make.NOW,
        )
    assert told == [{who.id}]


def test_hires_on_a_day_are_those_that_run_by_name_in_one_query(session, boss):
    firm, _ = boss
    crew = make.crew(session, firm)
    day = date(2026, 11, 20)
    for name, start, end, group in (
        ("甲", date(2026, 11, 1), None, crew.id),
        ("乙", date(2026, 11, 20), date(2026, 11, 20), crew.id),
        ("丙", date(2026, 11, 21), None, crew.id),
        ("丁", date(2026, 11, 1), date(2026, 11, 19), crew.id),
        ("戊", date(2026, 11, 1), None, None),
    ):
        who = make.worker(session, name=name)
        make.hire(session, firm, who, started_on=start, ended_on=end, crew_id=group)
    asked, connection = [], session.connection()
    event.listen(connection, "before_cursor_execute", lambda *sent: asked.append(sent[2]))
    found = queries.hires_on(session, firm.id, crew.id, day)
    assert [name for _, name in found] == ["乙", "甲"]
    assert [hire.started_on.day for hire, _ in found] == [20, 1]
    assert len(asked) == 1
    assert len(queries.hires_on(session, firm.id, None, day)) == 3


def test_people_of_one_name_stand_on_each_sheet_in_the_order_of_their_hires(session, boss):
    firm, _ = boss
    ids = sorted(new_id() for _ in range(6))
    for place in (3, 0, 5, 1, 4, 2):
        who = make.worker(session, name="陈素芬")
        make.hire(session, firm, who, id=ids[place])
    found = queries.hires_on(session, firm.id, None, date(2026, 11, 20))
    assert [hire.id for hire, _ in found] == ids


def test_one_hire_sent_fifty_times_at_once_is_one_hire(database):
    with db.transaction() as session:
        firm = make.employer(session)
        account = make.account(session, Role.MANAGER, employer_id=firm.id)
        caller = caller_of_account(session, account.id)
        hire = new_hire(firm, known(session, firm).id)

    def send():
        with db.transaction() as writing:
            return services.make_hire(writing, caller, hire, now=make.NOW).id

    assert set(at_once(50, send)) == {hire.id}
    with db.reading() as reading:
        assert (count_in(reading, Hire), count_in(reading, HireEvent)) == (1, 1)


def test_fifty_answers_at_once_leave_one_whole_history(database):
    with db.transaction() as session:
        firm = make.employer(session)
        account = make.account(session, Role.WORKER, employer_id=firm.id)
        caller = caller_of_account(session, account.id)
        own = session.get(make.Person, account.person_id)
        made = make.hire(session, firm, own)
    kinds = iter([HireEventKind.CONFIRMED, HireEventKind.OBJECTED] * 25)

    def answer():
        try:
            with db.transaction() as writing:
                services.answer_hire(writing, caller, made.id, next(kinds), version=1, now=make.NOW)
        except Conflict:
            return False
        return True

    assert any(at_once(50, answer))
    with db.reading() as reading:
        stored = reading.get(Hire, made.id)
        events = queries.events_of(reading, made.id)
    assert stored.version == 2
    assert [event.version for event in events.rows] == [2, 1]


def test_a_hire_keeps_every_day_that_was_worked_within_it(session, boss, monkeypatch):
    firm, caller = boss
    made = services.make_hire(
        session,
        caller,
        new_hire(firm, known(session, firm).id, started_on=date(2026, 11, 1)),
        now=make.NOW,
    )
    for day, half_days in ((3, 2), (20, 1), (22, 0)):
        session.add(
            Workday(
                hire_id=made.id,
                day=date(2026, 11, day),
                half_days=half_days,
                written_at=make.NOW,
            )
        )
    session.flush()
    monkeypatch.setattr(checks, "worked", [worked_between])
    with pytest.raises(FieldRefused) as refused:
        services.end_hire(
            session, caller, made.id, ended_on=date(2026, 11, 19), version=1, now=make.NOW
        )
    assert refused.value.code == "hiring.worked_after"
    facts = services.HireFacts(
        **{**services.asdict(services.facts_of(made)), "started_on": date(2026, 11, 4)}
    )
    with pytest.raises(FieldRefused) as refused:
        services.change_hire(session, caller, made.id, facts, version=1, now=make.NOW)
    assert refused.value.code == "hiring.worked_before"
    for name, value in (("basis", PayBasis.JIN), ("work", "weeding")):
        facts = services.HireFacts(**{**services.asdict(services.facts_of(made)), name: value})
        with pytest.raises(FieldRefused) as refused:
            services.change_hire(session, caller, made.id, facts, version=1, now=make.NOW)
        assert (refused.value.code, refused.value.field) == ("hiring.worked_already", name)
    assert made.version == 1
    services.end_hire(
        session, caller, made.id, ended_on=date(2026, 11, 20), version=1, now=make.NOW
    )
    assert made.ended_on == date(2026, 11, 20)
