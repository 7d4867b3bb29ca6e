"""Frost, heat, age, waits and the numbers behind them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orchard import words
from orchard.weather import rules, thresholds
from orchard.weather.rules import AgeState, NoForecast, Reason, age_of, frost_levels, heat_level

ON = date(2026, 11, 23)
NOW = datetime(2026, 11, 22, 16, 10, tzinfo=UTC)
FROST, HEAT = rules.frost_limits(ON), rules.heat_limits(ON)


def test_every_number_has_unit_source_confidence_and_a_first_day():
    rows = thresholds.thresholds()
    assert len(rows) > 70
    assert all(row.unit and row.source and row.source_zh and row.confidence for row in rows)


def test_the_newest_row_in_force_wins_and_the_first_holds_before_it(monkeypatch):
    old = thresholds.Threshold("frost.one_c", 0.0, "°C", "a", "a", "H", date(2026, 1, 1))
    new = thresholds.Threshold("frost.one_c", 0.5, "°C", "b", "b", "H", date(2026, 6, 1))
    monkeypatch.setattr(thresholds, "thresholds", lambda: (new, old))
    thresholds.in_force.cache_clear()
    days = (date(2025, 1, 1), date(2026, 5, 31), date(2026, 6, 1))
    found = [thresholds.in_force(day)["frost.one_c"].value for day in days]
    thresholds.in_force.cache_clear()
    assert found == [0.0, 0.0, 0.5]


@pytest.mark.parametrize(
    "wrong",
    [
        'value = "2"\nunit = "h"\nsource = "a"\nconfidence = "H"',
        'value = true\nunit = "h"\nsource = "a"\nconfidence = "H"',
        'value = 2\nunit = ""\nsource = "a"\nconfidence = "H"',
        'value = 2\nunit = "h"\nsource = ""\nconfidence = "H"',
        'value = 2\nunit = "h"\nsource = "a"\nconfidence = "X"',
    ],
)
def test_a_number_without_its_facts_stops_the_program(tmp_path, monkeypatch, wrong):
    file = tmp_path / "thresholds.toml"
    file.write_text(
        f'[[threshold]]\ncode = "x"\nsource_zh = "a"\nvalid_from = 2026-01-01\n{wrong}\n', "utf-8"
    )
    monkeypatch.setattr(thresholds, "FILE", file)
    with pytest.raises(ValueError, match="thresholds.toml"):
        thresholds.thresholds.__wrapped__()


def test_a_group_with_a_missing_row_is_refused():
    with pytest.raises(ValueError, match="differ"):
        thresholds.group(rules.Frost, "heat", ON)


@pytest.mark.parametrize(
    ("temps", "levels"),
    [
        ([2.1], [None]),
        ([2.0], [0]),
        ([0.1], [0]),
        ([0.0], [1]),
        ([-2.0], [1]),
        ([-2.0, -2.0], [2, 2]),
        ([-1.9, -1.9, -1.9], [1, 1, 1]),
        ([-2.0, -1.9, -2.0], [1, 1, 1]),
        ([-2.2, -2.2, -2.2], [2, 2, 2]),
        ([-2.2, -2.2, -2.2, -2.2], [3, 3, 3, 3]),
        ([-2.1, -2.2, -2.2, -2.2], [2, 2, 2, 2]),
        ([-3.9], [1]),
        ([-4.0], [3]),
        ([1.0, -4.5, 1.0], [0, 3, 0]),
        ([None], [None]),
        ([-2.0, None, -2.0], [1, None, 1]),
        ([-2.2, -2.2, None, -2.2, -2.2], [2, 2, None, 2, 2]),
    ],
)
def test_frost_is_graded_by_degrees_and_hours_in_a_row(temps, levels):
    assert frost_levels(temps, FROST) == levels


@pytest.mark.parametrize(
    ("high", "level"),
    [(None, None), (34.9, None), (35, 1), (36.9, 1), (37, 2), (39.9, 2), (40, 3)],
)
def test_heat_is_graded_by_the_highest_temperature(high, level):
    assert heat_level(high, HEAT) == level


@pytest.mark.parametrize(
    ("hours", "state", "told"),
    [
        (0, AgeState.FRESH, ("minutes", 0)),
        (2.99, AgeState.FRESH, ("hours", 2)),
        (3, AgeState.STRESSED, ("hours", 3)),
        (23.99, AgeState.STRESSED, ("hours", 23)),
        (24, AgeState.GREY, ("hours", 24)),
        (71.99, AgeState.GREY, ("days", 2)),
        (72, AgeState.SILENT, ("days", 3)),
        (-5, AgeState.FRESH, ("minutes", 0)),
    ],
)
def test_the_age_of_a_forecast_decides_what_it_may_still_say(hours, state, told):
    age = age_of(NOW - timedelta(hours=hours), NOW)
    assert (age.state, (age.unit, age.n)) == (state, told)
    assert age.advises == (hours < 72)


def test_without_a_forecast_nothing_is_advised():
    assert age_of(None, NOW).state == AgeState.NONE
    assert not age_of(None, NOW).advises


@pytest.mark.parametrize(
    ("given", "wanted", "add"), [(300, 400, -0.65), (850, 750, 0.65), (None, 400, 0), (300, 300, 0)]
)
def test_a_hundred_metres_higher_is_065_degrees_colder(given, wanted, add):
    assert rules.correction_c(given, wanted, ON) == pytest.approx(add)


@pytest.mark.parametrize(
    ("failures", "least", "most"), [(1, 60, 90), (2, 300, 450), (3, 900, 1350), (4, 3600, 5400)]
)
def test_tries_are_spread_over_1_5_15_and_60_minutes(failures, least, most):
    refusal = NoForecast(Reason.TRANSPORT)
    waits = [rules.wait_s(refusal, failures, NOW, jitter) for jitter in (0, 0.999)]
    assert waits[0] == least
    assert least < waits[1] <= most


def test_after_many_failures_the_wait_stays_at_an_hour():
    assert rules.wait_s(NoForecast(Reason.DEADLINE), 40, NOW, 0) == 3600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("21601", 21600),
        ("0", None),
        ("-5", None),
        ("", None),
        (None, None),
        ("soon", None),
        ("٣", None),
        ("9" * 5000, 21600),
        ("Sun, 22 Nov 2026 16:20:00 GMT", 600),
        ("Sun, 22 Nov 2026 16:00:00 GMT", None),
        ("Sun, 22 Nov 99999 16:00:00 GMT", None),
    ],
)
def test_a_server_may_ask_for_a_wait_of_at_most_six_hours(header, seconds):
    assert rules.retry_after_s(header, NOW) == seconds


def test_a_short_retry_after_still_waits_a_minute():
    refusal = NoForecast(Reason.STATUS, status=429, retry_after="3")
    assert rules.wait_s(refusal, 1, NOW, 0.5) == 60


@pytest.mark.parametrize(
    ("reason", "status", "alarm", "ends"),
    [
        (Reason.STATUS, 401, True, True),
        (Reason.STATUS, 404, True, True),
        (Reason.TLS, None, True, True),
        (Reason.STATUS, 429, False, True),
        (Reason.STATUS, 400, False, False),
        (Reason.DEADLINE, None, False, True),
        (Reason.NOT_JSON, None, False, False),
    ],
)
def test_only_what_waiting_cannot_cure_alarms_staff(reason, status, alarm, ends):
    refusal = NoForecast(reason, status=status)
    assert (refusal.is_alarm, refusal.ends_round) == (alarm, ends)


@pytest.mark.parametrize(
    ("failures", "detail", "size"),
    [
        (0, "", 100),
        (3, "503", 100),
        (1, "400 x", 25),
        (2, "400 x", 6),
        (3, "400", 1),
        (9, "400", 1),
    ],
)
def test_a_refused_question_is_asked_again_in_smaller_parts(failures, detail, size):
    assert rules.cells_together(failures, detail) == size


def test_of_a_foreign_reason_only_500_characters_are_kept():
    assert len(NoForecast(Reason.STATUS, "长" * 50_000).detail) == 500


def test_every_reason_has_a_sentence_in_both_languages():
    for reason in Reason:
        assert all(words.text(locale, f"weather.reason.{reason}") for locale in words.LOCALES)
