"""What was found and prescribed, and what the grower says and does about it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import func, select

from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.plots.models import Plot
from orchard.tasks import services as tasks
from orchard.tasks.models import Reason, Source, Task
from orchard.tasks.models import State as TaskState
from orchard.tasks.queries import own_task_list
from orchard.visits import aftercare, queries, recording, reports, rules, services
from orchard.visits.models import Prescription, VisitRecord, VisitRecordChange, VisitRequest
from orchard.visits.recording import Advice
from orchard.visits.rules import Outcome, State, Why
from tests import make
from tests.visits.asking import (
    SPRAY,
    TODAY,
    WATCH,
    ask,
    found,
    recorded,
    scheduled,
    taken,
    technician,
)

DAY = timedelta(days=1)


@pytest.fixture
def grower(session):
    return make.caller(session)


@pytest.fixture
def expert(session):
    return technician(session)


def tasks_of(session, request) -> list[Task]:
    rows = session.exec(
        select(Task).where(Task.plot_id == request.plot_id).order_by(Task.due_on, Task.occurrence)
    )
    return list(rows)


def counts(session) -> tuple[int, ...]:
    models = (VisitRecord, VisitRecordChange, Prescription, Task)
    return tuple(session.exec(select(func.count()).select_from(each)).one() for each in models)


def prescriptions(session, request) -> list[Prescription]:
    return reports.prescriptions_of(session, request.id)


def test_each_prescription_is_a_task_of_the_plot_at_once(session, grower, expert):
    request, kept = recorded(session, grower, expert, SPRAY, WATCH)
    assert (request.state, request.slot, request.on_day) == (State.VISITED, None, TODAY)
    assert (kept.found, kept.diagnosis, kept.version) == ("叶背有红蜘蛛", "red_mite", 1)
    spray, watch = tasks_of(session, request)
    rows = prescriptions(session, request)
    assert [task.occurrence for task in (spray, watch)] == [row.id.hex for row in rows]
    assert {task.source for task in (spray, watch)} == {Source.TECHNICIAN}
    assert (spray.code, spray.due_on, spray.harm) == ("RX", TODAY + 2 * DAY, 70)
    assert (spray.late_after, spray.window_to) == (TODAY + 4 * DAY, TODAY + 12 * DAY)
    lines, _ = own_task_list(session, grower, TaskState.OPEN, page=1, today=TODAY)
    assert [line.code for line in lines] == ["RX", "RX"]
    names = reports.task_names(session, [line.occurrence for line in lines])
    assert set(names.values()) == {"visits.action.spray", "visits.action.watch"}


def test_the_same_record_sent_twice_is_one_and_another_content_is_a_conflict(
    session, grower, expert
):
    request, _ = recorded(session, grower, expert, SPRAY)
    before = counts(session)
    recording.record(session, expert, request.id, found(SPRAY), now=make.NOW)
    with pytest.raises(Conflict) as both:
        recording.record(session, expert, request.id, found(WATCH), now=make.NOW)
    assert both.value.kept["advice"][0]["action"] == "spray"
    assert counts(session) == before


def test_a_visit_can_be_written_down_without_a_day_in_the_diary(session, grower, expert):
    request = taken(session, grower, expert)
    recording.record(session, expert, request.id, found(), now=make.NOW)
    assert session.get_one(VisitRequest, request.id).state == State.VISITED


FOUR = (SPRAY, WATCH, replace(WATCH, action="prune"), replace(WATCH, action="clean"))
REFUSED = [
    ({"diagnosis": "dragons"}, (SPRAY,), "diagnosis"),
    ({"visited_on": TODAY + DAY}, (SPRAY,), "visited_on"),
    ({"visited_on": TODAY - DAY}, (SPRAY,), "visited_on"),
    ({}, FOUR, "advice"),
    ({}, (replace(SPRAY, action="pray"),), "action_1"),
    ({}, (WATCH, replace(SPRAY, due_on=TODAY - DAY)), "due_on_2"),
    ({}, (replace(SPRAY, due_on=TODAY + 181 * DAY),), "due_on_1"),
    ({}, (replace(SPRAY, product="40%氧乐果乳油"),), "product_1"),
]


@pytest.mark.parametrize(("told", "advice", "field"), REFUSED)
def test_what_a_rule_refuses_is_told_beside_its_field_and_nothing_is_written(
    session, grower, expert, told, advice, field
):
    request = scheduled(session, grower, expert)
    before = counts(session)
    with pytest.raises(FieldRefused) as no:
        recording.record(session, expert, request.id, found(*advice, **told), now=make.NOW)
    assert no.value.field == field
    assert counts(session) == before
    assert request.state == State.SCHEDULED


def test_a_forbidden_product_is_named(session, grower, expert):
    request = scheduled(session, grower, expert)
    bad = replace(SPRAY, product="40%氧乐果乳油")
    with pytest.raises(FieldRefused) as no:
        recording.record(session, expert, request.id, found(bad), now=make.NOW)
    assert no.value.values == {"name": "氧乐果"}


def test_only_who_is_in_charge_writes_down_a_visit(session, grower, expert):
    request = scheduled(session, grower, expert)
    before = counts(session)
    for who in (
        grower,
        technician(session),
        technician(session, make.DADE),
        make.caller(session, Role.SECRETARY),
    ):
        with pytest.raises(NotVisible):
            recording.record(session, who, request.id, found(), now=make.NOW)
    assert counts(session) == before


def test_a_correction_keeps_the_old_values_and_moves_only_what_changed(session, grower, expert):
    request, _ = recorded(session, grower, expert, SPRAY, WATCH)
    prune = Advice("prune", TODAY + 9 * DAY)
    new = found(SPRAY, prune, diagnosis="rust_mite")
    kept = recording.correct(
        session, expert, request.id, new, version=1, now=make.NOW + 7 * DAY - timedelta(seconds=1)
    )
    assert (kept.diagnosis, kept.version) == ("rust_mite", 2)
    change = session.get_one(VisitRecordChange, (request.id, 2))
    assert json.loads(change.before)["diagnosis"] == "red_mite"
    assert json.loads(change.after)["advice"][1]["action"] == "prune"
    states = {task.occurrence: (task.state, task.reason) for task in tasks_of(session, request)}
    by_action = {
        row.action: row
        for row in session.exec(select(Prescription).where(Prescription.request_id == request.id))
    }
    assert states[by_action["spray"].id.hex] == (TaskState.OPEN, None)
    assert states[by_action["watch"].id.hex] == (TaskState.SKIPPED, Reason.PLAN_CHANGED)
    assert states[by_action["prune"].id.hex] == (TaskState.OPEN, None)
    assert [row.action for row in prescriptions(session, request)] == ["spray", "prune"]


def test_a_correction_of_an_older_version_or_after_7_days_is_refused(session, grower, expert):
    request, _ = recorded(session, grower, expert, SPRAY)
    new = found(WATCH)
    with pytest.raises(rules.CorrectTooLate):
        recording.correct(
            session,
            expert,
            request.id,
            new,
            version=1,
            now=make.NOW + 7 * DAY + timedelta(seconds=1),
        )
    with pytest.raises(Conflict):
        recording.correct(session, expert, request.id, new, version=2, now=make.NOW)
    with pytest.raises(NotVisible):
        recording.correct(session, technician(session), request.id, new, version=1, now=make.NOW)
    assert session.get_one(VisitRecord, request.id).version == 1


def test_a_report_is_read_by_both_sides_and_the_town_but_no_other_technician(
    session, grower, expert
):
    request, _ = recorded(session, grower, expert, SPRAY)
    secretary = make.caller(session, Role.SECRETARY)
    for who in (grower, expert, secretary):
        report = reports.report_for(session, who, request, make.NOW)
        assert [each.row.action for each in report.prescribed] == ["spray"]
    for who in (
        make.caller(session),
        technician(session),
        technician(session, make.DADE),
        make.caller(session, Role.SECRETARY, place=make.DADE),
    ):
        assert reports.report_for(session, who, request, make.NOW) is None
        assert not queries.may_read_report(session, who, request, make.NOW)


def test_the_grower_confirms_and_may_change_his_word(session, grower, expert):
    request, _ = recorded(session, grower, expert)
    for came in (True, True, False):
        kept = aftercare.confirm(session, grower, request.id, came=came, now=make.NOW)
    assert kept.came is False
    told = [event.text for event, *_ in queries.history_of(session, request.id)][-2:]
    assert told == ["came", "did_not_come"]
    for who in (make.caller(session), expert):
        with pytest.raises(NotVisible):
            aftercare.confirm(session, who, request.id, came=True, now=make.NOW)


def test_ratings_leave_no_event_and_are_hidden_below_five(session, expert):
    for n in range(5):
        total, faces = reports.faces_of(session, expert.account_id)
        assert (total, faces) == (n, None)
        grower = make.caller(session)
        request, _ = recorded_for(session, grower, expert)
        before = len(queries.history_of(session, request.id))
        aftercare.rate(session, grower, request.id, face=3 if n else 1, now=make.NOW)
        assert len(queries.history_of(session, request.id)) == before
    assert reports.faces_of(session, expert.account_id) == (5, {1: 1, 3: 4})
    with pytest.raises(NotVisible):
        aftercare.rate(session, expert, request.id, face=3, now=make.NOW)


def recorded_for(session, grower, expert):
    request = taken(session, grower, expert)
    return request, recording.record(session, expert, request.id, found(), now=make.NOW)


def test_nothing_is_confirmed_or_rated_before_there_is_a_record(session, grower, expert):
    request = scheduled(session, grower, expert)
    with pytest.raises(rules.NotNow):
        aftercare.confirm(session, grower, request.id, came=True, now=make.NOW)
    with pytest.raises(rules.NotNow):
        aftercare.rate(session, grower, request.id, face=3, now=make.NOW)


def follow(session, caller, row, outcome, why=None, *, now=make.NOW):
    return aftercare.follow_up(session, caller, row.id, outcome=outcome, why=why, now=now)


def adopted(session, caller, request) -> Outcome | None:
    return reports.report_for(session, caller, request, make.NOW).adoption


def test_what_the_grower_says_settles_his_task(session, grower, expert):
    request, _ = recorded(session, grower, expert, SPRAY, WATCH)
    spray, watch = prescriptions(session, request)
    assert adopted(session, grower, request) is None
    follow(session, grower, spray, Outcome.APPLIED)
    follow(session, grower, watch, Outcome.NOT, Why.LABOUR)
    first, second = tasks_of(session, request)
    assert first.state == TaskState.DONE
    assert (second.state, second.reason) == (TaskState.SKIPPED, Reason.NO_HANDS)
    assert adopted(session, grower, request) == Outcome.PARTLY


def test_a_tap_on_the_task_is_adoption_too_and_the_later_word_counts(session, grower, expert):
    request, _ = recorded(session, grower, expert, SPRAY)
    row = prescriptions(session, request)[0]
    key = tasks.prescription_key(request.plot_id, row.id)
    tasks.mark_done(session, grower, key, now=make.NOW)
    assert adopted(session, grower, request) == Outcome.APPLIED
    follow(session, expert, row, Outcome.NOT, Why.COST, now=make.NOW + DAY)
    assert adopted(session, grower, request) == Outcome.NOT
    assert tasks_of(session, request)[0].state == TaskState.DONE


def test_a_follow_up_of_the_technician_leaves_the_growers_task_to_him(session, grower, expert):
    request, _ = recorded(session, grower, expert, SPRAY)
    row = prescriptions(session, request)[0]
    follow(session, expert, row, Outcome.PARTLY, Why.WEATHER)
    follow(session, expert, row, Outcome.PARTLY, Why.WEATHER)
    assert tasks_of(session, request)[0].state == TaskState.OPEN
    assert adopted(session, expert, request) == Outcome.PARTLY
    texts = [event.text for event, *_ in queries.history_of(session, request.id)]
    assert texts.count("1 partly weather") == 1


def test_not_applied_wants_a_reason_and_strangers_say_nothing(session, grower, expert):
    request, _ = recorded(session, grower, expert, SPRAY)
    row = prescriptions(session, request)[0]
    with pytest.raises(FieldRefused) as no:
        follow(session, grower, row, Outcome.NOT)
    assert no.value.field == "why"
    for who in (make.caller(session), technician(session), make.caller(session, Role.SECRETARY)):
        with pytest.raises(NotVisible):
            follow(session, who, row, Outcome.APPLIED)
    assert row.outcome is None
    assert follow(session, grower, row, Outcome.APPLIED, Why.COST).why is None


def test_no_table_of_the_room_has_a_field_for_money():
    models = (VisitRequest, VisitRecord, Prescription)
    names = {column.name for model in models for column in model.__table__.columns}
    assert not {name for name in names if "fen" in name or "fee" in name or "pay" in name}


def test_who_is_sent_to_a_plot_reads_what_was_found_there_before(session, grower, expert):
    first, _ = recorded(session, grower, expert, SPRAY)
    plot = session.get_one(Plot, first.plot_id)
    second = ask(session, grower, plot, problem="fruit")
    other = technician(session)
    with pytest.raises(NotVisible):
        reports.earlier_on_plot(session, other, second.id, make.NOW)
    services.take(session, other, second.id, now=make.NOW)
    earlier = reports.earlier_on_plot(session, other, second.id, make.NOW)
    assert earlier == [(TODAY, "red_mite")]
    assert queries.plot_of_visit(session, other, second.id, make.NOW).id == plot.id
