"""The calendar by its numbers: windows, turns, shifts, limits."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchard.plots.rules import late_varieties
from orchard.tasks import rules
from orchard.tasks.rules import OutsideLimits, UndoTooLate, calendar, codes_on, turns_between

ROWS = calendar().rows
AUTUMN = date(2026, 11, 24)


def planned(code, today, days=60, *, shift_days=0, late=False):
    until = today + timedelta(days)
    return list(
        turns_between(ROWS[code], today, until, shift_days=shift_days, is_late_variety=late)
    )


def first_of(code, year, shift_days=0):
    row = ROWS[code]
    return next(rules.turns(row, row.windows[0], year, shift_days))


# One line of agronomy 2.3 each: code, window, longest interval, most turns.
TABLE = [
    ("QY1", "12-10", "01-31", 0, 0),
    ("QY2", "02-15", "03-05", 0, 0),
    ("XJ1", "01-05", "03-05", 0, 0),
    ("FM", "02-15", "03-10", 0, 0),
    ("HQ", "03-20", "04-08", 0, 0),
    ("BH", "04-20", "05-31", 15, 2),
    ("WG", "05-10", "06-15", 0, 0),
    ("MS", "05-20", "07-15", 10, 0),
    ("PS", "05-01", "07-15", 0, 0),
    ("DSY1", "04-25", "07-15", 7, 0),
    ("ZG", "06-25", "07-20", 0, 0),
    ("FS", "07-20", "08-10", 0, 0),
    ("KH", "07-01", "09-15", 0, 0),
    ("FL", "08-15", "10-15", 0, 0),
    ("TD", "08-20", "10-31", 0, 0),
    ("DSY2", "09-10", "11-30", 5, 0),
    ("CG", "10-15", "11-30", 0, 0),
    ("FD", "12-01", "02-28", 0, 0),
    ("LS", "11-20", "02-28", 30, 3),
]


@pytest.mark.parametrize(("code", "opens", "closes", "every", "times"), TABLE)
def test_each_row_stands_as_in_the_agronomy_table(code, opens, closes, every, times):
    row = ROWS[code]
    window = row.windows[0]
    shown = [f"{month:02}-{day:02}" for month, day in (window.opens, window.closes)]
    assert (shown, row.every_days[1], row.times[1]) == ([opens, closes], every, times)


def test_the_calendar_holds_every_row_of_the_table_and_picking():
    assert set(ROWS) == {line[0] for line in TABLE} | {"CS"}


def test_every_row_names_source_confidence_and_version():
    assert all(row.source and row.confidence in "HML" and row.gate for row in ROWS.values())
    assert calendar().version and calendar().valid_from == date(2026, 11, 1)


def test_rows_of_confidence_l_and_of_the_balance_are_off_until_switched():
    off = set(ROWS) - codes_on({})
    assert off == {"FM", "WG", "ZG", "TD", "CG", "LS", "FL", "KH", "CS"}


def test_a_town_switches_only_what_may_be_switched():
    on = codes_on({"FM": True, "QY1": False, "KH": True, "CS": True})
    assert "FM" in on and not {"QY1", "KH", "CS", "SHIFT"} & on


def test_a_window_over_new_year_belongs_to_the_year_it_opens_in():
    (turn,) = planned("QY1", date(2027, 1, 20))
    assert (turn.occurrence, turn.window_to) == ("2026-1", date(2027, 1, 31))


def test_a_dated_row_is_on_time_until_its_window_ends():
    turn = first_of("XJ1", 2027)
    assert (turn.due_on, turn.late_after) == (date(2027, 1, 5), date(2027, 3, 5))


def test_a_window_is_open_on_both_its_ends_and_not_the_day_after():
    assert planned("QY2", date(2027, 3, 5), 0)
    assert planned("QY2", date(2027, 2, 15), 0)
    assert not planned("QY2", date(2027, 3, 6), 0)
    assert not planned("QY2", date(2027, 2, 14), 0)


def test_turns_run_over_a_leap_day_in_whole_days():
    turns = list(rules.turns(ROWS["LS"], ROWS["LS"].windows[0], 2027))
    assert [t.due_on for t in turns] == [date(2027, 11, 20), date(2027, 12, 20), date(2028, 1, 19)]
    assert turns[-1].window_to == date(2028, 2, 28)
    assert first_of("QY2", 2028, shift_days=14).due_on == date(2028, 2, 29)


def test_bait_comes_every_seven_days_to_the_end_of_the_window():
    turns = list(rules.turns(ROWS["DSY1"], ROWS["DSY1"].windows[0], 2026))
    gaps = {b.due_on - a.due_on for a, b in zip(turns, turns[1:], strict=False)}
    assert (len(turns), gaps) == (12, {timedelta(7)})
    assert turns[-1].due_on == date(2026, 7, 11) and turns[-1].window_to == date(2026, 7, 15)


def test_a_turn_ends_the_day_before_the_next_begins():
    first, second = list(rules.turns(ROWS["BH"], ROWS["BH"].windows[0], 2026))
    assert (first.window_to, second.due_on) == (date(2026, 5, 4), date(2026, 5, 5))
    assert second.window_to == date(2026, 5, 31)


def test_a_turn_whose_time_has_begun_is_due_today_and_not_late():
    turn = planned("DSY2", date(2026, 11, 26))[0]
    assert (turn.occurrence, turn.due_on, turn.late_after) == (
        "2026-16",
        date(2026, 11, 26),
        date(2026, 11, 26),
    )


def test_sixty_days_reach_as_far_as_the_sixtieth_day():
    opens = date(2027, 1, 5)
    assert planned("XJ1", opens - timedelta(60))
    assert not planned("XJ1", opens - timedelta(61))


@pytest.mark.parametrize(
    ("shift", "elevation", "days"),
    [
        ("general", 150, 0),
        ("general", 400, 0),
        ("general", 412, 0),
        ("general", 413, 1),
        ("general", 500, 4),
        ("general", 900, 20),
        ("fly", 400, 0),
        ("fly", 406, 0),
        ("fly", 407, 1),
        ("fly", 500, 7),
        ("fly", 900, 36),
    ],
)
def test_height_shifts_in_whole_days_above_400_metres(shift, elevation, days):
    assert calendar().shifts[shift].days(elevation) == days


def test_the_shift_moves_the_whole_window():
    turn = first_of("DSY1", 2026, shift_days=calendar().shifts["fly"].days(900))
    assert turn.due_on == date(2026, 5, 31)


def test_only_the_fly_has_its_own_shift():
    assert {code for code, row in ROWS.items() if row.shift == "fly"} == {"DSY1"}
    shifts = calendar().shifts
    assert (shifts["fly"].confidence, shifts["general"].confidence) == ("H", "L")


def test_bags_and_keeping_on_the_tree_are_for_late_varieties_only():
    assert not planned("LS", AUTUMN) and planned("LS", AUTUMN, late=True)
    assert not planned("TD", date(2026, 8, 20)) and planned("TD", date(2026, 8, 20), late=True)


def test_late_varieties_are_fed_after_picking():
    (early,) = planned("CG", date(2026, 10, 15))
    (late,) = planned("CG", date(2026, 3, 1), late=True)
    assert (early.window_to, late.window_to) == (date(2026, 11, 30), date(2026, 5, 31))


def test_the_varieties_of_the_late_group_are_those_that_hang_over_winter():
    assert {"chunjin", "tarocco", "lane_late", "murcott", "wogan"} <= late_varieties()
    assert not {"navel", "satsuma"} & late_varieties()


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_a_frost_night_is_due_the_day_before_it_and_worse_ones_weigh_more(level):
    turn = rules.frost_turn(ROWS["FD"], date(2026, 11, 26), level, AUTUMN)
    assert turn is not None
    assert (turn.occurrence, turn.due_on, turn.window_to) == (
        "2026-11-26",
        date(2026, 11, 25),
        date(2026, 11, 25),
    )
    assert turn.harm == 97 + level


@pytest.mark.parametrize(("on", "level"), [(24, 3), (23, 3), (28, 3), (26, None)])
def test_no_frost_task_for_a_night_begun_too_far_ahead_or_mild(on, level):
    assert rules.frost_turn(ROWS["FD"], date(2026, 11, on), level, AUTUMN) is None


def test_frost_counts_outside_its_usual_months_too():
    assert rules.frost_turn(ROWS["FD"], date(2026, 3, 20), 1, date(2026, 3, 18))


@pytest.mark.parametrize(
    ("on", "mm", "is_task"),
    [
        (date(2026, 6, 2), 50.0, True),
        (date(2026, 6, 2), 49.9, False),
        (date(2026, 6, 4), 80.0, True),
        (date(2026, 6, 5), 80.0, False),
    ],
)
def test_fifty_millimetres_in_a_day_within_three_days_ask_for_ditches(on, mm, is_task):
    turn = rules.rain_turn(ROWS["PS"], on, mm, date(2026, 6, 1))
    assert (turn is not None) == is_task
    assert turn is None or turn.window_to == on + timedelta(1)


def test_heavy_rain_outside_the_rainy_season_is_no_task():
    assert rules.rain_turn(ROWS["PS"], date(2026, 9, 2), 80.0, date(2026, 9, 1)) is None


@pytest.mark.parametrize(("day", "may"), [(24, False), (25, True), (28, True), (29, False)])
def test_a_task_is_put_off_to_a_day_after_today_within_its_window(day, may):
    ends = date(2026, 11, 28)
    if may:
        rules.check_postponed_to(date(2026, 11, day), window_to=ends, today=AUTUMN)
        return
    with pytest.raises(OutsideLimits):
        rules.check_postponed_to(date(2026, 11, day), window_to=ends, today=AUTUMN)


def test_a_tap_is_taken_back_until_24_hours_and_not_a_minute_longer():
    tapped = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    rules.check_undo(tapped, now=tapped + timedelta(hours=23, minutes=59))
    rules.check_undo(tapped, now=tapped + timedelta(hours=24))
    with pytest.raises(UndoTooLate):
        rules.check_undo(tapped, now=tapped + timedelta(hours=24, minutes=1))


def test_a_task_put_off_is_late_from_the_day_after_that_day():
    assert rules.late_days(AUTUMN, AUTUMN + timedelta(2), AUTUMN + timedelta(2)) == 0
    assert rules.late_days(AUTUMN, AUTUMN + timedelta(2), AUTUMN + timedelta(5)) == 3
    assert rules.late_days(AUTUMN, None, AUTUMN + timedelta(1)) == 1
