"""`orchard weather assess`: recorded answers of other times and places, and what is no forecast."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchard.cli import main
from orchard.errors import FieldRefused
from orchard.weather.assess import assess
from orchard.weather.rules import NoForecast, Reason
from tests.weather.corpus import apply

DATA = Path(__file__).parent / "data"
KAIZHOU = DATA / "synthetic_openmeteo_kaizhou_3plots_nulls.json"
DAYS = {
    "openmeteo_archive_1day_hourly_daily_et0_20230729_recorded.json": 1,
    "openmeteo_customer_apikey_berlin_20240124_recorded.json": 7,
    "openmeteo_daily_beijing_20260420_recorded.json": 6,
    "openmeteo_daily_shanghai_20260420_recorded.json": 6,
    "openmeteo_forecast_berlin_20231113_recorded.json": 7,
    "openmeteo_forecast_two_models_berlin_20231113_recorded.json": 7,
    "openmeteo_multi_location_20250128_recorded.json": 1,
    "synthetic_openmeteo_kaizhou_3plots_nulls.json": 7,
}


def told(name: str | Path, elevation_m: float = 420, variety: str | None = None):
    return assess((DATA / name).read_bytes(), elevation_m, variety)


@pytest.mark.parametrize(("name", "days"), DAYS.items())
def test_every_recorded_answer_parses(name, days):
    found = told(name)
    assert len(found["days"]) == days
    assert len(found["spray"]) == days * 24


def test_the_nearest_element_in_elevation_is_used_and_corrected():
    found = told(KAIZHOU, 500)
    assert (found["element"], found["source_elevation_m"]) == (1, 420.0)
    assert found["correction_c"] == -0.52
    assert found["days"][0]["low_c"] == pytest.approx(3.1 - 0.52)
    assert told(KAIZHOU, 700)["element"] == 2


def test_old_names_of_variables_are_understood():
    name = "openmeteo_archive_1day_hourly_daily_et0_20230729_recorded.json"
    (day,) = told(name, 10)["days"]
    assert (day["low_c"], day["high_c"], day["rain_mm"]) == (16.1, 21.3, 1.3)
    assert day["spray"]["05"] == "no"


def test_day_values_alone_give_no_alarm_and_no_all_clear():
    found = told("openmeteo_multi_location_20250128_recorded.json", 825)
    assert (found["days"][0]["low_c"], found["days"][0]["frost_known"]) == (1.7, False)
    assert found["alerts"] == []
    assert {hour["verdict"] for hour in found["spray"]} == {"unknown", "no"}
    assert {h["reason"] for h in found["spray"] if h["verdict"] == "no"} == {"night"}


def test_frost_carries_level_and_hours():
    frost = [alert for alert in told(KAIZHOU, 850)["alerts"] if alert["level"] == "3"]
    assert frost[0]["kind"] == "frost"
    assert frost[0]["hours"] >= 4 and frost[0]["extreme_c"] <= -2.2


@pytest.mark.parametrize(
    ("variety", "limit"), [("wogan", -1.0), ("chunjin", -2.2), ("chunjian", -3.3)]
)
def test_a_variety_says_whether_its_fruit_freezes(variety, limit):
    alerts = told(KAIZHOU, 600, variety)["alerts"]
    assert {alert["fruit_limit_c"] for alert in alerts} == {limit}
    for alert in alerts:
        assert alert["harms_fruit"] == (alert["extreme_c"] <= limit)


def test_an_unknown_variety_is_refused():
    with pytest.raises(FieldRefused):
        told(KAIZHOU, 600, "apple")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"[]", Reason.SHAPE),
        (b"[null]", Reason.SHAPE),
        (b'{"type": "Feature"}', Reason.SHAPE),
        (b'{"error": true, "reason": "x"}', Reason.ERROR_OBJECT),
        (b'{"response": {"body": {"error": true, "reason": "x"}}}', Reason.ERROR_OBJECT),
        (b'{"daily": {"time": ["soon"]}, "daily_units": {}}', Reason.TIME),
        (b'{"daily": [], "daily_units": {}}', Reason.TIME),
        (b'{"response": 1}', Reason.SHAPE),
        (b'{"hourly": {"time": []}, "hourly_units": {}}', Reason.TIME),
    ],
)
def test_what_is_no_forecast_is_refused_with_its_reason(body, reason):
    with pytest.raises(NoForecast) as caught:
        assess(body, 300)
    assert caught.value.reason == reason


def test_an_answer_cut_off_in_the_middle_is_refused():
    with pytest.raises(NoForecast):
        told("openmeteo_broken_midstream_body_from_source.txt")


def run(*arguments: str):
    return CliRunner().invoke(main, ["weather", "assess", *arguments])


def test_the_command_prints_days_alerts_and_spray_hours():
    done = run(str(KAIZHOU), "--elevation-m", "600", "--variety", "wogan")
    assert done.exit_code == 0
    assert "2026-01-24" in done.output and "frost 3" in done.output
    assert "wogan freezes" in done.output
    assert "spray  2026-01-22T12:00  marginal  wind, gust, cold" in done.output


def test_the_command_prints_json():
    done = run(str(KAIZHOU), "--elevation-m", "420", "--json")
    found = json.loads(done.output)
    assert len(found["spray"]) == 168
    assert found["unknown_hours"]["precipitation_probability"] == 12


def test_the_command_fails_with_one_clear_line(tmp_path):
    file = tmp_path / "a.json"
    file.write_bytes(apply.body({"name": "good"})[:500])
    done = run(str(file), "--elevation-m", "300")
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert "not-json" in done.output
    assert run(str(tmp_path / "no.json"), "--elevation-m", "300").exit_code == 2
