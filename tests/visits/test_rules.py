"""The numbers of the room, and the rules that use them."""

from datetime import UTC, datetime, timedelta

import pytest

from orchard.errors import FieldRefused
from orchard.visits import catalogue, rules
from orchard.visits.rules import Outcome

NOW = datetime(2026, 11, 23, 0, 10, tzinfo=UTC)
A, P, N = Outcome.APPLIED, Outcome.PARTLY, Outcome.NOT


def test_the_problem_list_is_short_and_ends_with_i_do_not_know():
    codes = list(catalogue.problems())
    assert codes == ["yellow", "insects", "spots", "fruit", "twigs", "unknown"]
    assert all(0 <= each.harm <= 100 for each in catalogue.problems().values())
    assert all(len(each.icon) <= 300 for each in catalogue.problems().values())


def test_quarantine_organisms_are_to_be_reported():
    report = {code for code, each in catalogue.diagnoses().items() if each.report}
    assert report == {"psyllid", "huanglongbing", "canker"}
    assert all(each.source and each.confidence in "HML" for each in catalogue.diagnoses().values())


def test_the_service_runs_by_the_numbers_that_were_decided():
    kept = catalogue.service()
    assert (kept.double_within_days, kept.correct_within_days, kept.waiting_long_days) == (14, 7, 2)
    assert (kept.old_owner_reads_days, kept.faces_from, kept.visits_a_day) == (30, 5, 6)
    assert len(kept.denied) == 27


def test_a_point_of_harm_weighs_as_an_hour_of_waiting():
    assert rules.rank_at(NOW, 90) == NOW - timedelta(hours=90)


def test_every_action_stays_on_time_before_its_time_is_over():
    for action in catalogue.actions().values():
        assert 0 < action.on_time_days <= action.until_days


@pytest.mark.parametrize(
    ("used", "slot"), [([], 1), ([1], 2), ([2, 3], 1), ([1, 2, 4], 3), ([1, 2, 3, 4, 5], 6)]
)
def test_the_first_free_place_of_a_day_is_taken(used, slot):
    assert rules.free_slot(used, 6) == slot


def test_a_full_day_refuses():
    with pytest.raises(FieldRefused):
        rules.free_slot([1, 2, 3, 4, 5, 6], 6)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], None),
        ([None], None),
        ([A, None], None),
        ([A], A),
        ([A, A], A),
        ([N, N], N),
        ([A, N], P),
        ([A, P], P),
        ([P], P),
    ],
)
def test_a_visits_advice_counts_as_applied_when_all_of_it_was(verdicts, expected):
    assert rules.adoption(verdicts) == expected


@pytest.mark.parametrize(
    ("outcome", "followed", "done", "left_out", "settled", "expected"),
    [
        (None, None, False, False, None, None),
        (None, None, True, False, NOW, A),
        (None, None, False, True, NOW, N),
        (P, NOW, False, False, None, P),
        (P, NOW, True, False, NOW, P),
        (N, NOW, True, False, NOW + timedelta(1), A),
        (N, NOW + timedelta(1), True, False, NOW, N),
    ],
)
def test_the_later_of_follow_up_and_tap_counts(
    outcome, followed, done, left_out, settled, expected
):
    found = rules.verdict(outcome, followed, is_done=done, is_left_out=left_out, settled_at=settled)
    assert found == expected
