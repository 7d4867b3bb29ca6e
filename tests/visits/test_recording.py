"""What was found and prescribed: written down, corrected, and read by whom."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import func, select

from orchard.accounts.rules import Role
from orchard.errors import Conflict, FieldRefused, NotVisible
from orchard.plots.models import Plot
from orchard.tasks.models import Reason, Source, Task
from orchard.tasks.models import State as TaskState
from orchard.tasks.queries import own_task_list
from orchard.visits import queries, recording, reports, rules, services, sight
from orchard.visits.models import Prescription, VisitRecord, VisitRecordChange, VisitRequest
from orchard.visits.recording import Advice
from orchard.visits.rules import State
from tests import make
from tests.visits.asking import (
    DAY,
    SPRAY,
    TODAY,
    WATCH,
    ask,
    found,
    prescriptions,
    recorded,
    scheduled,
    taken,
    tasks_of,
    technician,
)


def counts(session) -> tuple[int, ...]:
    models = (VisitRecord, VisitRecordChange, Prescription, Task)
    return tuple(session.exec(select(func.count()).select_from(each)).one() for each in models)


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
    lines, _ = own_task_list(session, grower, TaskState.OPEN, page=1, today=TODAY, now=make.NOW)
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
        assert not sight.may_read_report(session, who, request, make.NOW)


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
