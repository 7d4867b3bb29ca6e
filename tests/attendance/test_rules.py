"""Seven days, three temperatures: the boundaries exactly."""

from datetime import date, timedelta

import pytest

from orchard.attendance import rules
from orchard.attendance.rules import HALF, NONE, WHOLE, HeatRule
from orchard.errors import FieldRefused, Refused

DAY = date(2026, 11, 16)


@pytest.mark.parametrize(("after", "late"), [(0, False), (6, False), (7, False), (8, True)])
def test_a_day_is_corrected_for_seven_days_and_is_late_from_the_eighth(after, late):
    assert rules.is_late(DAY, DAY + timedelta(after)) is late


def test_only_a_late_correction_needs_a_reason():
    rules.check_reason(DAY, DAY + timedelta(7), "")
    rules.check_reason(DAY, DAY + timedelta(8), "记错了")
    with pytest.raises(FieldRefused) as no:
        rules.check_reason(DAY, DAY + timedelta(8), "")
    assert no.value.field == "reason"


def test_tomorrow_is_refused_and_today_is_not():
    rules.check_day(DAY, DAY)
    with pytest.raises(rules.FutureDay):
        rules.check_day(DAY + timedelta(1), DAY)


def test_the_first_and_last_day_belong_to_a_hire_and_their_neighbours_do_not():
    first, last = DAY, DAY + timedelta(5)
    for day in (first, last):
        rules.check_hired(day, first, last)
    rules.check_hired(last + timedelta(300), first, None)
    for day in (first - timedelta(1), last + timedelta(1)):
        with pytest.raises(rules.OutsideHire):
            rules.check_hired(day, first, last)


@pytest.mark.parametrize(
    ("high", "rule"),
    [
        (None, None),
        (34.9, None),
        (35.0, HeatRule.SHORTEN),
        (36.9, HeatRule.SHORTEN),
        (37.0, HeatRule.SIX_HOURS),
        (39.9, HeatRule.SIX_HOURS),
        (40.0, HeatRule.STOP),
        (43.1, HeatRule.STOP),
    ],
)
def test_heat_shortens_limits_and_stops_work_at_its_limits(high, rule):
    assert rules.heat_rule(high, date(2022, 8, 20)) == rule


def _heat(rule, before, after, overruled=False):
    rules.check_heat(rule, before=before, after=after, overruled=overruled, high_c=41.2)


def test_a_stopped_day_cannot_be_ticked_but_what_stands_may_stay_or_be_lowered():
    for before, after in ((NONE, HALF), (NONE, WHOLE), (HALF, WHOLE)):
        with pytest.raises(rules.TooHot) as no:
            _heat(HeatRule.STOP, before, after, overruled=True)
        assert no.value.values == {"high": 41}
    for before, after in ((WHOLE, WHOLE), (WHOLE, HALF), (HALF, NONE)):
        _heat(HeatRule.STOP, before, after)


def test_six_hours_ask_for_a_reason_for_whole_days_only():
    with pytest.raises(FieldRefused) as no:
        _heat(HeatRule.SIX_HOURS, NONE, WHOLE)
    assert no.value.field == "overrule"
    _heat(HeatRule.SIX_HOURS, NONE, WHOLE, overruled=True)
    _heat(HeatRule.SIX_HOURS, NONE, HALF)
    for rule in (HeatRule.SHORTEN, None):
        _heat(rule, NONE, WHOLE)


def test_heat_is_a_rule_for_work_outdoors():
    assert rules.is_outdoor("picking") and rules.is_outdoor("other")
    assert not rules.is_outdoor("sewing") and not rules.is_outdoor("processing")


def test_every_number_has_a_source_and_a_confidence():
    for group in ("correct", "heat"):
        row = rules._table()[group]
        assert row["source"] and row["unit"] and row["confidence"] in "HMLG"
    assert (rules.correct_within(), rules.most_hours(), rules.hottest_hours()) == (7, 6, 3)
    assert issubclass(rules.TooHot, Refused)
