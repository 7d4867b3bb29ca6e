"""The small digest that pages read, and what an unknown hour does to it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from orchard.weather import acceptance, bar, digest, series
from orchard.weather.digest import digest_of
from orchard.weather.rules import Asked
from orchard.weather.series import DAILY, HOURLY, Series
from orchard.weather.stored import from_text, to_text
from tests.weather.corpus import apply

FIRST = date(2026, 11, 23)
MIDNIGHT = datetime.combine(FIRST, time())  # local, as the digest keeps it


def week(temps: dict[int, float | None] | None = None, **changes) -> Series:
    """Make a calm, dry week of 15 °C with some hours changed."""
    flat = dict(zip(HOURLY, (15.0, 60.0, 0.0, 0.0, 2.0, 4.0, 0.0, 0.0, 3), strict=True))
    hourly = {name: [value] * 168 for name, value in flat.items()}
    daily = {name: [None] * 7 for name in DAILY}
    for hour, value in (temps or {}).items():
        hourly["temperature_2m"][hour] = value
    for name, change in changes.items():
        block = daily if name in DAILY[:3] else hourly
        for at, value in change.items():
            block[name][at] = value
    return Series(FIRST, 300.0, hourly, daily)


def corpus_point(index: int) -> Series:
    label = "AB"[index]
    answer = acceptance.parse(apply.body({"name": "good"}), 2)
    return acceptance.element_at(answer, index, Asked(*apply.ASKED[label]), apply.NOW)


def test_a_digest_is_small_and_comes_back_as_it_was():
    told = digest_of(corpus_point(1), 850)
    text = to_text(told)
    assert len(text) < 1500
    assert from_text(text, None) == told


def test_a_digest_of_version_1_is_read_without_what_it_had_not():
    told = digest_of(week(precipitation={3: 1.2}), 300)
    kept = json.loads(to_text(told)) | {"v": 1}
    kept["days"] = [row[:-1] for row in kept["days"]]
    days = from_text(json.dumps(kept), None).days
    assert days == tuple(replace(day, rain_24h_mm=None) for day in told.days)


def test_the_most_rain_in_24_hours_is_of_hours_that_end_on_the_day():
    rain = {3: 5.0, 22: 30.0, 25: 30.0, 60: None, 100: 7.0, 167: 1.0}
    days = digest_of(week(precipitation=rain), 300).days
    assert [day.rain_24h_mm for day in days] == [35.0, 65.0, 30.0, 0.0, 7.0, 7.0, 1.0]


def test_a_series_comes_back_from_its_bytes_as_it_was():
    found = corpus_point(0)
    holed = Series(found.first, None, {**found.hourly, "weather_code": [None] * 168}, found.daily)
    for one in (found, holed):
        kept = series.unpack(series.pack(one))
        assert (kept.first, kept.elevation_m, kept.hourly, kept.daily) == (
            one.first,
            one.elevation_m,
            one.hourly,
            one.daily,
        )


def test_low_high_word_and_rain_come_from_the_hours():
    found = week({4: 9.04, 14: 21.5}, precipitation={3: 1.2, 20: 0.3}, weather_code={10: 63, 2: 95})
    day = digest_of(found, 300).days[0]
    assert (day.low_c, day.high_c, day.rain_mm, day.word) == (9.04, 21.5, 1.5, "rain_mid")


def test_a_cold_night_is_one_alert_on_the_day_it_ends():
    night = dict.fromkeys(range(22, 31), -2.1)
    (alert,) = digest_of(week({**night, 21: 1.0}), 300).alerts
    assert (alert.kind, alert.level, alert.on) == ("frost", 2, FIRST + timedelta(days=1))
    assert (alert.begins, alert.ends) == (
        MIDNIGHT + timedelta(hours=21),
        MIDNIGHT + timedelta(hours=31),
    )
    assert (alert.extreme_c, alert.hours) == (-2.1, 10)


def test_a_run_of_cold_over_midnight_counts_for_both_days():
    days = digest_of(week(dict.fromkeys((22, 23, 24, 25), -2.2)), 300).days
    assert [day.frost for day in days[:3]] == [3, 3, None]


def test_frost_all_week_is_one_alert_a_night():
    alerts = digest_of(week(dict.fromkeys(range(168), 1.0)), 300).alerts
    assert [alert.on for alert in alerts] == [FIRST + timedelta(days=day) for day in range(8)]


def test_heat_is_an_alert_of_its_day_over_its_hot_hours():
    hot = {12: 34.9, 13: 35.0, 14: 37.0, 15: 36.0, 16: 34.0}
    (alert,) = digest_of(week(hot), 300).alerts
    assert (alert.kind, alert.level, alert.extreme_c, alert.hours) == ("heat", 2, 37.0, 3)
    assert (alert.begins.hour, alert.ends.hour) == (13, 16)


def test_a_place_a_hundred_metres_higher_is_judged_colder():
    found = week({5: 0.5})
    assert digest_of(found, 300).days[0].frost == 0
    higher = digest_of(found, 400)
    assert (higher.days[0].frost, higher.days[0].low_c) == (1, -0.15)


def test_an_answer_without_elevation_is_not_corrected():
    found = week({5: 0.5})
    bare = Series(found.first, None, found.hourly, found.daily)
    assert digest_of(bare, 900).days[0].low_c == 0.5


def test_unknown_hours_are_no_alarm_and_no_all_clear():
    found = week(
        dict.fromkeys(range(3, 7)), temperature_2m_min={0: -6.0}, temperature_2m_max={0: 9}
    )
    told = digest_of(found, 300)
    day = told.days[0]
    assert (day.frost, day.frost_known, told.alerts) == (None, False, ())
    assert (day.low_c, day.high_c) == (-6.0, 9)
    assert set(day.letters[:2]) == {"u"}


def test_a_day_of_unknown_hours_shows_nothing_instead_of_zero():
    found = week(
        dict.fromkeys(range(24)),
        precipitation=dict.fromkeys(range(24)),
        weather_code=dict.fromkeys(range(24)),
    )
    day = digest_of(found, 300).days[0]
    assert (day.low_c, day.high_c, day.rain_mm, day.word) == (None, None, None, "unknown")


def test_known_cold_beside_unknown_hours_is_still_an_alarm():
    told = digest_of(week({3: None, 4: -4.5}), 300)
    assert (told.days[0].frost, told.alerts[0].level) == (3, 3)


def test_the_servers_day_values_are_corrected_too_where_they_are_shown():
    found = week({3: None}, temperature_2m_min={0: 1.0}, temperature_2m_max={0: 9.0})
    day = digest_of(found, 400).days[0]
    assert (day.low_c, day.high_c) == (0.35, 8.35)


@pytest.mark.parametrize(("hour", "count"), [(2, 0), (3, 1), (81, 1), (82, 0)])
def test_warnings_look_72_hours_ahead_and_end_with_their_night(hour, count):
    told = digest_of(week(dict.fromkeys(range(75, 82), 0.0)), 300)
    assert len(told.warnings(MIDNIGHT + timedelta(hours=hour))) == count


def test_the_worst_warning_stands_first():
    told = digest_of(week({4: 1.5, 28: -5.0, 52: -0.5}), 300)
    assert [alert.level for alert in told.warnings(MIDNIGHT)] == [3, 1, 0]


def test_pages_pick_the_days_from_today_on():
    told = digest_of(week(), 300)
    assert [day.on for day in told.coming(FIRST + timedelta(days=5), 3)] == [
        FIRST + timedelta(days=5),
        FIRST + timedelta(days=6),
    ]


def test_the_spray_bar_has_five_blocks_from_five_o_clock():
    day = digest_of(week(wind_speed_10m={11: 9.0}), 300).days[0]
    assert [hour for hour, _ in day.blocks] == [5, 8, 11, 14, 17]
    assert "".join(verdict for _, verdict in day.blocks) == "ggmgg"
    assert (day.best(), day.best(12)) == ((12, 20), (12, 20))
    assert day.hours[6] == (11, "n", "w")


def test_without_a_good_hour_the_careful_ones_are_named_with_their_own_reason():
    wind = dict.fromkeys(range(168), 3.5) | dict.fromkeys(range(5, 12), 9.0)
    gust = dict.fromkeys(range(15, 24), 7.0)
    day = digest_of(week(wind_speed_10m=wind, wind_gusts_10m=gust), 300).days[0]
    assert (day.best(), day.care(), day.care(16)) == (None, (12, 20), (16, 20))
    assert (day.why_not(), day.why_not(5, 12), day.left(19)) == (bar.Why.WIND, bar.Why.WIND, "m")


def test_the_age_is_that_of_the_answer():
    fetched = datetime(2026, 11, 23, tzinfo=UTC)
    told = from_text(to_text(digest_of(week(), 300)), fetched)
    assert told.age(fetched + timedelta(hours=25)).state == "grey"


def test_every_word_of_the_weather_has_a_sentence():
    from orchard import words

    for word in {*digest.WORDS.values(), "unknown"}:
        assert all(words.text(locale, f"weather.word.{word}") for locale in words.LOCALES)


@pytest.mark.parametrize(("hour", "ahead"), [(0, 0), (5, 0), (19, 0), (20, 1), (23, 1)])
def test_in_the_evening_the_spray_hours_of_tomorrow_matter(hour, ahead):
    made = digest_of(week(), 300)
    now = datetime.combine(made.days[0].on, time(hour))
    assert made.spray_day(now).on == made.days[0].on + timedelta(days=ahead)


def test_without_a_day_near_no_spray_hours_are_shown():
    made = digest_of(week(), 300)
    late = datetime.combine(made.days[-1].on, time(21))
    assert made.spray_day(late) is None
