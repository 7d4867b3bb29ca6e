"""Hours fit for spraying: each limit from both sides, the order of reasons, the unknown."""

from datetime import date
from pathlib import Path

import pytest

from orchard.weather import bar, spray
from orchard.weather.bar import Verdict, Why

WINTER, SUMMER = date(2026, 11, 23), date(2026, 7, 1)
FIT = {"temp": 20.0, "rh": 60.0, "precipitation": 0.0, "probability": 0.0, "wind": 2.0, "gust": 4.0}


def said(hour: int = 10, on: date = WINTER, length: int = 48, **changes) -> tuple[Verdict, Why]:
    """Judge one hour of fit weather with some values changed: {name: value or {hour: value}}."""
    series = {name: [value] * length for name, value in FIT.items()}
    for name, change in changes.items():
        if isinstance(change, dict):
            for at, value in change.items():
                series[name][at] = value
        else:
            series[name] = [change] * length
    told = spray.scores(spray.Hours(**series), on, [hour])[0]
    return tuple(spray.finding(max(told)))


def test_fit_weather_is_good():
    assert said() == (Verdict.GOOD, Why.NOTHING)


@pytest.mark.parametrize(
    ("name", "value", "verdict", "why"),
    [
        ("wind", 0.99, Verdict.MARGINAL, Why.CALM),
        ("wind", 1.0, Verdict.GOOD, Why.NOTHING),
        ("wind", 3.3, Verdict.GOOD, Why.NOTHING),
        ("wind", 11.88 * (1 / 3.6), Verdict.GOOD, Why.NOTHING),
        ("wind", 3.31, Verdict.MARGINAL, Why.WIND),
        ("wind", 4.0, Verdict.MARGINAL, Why.WIND),
        ("wind", 4.01, Verdict.NO, Why.WIND),
        ("gust", 5.99, Verdict.GOOD, Why.NOTHING),
        ("gust", 6.0, Verdict.MARGINAL, Why.GUST),
        ("gust", 8.0, Verdict.MARGINAL, Why.GUST),
        ("gust", 8.01, Verdict.NO, Why.GUST),
        ("temp", 4.99, Verdict.NO, Why.COLD),
        ("temp", 10.0, Verdict.GOOD, Why.NOTHING),
        ("temp", 28.0, Verdict.GOOD, Why.NOTHING),
        ("temp", 28.1, Verdict.MARGINAL, Why.HOT),
        ("temp", 30.0, Verdict.MARGINAL, Why.HOT),
        ("temp", 30.1, Verdict.NO, Why.HOT),
        ("rh", 45.0, Verdict.GOOD, Why.NOTHING),
        ("rh", 90.0, Verdict.MARGINAL, Why.DELTA_LOW),
        ("rh", 95.1, Verdict.NO, Why.DAMP),
        ("probability", 59.9, Verdict.GOOD, Why.NOTHING),
        ("probability", 60.0, Verdict.NO, Why.RAIN_LIKELY),
        ("precipitation", 0.09, Verdict.GOOD, Why.NOTHING),
        ("precipitation", 0.1, Verdict.NO, Why.RAIN),
    ],
)
def test_each_limit_belongs_to_its_better_side(name, value, verdict, why):
    assert said(**{name: value}) == (verdict, why)


@pytest.mark.parametrize(
    ("rh", "verdict"),
    [
        (34.9, "NO"),
        (35, "MARGINAL"),
        (44.9, "MARGINAL"),
        (45, "GOOD"),
        (90, "GOOD"),
        (90.1, "MARGINAL"),
        (95, "MARGINAL"),
        (95.1, "NO"),
    ],
)
def test_humidity_has_margins_on_both_sides(rh, verdict):
    series = {name: [value] * 24 for name, value in {**FIT, "rh": rh}.items()}
    told = spray.scores(spray.Hours(**series), WINTER, [10])[0]
    assert spray.finding(told[4]).verdict == Verdict[verdict]


@pytest.mark.parametrize(
    ("delta", "verdict"),
    [
        (1.99, "MARGINAL"),
        (2, "GOOD"),
        (8, "GOOD"),
        (8.01, "MARGINAL"),
        (10, "MARGINAL"),
        (10.1, "NO"),
    ],
)
def test_delta_t_between_2_and_8_is_good(delta, verdict, monkeypatch):
    monkeypatch.setattr(spray, "delta_t", lambda temp, rh: delta)
    assert said()[0] == Verdict[verdict]


@pytest.mark.parametrize(
    ("temp", "rh", "delta"), [(20, 50, 6.3), (30, 30, 11.6), (15, 90, 1.0), (25, 60, 5.5)]
)
def test_delta_t_agrees_with_the_psychrometric_chart(temp, rh, delta):
    assert spray.delta_t(temp, rh) == pytest.approx(delta, abs=0.5)


@pytest.mark.parametrize(
    ("at", "verdict", "why"),
    [
        (9, Verdict.GOOD, Why.NOTHING),
        (10, Verdict.NO, Why.RAIN),
        (11, Verdict.NO, Why.RAIN),
        (12, Verdict.NO, Why.RAIN_SOON),
        (13, Verdict.MARGINAL, Why.RAIN_LATER),
        (16, Verdict.MARGINAL, Why.RAIN_LATER),
        (17, Verdict.GOOD, Why.NOTHING),
    ],
)
def test_rain_of_the_hour_before_a_stamp_counts_from_then(at, verdict, why):
    assert said(precipitation={at: 0.5}) == (verdict, why)


def test_likely_rain_counts_for_two_hours_only():
    assert said(probability={12: 70.0})[1] == Why.RAIN_LIKELY
    assert said(probability={13: 70.0})[1] == Why.NOTHING


@pytest.mark.parametrize(
    ("hour", "summer", "winter"),
    [
        (4, Verdict.NO, Verdict.NO),
        (5, Verdict.GOOD, Verdict.GOOD),
        (8, Verdict.GOOD, Verdict.GOOD),
        (9, Verdict.MARGINAL, Verdict.GOOD),
        (10, Verdict.NO, Verdict.GOOD),
        (14, Verdict.NO, Verdict.GOOD),
        (15, Verdict.MARGINAL, Verdict.GOOD),
        (16, Verdict.GOOD, Verdict.GOOD),
        (19, Verdict.GOOD, Verdict.GOOD),
        (20, Verdict.NO, Verdict.NO),
        (23, Verdict.NO, Verdict.NO),
    ],
)
def test_the_clock_forbids_night_and_summer_midday(hour, summer, winter):
    assert (said(hour, SUMMER)[0], said(hour, WINTER)[0]) == (summer, winter)


@pytest.mark.parametrize(("month", "verdict"), [(5, "GOOD"), (6, "NO"), (8, "NO"), (9, "GOOD")])
def test_summer_is_june_to_august(month, verdict):
    assert said(12, date(2026, month, 15))[0] == Verdict[verdict]


def test_the_month_is_that_of_the_hour_not_of_the_first_day():
    assert said(12, date(2026, 8, 31))[1] == Why.MIDDAY
    assert said(36, date(2026, 8, 31))[1] == Why.NOTHING


def test_of_equally_bad_reasons_the_first_in_the_order_is_told():
    assert said(wind=5.0, gust=9.0, temp=2.0)[1] == Why.WIND
    assert said(gust=9.0, temp=2.0, precipitation=1.0)[1] == Why.GUST
    assert said(wind=0.5, temp=2.0)[1] == Why.COLD


@pytest.mark.parametrize("name", FIT)
def test_an_unknown_value_is_never_good(name):
    assert said(**{name: None}) == (Verdict.UNKNOWN, Why.UNKNOWN)


def test_what_is_known_to_be_bad_outweighs_the_unknown():
    assert said(temp=None, wind=5.0) == (Verdict.NO, Why.WIND)
    assert said(temp=None, wind=0.5)[0] == Verdict.UNKNOWN


def test_hours_whose_rest_lies_beyond_the_forecast_are_unknown():
    assert said(17, length=24)[0] == Verdict.GOOD
    assert said(18, length=24)[0] == Verdict.UNKNOWN


def test_copper_and_oil_need_a_dry_day():
    limits = spray.spray_limits(WINTER)
    dry = [False] * 48
    assert spray.stays_dry(dry, 10, limits) is True
    assert spray.stays_dry([*dry[:34], True, *dry[35:]], 10, limits) is False
    assert spray.stays_dry([*dry[:34], None, *dry[35:]], 10, limits) is None
    assert spray.stays_dry(dry, 30, limits) is None


@pytest.mark.parametrize(
    ("letters", "verdict"),
    [
        ("ggg", "g"),
        ("ggm", "m"),
        ("nng", "m"),
        ("mnn", "m"),
        ("nnn", "n"),
        ("nnu", "u"),
        ("uug", "m"),
    ],
)
def test_a_block_is_good_only_if_every_hour_is(letters, verdict):
    assert bar.blocks(letters, 5) == [(5, Verdict(verdict))]


@pytest.mark.parametrize(
    ("letters", "from_hour", "best"),
    [
        ("nnggnnn", 0, (7, 9)),
        ("gnggngg", 0, (7, 9)),
        ("gnggngg", 9, (10, 12)),
        ("ggggggg", 8, (8, 12)),
        ("nnnnnnn", 0, None),
        ("mmuummn", 0, None),
    ],
)
def test_the_best_time_is_the_longest_good_stretch_not_past(letters, from_hour, best):
    assert bar.best_window(letters, 5, from_hour) == best


def test_the_main_reason_rules_most_hours():
    assert bar.main_reason("--wwgg") == Why.WIND
    assert bar.main_reason("-wggg") == Why.GUST
    assert bar.main_reason("---") == Why.NOTHING


def test_every_reason_has_a_sentence_and_a_letter_of_its_own():
    assert len({why.value for why in Why}) == len(Why)
    catalogue = Path(__file__).parents[2] / "orchard/translations/en/LC_MESSAGES/weather.po"
    text = catalogue.read_text("utf-8")
    assert all(f'"weather.why.{why.name.lower()}"' in text for why in Why)
