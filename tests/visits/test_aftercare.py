"""After the visit: what the grower confirms, says about it, and does as prescribed."""

import pytest

from orchard.accounts.rules import Role
from orchard.errors import FieldRefused, NotVisible
from orchard.tasks import services as tasks
from orchard.tasks.models import Reason
from orchard.tasks.models import State as TaskState
from orchard.visits import aftercare, queries, recording, reports, rules
from orchard.visits.rules import Outcome, Why
from tests import make
from tests.visits.asking import (
    DAY,
    SPRAY,
    WATCH,
    found,
    prescriptions,
    recorded,
    scheduled,
    taken,
    tasks_of,
    technician,
)


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
