"""Quiet hours, tries and frost levels."""

from datetime import date, time, timedelta

import pytest

from orchard.reminders import rules
from orchard.reminders.rules import FROST, Kind
from tests.make import NOW


@pytest.mark.parametrize("hour", [time(0), time(6, 59, 59), time(21), time(23, 59)])
def test_at_night_only_frost_is_sent(hour):
    assert rules.kinds_for(hour) == FROST


@pytest.mark.parametrize("hour", [time(7), time(12), time(20, 59, 59)])
def test_by_day_everything_is_sent(hour):
    assert rules.kinds_for(hour) == frozenset(Kind)


def test_a_failed_message_is_tried_for_four_hours_and_no_longer():
    waits = [rules.next_try_at(tries, NOW) for tries in range(1, 50)]
    assert set(waits[:48]) == {NOW + timedelta(minutes=5)}
    assert waits[48] is None
    assert timedelta(hours=4) == 48 * rules.RETRY_EVERY


def test_a_morning_tells_of_48_hours_and_not_of_more():
    assert rules.first_owed(date(2026, 3, 1)) == date(2026, 2, 27)


@pytest.mark.parametrize(
    ("level", "told", "is_told"),
    [
        (0, [], False),
        (1, [], True),
        (1, [1], False),
        (2, [1], True),
        (1, [2], False),
        (3, [0, 2], True),
    ],
)
def test_only_a_rise_of_the_frost_level_is_told(level, told, is_told):
    assert rules.rises(level, told) is is_told


def test_each_frost_level_has_its_kind():
    assert [rules.frost_kind(level).frost_level for level in (1, 2, 3)] == [1, 2, 3]
    assert Kind.MORNING.frost_level == 0
