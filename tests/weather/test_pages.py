"""The page of a plot's weather: fresh, stressed, grey, silent, missing; and the same as JSON."""

from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import ApiToken
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.weather import queries
from orchard.weather.models import WeatherAlarm
from tests import make
from tests.client import api, client
from tests.page import check_page
from tests.weather import answers
from tests.weather.answers import NOW, pull
from tests.weather.corpus import apply

LAT, LON, HEIGHT = 31.20, 108.45, 850  # point B of the corpus: frost on the third morning


@pytest.fixture
def cast(database):
    """A grower with a plot on the hill and one without position, and a stranger of that town."""
    with db.transaction() as session:
        who, token = make.signed_in(session)
        hill = make.plot(session, who, name="高坡", lat=LAT, lon=LON, elevation_m=HEIGHT)
        low = make.plot(session, who, name="河边")
        _, stranger = make.signed_in(session)
        _, technician = make.signed_in(session, Role.TECHNICIAN)
        _, elsewhere = make.signed_in(session, Role.TECHNICIAN, place=make.DADE)
    tokens = {"stranger": stranger, "technician": technician, "elsewhere": elsewhere}
    return {"who": who, "token": token, "hill": hill.id, "low": low.id, **tokens}


@pytest.fixture
def pulled(cast):
    """The same with the good answer pulled for the plot on the hill."""
    good = apply.good()[1]
    good.pop("location_id")
    low = {**good, "latitude": 31.1, "longitude": 108.28, "elevation": 183.0}
    with db.reading() as session:
        count = len(queries.cells_wanted(session))
    assert count == 2
    body = [low, {**good, "location_id": 1}]
    answers.pull_body(apply.json.dumps(body).encode(), NOW)
    return cast


def page(cast, plot="hill", hours=1.0, who="token", **options):
    with clock.frozen_at(NOW + timedelta(hours=hours)):
        return client(cast[who]).get(f"/weather/{cast[plot]}", **options)


def read(cast, **options):
    answer = page(cast, **options)
    assert answer.status_code == 200
    return check_page(answer.text).text


def test_a_fresh_forecast_shows_a_week_with_age_place_and_credit(pulled):
    text = read(pulled)
    assert "1 小时前的预报" in text
    assert "按这块地的位置，海拔 850 米。" in text
    assert "天气数据：Open-Meteo.com（CC BY 4.0）" in text
    assert text.count("打药") > 7 and "忌" in text and "慎" in text
    assert "预报是旧的" not in text


def test_frost_is_warned_of_with_day_degrees_hours_and_one_action(pulled):
    text = read(pulled, hours=10)
    assert "霜冻提醒：11月26日 -3 度" in text
    assert "严重霜冻" in text and "熟果先采下来" in text
    assert "树上的果会冻伤" in text
    assert "预警" not in text


def test_a_plot_without_position_says_whose_point_is_used(pulled):
    text = read(pulled, plot="low")
    assert "按竹溪镇的位置，海拔 183 米。" in text
    assert "填上位置，预报更准" in text


@pytest.mark.parametrize(
    ("hours", "told", "advice"),
    [
        (2.9, "2 小时前的预报", True),
        (3, "3 小时前的预报", True),
        (24, "预报是旧的 24 小时前的预报", True),
        (71.9, "预报是旧的 2 天前的预报", True),
        (72, "3 天前的预报 预报太旧了，霜冻和打药不再提醒。", False),
    ],
)
def test_an_old_forecast_says_so_and_falls_silent_at_72_hours(pulled, hours, told, advice):
    text = read(pulled, hours=hours)
    assert told in text
    assert ("忌：不要打" in text) is advice
    assert ("霜冻提醒" in text) is advice


def test_from_three_hours_on_the_age_is_stressed(pulled):
    assert "<strong>3 小时前的预报</strong>" in page(pulled, hours=3).text
    assert "<strong>2 小时前的预报</strong>" not in page(pulled, hours=2).text


def test_without_a_forecast_the_page_says_so_and_that_tasks_stay(cast):
    text = read(cast)
    assert "还没有天气预报。" in text and "要做的事照旧。" in text
    assert "忌：不要打" not in text


def test_the_reasons_of_every_spray_hour_and_the_sources_are_there(pulled):
    text = read(pulled)
    assert "忌：不要打 (太冷)" in text
    assert "农业农村部2024年夏季安全用药提示" in text


def test_the_page_is_complete_in_english(pulled):
    told = client(pulled["token"])
    told.set_cookie("lang", "en")
    with clock.frozen_at(NOW + timedelta(hours=10)):
        html = told.get(f"/weather/{pulled['hill']}").text
    text = check_page(html, "en").text
    assert "Frost:" in text and "Forecast of 10 hours ago" in text
    assert "Weather data by Open-Meteo.com" in text


def test_the_technician_of_the_town_sees_it_and_strangers_do_not(pulled):
    assert page(pulled, who="technician").status_code == 200
    unknown = {**pulled, "hill": new_id()}
    for who in ("stranger", "elsewhere"):
        seen, absent = page(pulled, who=who), page(unknown, who=who)
        assert (seen.status_code, absent.status_code) == (404, 404)
        assert seen.text.replace(str(pulled["hill"]), str(unknown["hill"])) == absent.text


def get(cast, path, hours=1.0, secret=None):
    with clock.frozen_at(NOW + timedelta(hours=hours)):
        return client().get(f"/api/v1/plots/{path}", headers=api(secret or token_of(cast)))


def token_of(cast, who=None):
    secret = accounts.new_token()
    with db.transaction() as session:
        account_id = (who or cast["who"]).account_id
        row = {"token_hash": accounts.token_hash(secret), "made_at": NOW}
        session.add(ApiToken(account_id=account_id, **row))
    return secret


def test_the_forecast_as_json_says_what_the_page_says(pulled):
    told = get(pulled, f"{pulled['hill']}/forecast", hours=10).json
    assert told["age"] == {"state": "stressed", "fetched_at": "2026-11-22T16:10:00Z"}
    assert (len(told["days"]), told["elevation_m"], told["has_own_position"]) == (7, 850, True)
    day = told["days"][3]
    assert (day["date"], day["low_c"], day["frost"], day["frost_known"]) == (
        "2026-11-26",
        -2.7,
        "3",
        True,
    )
    assert day["spray"][0] == {"hour": 5, "verdict": "no", "reason": "cold"}
    assert told["alerts"][0]["level"] == "3"


def test_alerts_as_json_carry_level_hours_and_local_time(pulled):
    told = get(pulled, f"{pulled['hill']}/alerts", hours=10).json
    assert told["alerts"][0] == {
        "kind": "frost",
        "level": "3",
        "date": "2026-11-26",
        "begins": "2026-11-25T23:00:00+08:00",
        "ends": "2026-11-26T09:00:00+08:00",
        "extreme_c": -2.7,
        "hours": 10,
    }
    assert "Open-Meteo.com" in told["credit"]


def test_a_silent_forecast_gives_no_alert_no_verdict_and_no_all_clear(pulled):
    told = get(pulled, f"{pulled['hill']}/forecast", hours=72).json
    assert (told["age"]["state"], told["alerts"]) == ("silent", [])
    assert {day["spray"] for day in told["days"]} == {None}
    assert {(day["frost"], day["frost_known"]) for day in told["days"]} == {(None, False)}


def test_a_plot_without_forecast_answers_with_age_none(cast):
    told = get(cast, f"{cast['low']}/forecast").json
    assert (told["age"]["state"], told["days"], told["elevation_m"]) == ("none", [], None)


@pytest.mark.parametrize("kind", ["forecast", "alerts"])
def test_a_foreign_plot_looks_like_an_unknown_one_in_json(pulled, kind):
    with db.transaction() as session:
        stranger = make.caller(session)
    secret = token_of(pulled, stranger)
    foreign = get(pulled, f"{pulled['hill']}/{kind}", secret=secret)
    unknown = get(pulled, f"{new_id()}/{kind}", secret=secret)
    assert (foreign.status_code, foreign.data) == (404, unknown.data)
    assert client().get(f"/api/v1/plots/{pulled['hill']}/{kind}").status_code == 401


def test_staff_sees_on_the_overview_that_the_server_refuses(pulled):
    with db.transaction() as session:
        _, secretary = make.signed_in(session, Role.SECRETARY)
    with answers.server("xss-in-reason", "401"):
        pull(NOW + timedelta(hours=3))
        pull(NOW + timedelta(hours=6))
    with clock.frozen_at(NOW + timedelta(hours=7)):
        text = check_page(client(secretary).get("/overview").text).text
        state = client().get("/readyz").json["counties"]["500154"]
    assert "天气服务器不让取预报" in text and "API key required" in text
    assert "服务器没有给" in text
    assert state["forecasts"]["alarm"] == "status"


def test_what_a_server_says_is_shown_harmless(pulled):
    with db.transaction() as session:
        _, secretary = make.signed_in(session, Role.SECRETARY)
        session.add(
            WeatherAlarm(on=NOW.date(), at=NOW, reason="status", detail="<script>alert(1)</script>")
        )
    with clock.frozen_at(NOW - timedelta(hours=9)):
        html = client(secretary).get("/overview").text
    assert "&lt;script&gt;alert(1)" in html and "<script>alert" not in html
