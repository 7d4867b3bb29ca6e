"""Saving a sheet and single days: sent twice it is one, other content is seen, nothing is lost."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import event
from sqlmodel import select

from orchard import db
from orchard.accounts.rules import Role
from orchard.attendance import queries, rules, services
from orchard.attendance.models import HeatDay, Sheet
from orchard.attendance.rules import HeatRule
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.ids import new_id
from tests import make
from tests.attendance.ticking import TODAY, changes, hired, save, stored, written

LATE = TODAY - timedelta(8)


def put(session, here, half_days, *, hire=0, day=TODAY, **values):
    given = {"now": make.NOW, **values}
    return services.put_workday(session, here.caller, here.hires[hire].id, day, half_days, **given)


def test_a_sheet_writes_who_came_and_no_row_for_who_did_not(session):
    here = hired(session)
    sheet = save(session, here, 2, 1, 0)
    assert sheet.version == 1
    assert stored(session) == [(2, 1), (1, 1)]
    assert changes(session) == []


def test_the_same_sheet_again_changes_nothing(session):
    here = hired(session)
    first = save(session, here, 2, 1, 0)
    again = save(session, here, 2, 1, version=0, now=make.NOW + timedelta(hours=1))
    assert (again.id, again.version, again.saved_at) == (first.id, 1, make.NOW)
    assert stored(session) == [(2, 1), (1, 1)]


def test_an_empty_sheet_is_kept_as_taken(session):
    here = hired(session)
    save(session, here)
    assert stored(session) == []
    assert session.exec(select(Sheet)).one().day == TODAY


def test_a_correction_keeps_the_old_value_and_who_is_unticked_gets_zero(session):
    here = hired(session)
    save(session, here, 2, 1, 0)
    save(session, here, 0, 2, 1, version=3)
    assert stored(session) == [(0, 2), (2, 2), (1, 1)]
    assert changes(session) == [(2, 0, False, ""), (1, 2, False, "")]


def test_other_content_over_a_newer_version_is_refused_with_both(session):
    here = hired(session)
    save(session, here, 2, 2, 2, version=0)
    with pytest.raises(Conflict) as both:
        save(session, here, 2, 0, 1, version=0)
    ids = [str(hire.id) for hire in here.hires]
    assert both.value.kept == {"version": 4, "half_days": dict.fromkeys(ids, 2)}
    assert both.value.sent == {"version": 0, "half_days": {ids[0]: 2, ids[2]: 1}}
    assert stored(session) == [(2, 1)] * 3


def test_a_single_correction_makes_an_open_sheet_stale(session):
    here = hired(session)
    save(session, here, 2, 2, 2)
    seen = queries.sheet_for(session, here.caller, here.crew.id, TODAY).version
    put(session, here, 1)
    with pytest.raises(Conflict):
        save(session, here, 2, 2, 0, version=seen)
    assert stored(session) == [(1, 2), (2, 1), (2, 1)]


def test_one_day_is_written_once_and_corrected_with_its_version(session):
    here = hired(session)
    assert put(session, here, 2, version=0).version == 1
    assert put(session, here, 2, version=0).version == 1
    with pytest.raises(Conflict) as both:
        put(session, here, 1, version=0)
    assert both.value.kept == {"half_days": 2, "version": 1}
    assert put(session, here, 1, version=1).half_days == 1
    assert put(session, here, 0, version=2).half_days == 0
    assert changes(session) == [(2, 1, False, ""), (1, 0, False, "")]


def test_a_day_that_was_never_worked_leaves_no_row(session):
    here = hired(session)
    assert put(session, here, 0) is None
    assert stored(session) == []


def test_after_seven_days_a_reason_is_needed_and_the_line_is_marked_late(session):
    here = hired(session, started_on=date(2026, 11, 1))
    edge = TODAY - timedelta(7)
    put(session, here, 2, day=edge)
    with pytest.raises(FieldRefused):
        put(session, here, 2, day=LATE)
    assert stored(session, LATE) == []
    put(session, here, 2, day=LATE, reason="那天没有网")
    put(session, here, 1, day=LATE, reason="记错了")
    assert changes(session) == [(0, 2, True, "那天没有网"), (2, 1, True, "记错了")]
    assert stored(session, edge) == [(2, 1)]


def test_the_boundary_lies_at_midnight_of_the_county(session):
    here = hired(session)
    last_moment = make.NOW.replace(day=30, hour=15, minute=59)  # 23:59 of 30 November
    put(session, here, 2, day=TODAY, now=last_moment)
    with pytest.raises(FieldRefused):
        put(session, here, 1, day=TODAY, now=last_moment + timedelta(minutes=1))


@pytest.mark.parametrize("days", [1, 400])
def test_the_future_is_refused(session, days):
    here = hired(session)
    day = TODAY + timedelta(days)
    with pytest.raises(rules.FutureDay):
        save(session, here, 2, day=day)
    with pytest.raises(rules.FutureDay):
        put(session, here, 2, day=day)
    assert stored(session, day) == []


def test_days_outside_the_hire_are_refused(session):
    here = hired(session, started_on=date(2026, 11, 20), ended_on=date(2026, 11, 22))
    for day in (date(2026, 11, 19), TODAY):
        with pytest.raises(rules.OutsideHire):
            put(session, here, 2, day=day)
        with pytest.raises(rules.NotOnSheet):
            save(session, here, 2, day=day)
    for day in (date(2026, 11, 20), date(2026, 11, 22)):
        assert put(session, here, 2, day=day).half_days == 2


def test_strangers_find_neither_crew_nor_hire(session):
    here, there = hired(session), hired(session)
    worker = make.caller(session, Role.WORKER, of=None)
    secretary = make.caller(session, Role.SECRETARY)
    for stranger in (there.caller, worker, secretary):
        with pytest.raises(NotVisible):
            services.save_sheet(session, stranger, here.crew.id, TODAY, {}, now=make.NOW)
        with pytest.raises(NotVisible):
            services.put_workday(session, stranger, here.hires[0].id, TODAY, 2, now=make.NOW)
        with pytest.raises(NotVisible):
            queries.sheet_for(session, stranger, here.crew.id, TODAY)
    assert stored(session) == []


def test_somebody_of_another_crew_or_nobody_cannot_be_ticked(session):
    here, there = hired(session), hired(session)
    for foreign in (there.hires[0].id, new_id()):
        with pytest.raises(rules.NotOnSheet):
            ticks = {**here.ticks(2, 2), foreign: 2}
            services.save_sheet(session, here.caller, here.crew.id, TODAY, ticks, now=make.NOW)
    assert stored(session) == []
    assert session.exec(select(Sheet)).all() == []


def heat(session, here, rule, **values):
    row = {"employer_id": here.firm.id, "day": TODAY, "rule": rule, "high_c": 41.2, **values}
    session.add(HeatDay(**row))
    session.flush()


def test_nobody_is_ticked_outdoors_on_a_stopped_day_and_indoors_they_are(session):
    here = hired(session)
    heat(session, here, HeatRule.STOP)
    with pytest.raises(rules.TooHot):
        save(session, here, 1)
    with pytest.raises(rules.TooHot):
        put(session, here, 2)
    here.hires[1].work = "sewing"
    session.add(here.hires[1])
    session.flush()
    save(session, here, 0, 2, 0)
    assert stored(session) == [(2, 1)]


def test_whole_days_in_the_heat_need_somebody_who_says_why(session):
    here = hired(session)
    heat(session, here, HeatRule.SIX_HOURS)
    save(session, here, 1, 1, 0)
    with pytest.raises(FieldRefused):
        save(session, here, 2, 1, 0)
    with pytest.raises(FieldRefused):
        services.overrule_heat(session, here.caller, here.firm.id, TODAY, "", now=make.NOW)
    services.overrule_heat(session, here.caller, here.firm.id, TODAY, "抢收，早晚干", now=make.NOW)
    save(session, here, 2, 1, 0)
    kept = session.get(HeatDay, (here.firm.id, TODAY))
    assert (kept.reason, kept.overruled_by_id) == ("抢收，早晚干", here.caller.account_id)
    services.overrule_heat(session, here.caller, here.firm.id, TODAY, "别的", now=make.NOW)
    assert kept.reason == "抢收，早晚干"


def test_a_stopped_or_a_cool_day_cannot_be_overruled_and_not_by_strangers(session):
    here, there = hired(session), hired(session)
    with pytest.raises(rules.NotHot):
        services.overrule_heat(session, here.caller, here.firm.id, TODAY, "赶工", now=make.NOW)
    heat(session, here, HeatRule.STOP)
    heat(session, there, HeatRule.SIX_HOURS)
    for caller, firm in ((here.caller, here.firm), (here.caller, there.firm)):
        with pytest.raises(rules.NotHot):
            services.overrule_heat(session, caller, firm.id, TODAY, "赶工", now=make.NOW)


def test_a_hook_is_told_what_changed_inside_the_transaction(session, monkeypatch):
    told = []
    seen = []

    def hook(inside, hire_ids, days):
        told.append((set(hire_ids), list(days)))
        seen.append(stored(inside))

    monkeypatch.setattr(services, "after_change", [hook])
    here = hired(session)
    save(session, here, 2, 2, 0)
    save(session, here, 2, 2, 0)
    put(session, here, 1)
    ids = [hire.id for hire in here.hires]
    assert told == [({ids[0], ids[1]}, [TODAY]), ({ids[0]}, [TODAY])]
    assert seen == [[(2, 1), (2, 1)], [(1, 2), (2, 1)]]


def test_a_failing_hook_leaves_nothing_written(database, monkeypatch):
    with db.transaction() as session:
        here = hired(session)
    before = written()

    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(services, "after_change", [broken])
    with pytest.raises(RuntimeError), db.transaction() as session:
        save(session, here, 2, 2, 2)
    with pytest.raises(RuntimeError), db.transaction() as session:
        put(session, here, 2)
    assert written() == before


def test_thirty_people_take_as_many_statements_as_three(database, monkeypatch):
    monkeypatch.setattr(services, "after_change", [])
    counts = []
    for people in (3, 30):
        with db.transaction() as session:
            here = hired(session, people)
        for half_days in (2, 1):
            sent = []
            with db.transaction() as session:
                engine = session.get_bind()
                note = lambda *args, sent=sent: sent.append(args[2])  # noqa: E731
                event.listen(engine, "before_cursor_execute", note)
                save(session, here, *[half_days] * people)
                event.remove(engine, "before_cursor_execute", note)
            counts.append(len(sent))
    assert counts[0] == counts[2] <= 9
    assert counts[1] == counts[3] <= 9


def test_shuffled_and_doubled_delivery_gives_the_same(database):
    with db.transaction() as session:
        here = hired(session, 4)
    days = [TODAY - timedelta(back) for back in range(5)]
    rng, results = Random(3), []
    letters = [
        (hire.id, day, 1 + (number + day.day) % 2)
        for number, hire in enumerate(here.hires)
        for day in days
    ]
    for _ in range(3):
        sent = letters * 3
        rng.shuffle(sent)
        for hire_id, day, half_days in sent:
            with db.transaction() as session:
                services.put_workday(
                    session, here.caller, hire_id, day, half_days, now=make.NOW, version=0
                )
        results.append(written())
    assert results[0] == results[1] == results[2]
    assert len(results[0][1]) == len(letters)
    assert results[0][2] == []
