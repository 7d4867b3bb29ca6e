"""A spoiled record is no forecast for its own cell, and holds up no other, no page and no job."""

import zlib
from datetime import date, timedelta

import pytest
from structlog.testing import capture_logs

from orchard import clock, db
from orchard.accounts.models import ApiToken
from orchard.accounts.rules import Role
from orchard.accounts.services import token_hash
from orchard.weather.digest import Day, Digest
from orchard.weather.models import Forecast
from orchard.weather.stored import from_text, temps_of, to_text
from tests import make
from tests.client import api, client
from tests.page import check_page
from tests.weather import answers
from tests.weather.answers import NOW, POINTS, pull
from tests.weather.corpus import apply

DAY = Day(date(2026, 11, 23), 1.0, 9.0, "rain", 0.0, None, True, None, True, "g" * 15, "-" * 15)
SPOILED = [
    "",
    "\0\0",
    '{"v":1,"days":[["2026-11-2',
    "[" * 100_000,
    "null",
    "[1,2]",
    '{"days":1,"alerts":[],"m":3}',
    '{"days":[],"alerts":[["frost"]],"m":3}',
    '{"days":[["2026-11-23",1]],"alerts":[],"m":3}',
    '{"days":[],"alerts":[]}',
    to_text(Digest((DAY,), (), 183)).replace("ggg", "gxg"),
    to_text(Digest((DAY,), (), 183)).replace("2026-11-23", "2026-11-43"),
]


@pytest.mark.parametrize("text", SPOILED, ids=range(len(SPOILED)))
def test_what_cannot_be_read_is_no_forecast_and_is_logged_once(database, text):
    from_text.cache_clear()
    with capture_logs() as lines:
        assert from_text(text, NOW) is None
        assert from_text(text, NOW) is None
    (line,) = lines
    assert line["event"] == "digest_unreadable"
    assert set(line) == {"event", "log_level", "part", "county", "exc_info"}


def test_a_mistake_of_ours_is_not_taken_for_a_spoiled_record(monkeypatch):
    def wrong(*_):
        raise RuntimeError

    monkeypatch.setattr("orchard.weather.stored._day", wrong)
    with pytest.raises(RuntimeError):
        from_text(to_text(Digest((DAY,), (), 184)), NOW)


@pytest.mark.parametrize(
    "stored", [b"", b"none", zlib.compress(b"short"), zlib.compress(b"2026-11-23" + b"\1" * 9)]
)
def test_hours_that_cannot_be_read_are_none(database, stored):
    assert temps_of(stored) is None


@pytest.fixture
def grower(database):
    """Make a grower with a plot at each point, and pull their forecast of three hours before."""
    with db.transaction() as session:
        who, token = make.signed_in(session)
        _, office = make.signed_in(session, Role.SECRETARY)
        session.add(ApiToken(account_id=who.account_id, token_hash=token_hash("t"), made_at=NOW))
        plots = {
            label: make.plot(session, who, name=f"地{label}", lat=lat, lon=lon, elevation_m=int(m))
            for label, (lat, lon, m) in apply.ASKED.items()
        }
        plots["A"].area_mu_x100 = 900
    answers.seed()
    with clock.frozen_at(NOW):
        yield token, office, {label: plot.id for label, plot in plots.items()}


def spoil(label, **values):
    with db.transaction() as session:
        row = session.get(Forecast, POINTS[label])
        for name, value in values.items():
            setattr(row, name, value)


def test_the_pages_of_a_spoiled_cell_say_that_there_is_no_forecast(grower):
    token, office, plots = grower
    spoil("A", digest='{"v":1,"days":[["')
    page = client(token)
    for path in ("/today", f"/weather/{plots['A']}"):
        text = check_page(page.get(path).text).text
        assert "还没有天气预报" in text
    assert "霜冻提醒" in page.get("/today").text, "the other cell's warning stays"
    assert "3 小时前的预报" in page.get(f"/weather/{plots['B']}").text
    told = client().get(f"/api/v1/plots/{plots['A']}/today", headers=api("t"))
    assert (told.status_code, told.json["forecast_state"]) == (200, "none")
    assert client(office).get("/overview").status_code == 200


@pytest.mark.parametrize("values", [{"hours": b"none"}, {"hours": b"", "held": b"none"}])
def test_a_pull_replaces_hours_that_cannot_be_read(grower, values):
    spoil("A", **values)
    with answers.server("ok"):
        assert pull(NOW)["fresh"] == 2
    assert temps_of(answers.stored()["A"]["hours"])


def test_held_hours_that_cannot_be_read_agree_with_nothing(grower):
    with answers.server("jump-plus-25-degrees"):
        pull(NOW)
    spoil("B", held=b"none", next_try_at=None)
    with answers.server("jump-plus-25-degrees"):
        assert pull(NOW + timedelta(hours=3))["stale"] == 1
    assert temps_of(answers.stored()["B"]["held"])
