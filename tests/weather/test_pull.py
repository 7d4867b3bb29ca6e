"""Which cells are asked for, when, of whom, and what is kept."""

from datetime import date, timedelta

import pytest
from sqlmodel import select, update

from jobs import weather
from orchard import clock, db, ledger
from orchard.plots.models import Plot
from orchard.weather import gateway, queries, services
from orchard.weather.acceptance import parse
from orchard.weather.models import Forecast
from orchard.weather.queries import Cell
from orchard.weather.rules import Asked
from tests import make
from tests.weather import answers
from tests.weather.answers import NOW, POINTS, SEEDED, pull
from tests.weather.corpus import apply

HOT = "jump-plus-25-degrees"  # point B only


@pytest.fixture
def seeded(database):
    """Two plots with the forecast of three hours before."""
    answers.make_plots()
    return answers.seed()


def test_plots_of_one_cell_are_asked_for_once_at_their_mean_point(session):
    holder = make.person(session)
    make.plot(session, holder, lat=31.151, lon=108.401, elevation_m=301)
    make.plot(session, holder, lat=31.153, lon=108.405, elevation_m=350)
    make.plot(session, holder, lat=31.153, lon=108.405, elevation_m=450)
    assert queries.cells_wanted(session) == {
        "623:2168:3": Asked(31.152, 108.403, 326),
        "623:2168:4": Asked(31.153, 108.405, 450),
    }


def test_a_plot_that_ended_wants_no_forecast(session):
    make.plot(session, make.person(session), ended_at=make.NOW)
    assert queries.cells_wanted(session) == {}


def test_a_plot_without_position_is_asked_for_at_its_towns_point(session):
    made = make.plot(session, make.person(session))
    assert not made.has_own_position
    assert queries.cells_wanted(session) == {made.cell: Asked(31.1, 108.28, 183)}


def test_a_pull_stores_digest_hours_and_time(seeded):
    row = seeded["A"]
    assert (row["fetched_at"], row["failures"], row["reason"]) == (SEEDED, 0, "")
    assert (row["lat"], row["lon"], row["elevation_m"]) == (31.15, 108.4, 300)
    assert len(row["digest"]) < 1500
    with db.reading() as session:
        told = queries.digests_for(session, [*POINTS.values(), "0:0:0"])
    assert set(told) == set(POINTS.values())
    assert told[POINTS["A"]].fetched_at == SEEDED


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_a_hundred_cells_go_into_one_call(count, calls):
    cells = [Cell(str(i), Asked(31, 108, 300), 0, 100) for i in range(count)]
    found = list(services.batches(cells, "http://a", ""))
    assert len(found) == calls
    assert [cell for _, batch in found for cell in batch] == sorted(cells, key=lambda c: int(c.key))


def test_the_try_after_a_failure_goes_to_the_fallback():
    cells = [Cell(str(i), Asked(31, 108, 300), i, 100) for i in range(3)]
    assert {url: [c.key for c in batch] for url, batch in services.batches(cells, "a", "b")} == {
        "a": ["0", "2"],
        "b": ["1"],
    }
    assert [url for url, _ in services.batches(cells, "a", "")] == ["a"]


def test_the_fallback_brings_the_forecast_when_the_server_fails(seeded):
    with answers.server("503") as first:
        pull(NOW)
        with apply.Serve(["ok"]) as second:
            answers.use_server(first.url, second.url)
            counts = pull(NOW + timedelta(minutes=2), weather.retry)
    assert (counts["fresh"], len(first.hits), len(second.hits)) == (2, 1, 1)


def test_a_cell_that_waits_is_not_asked_before_its_time(seeded):
    with answers.server("503", "ok") as running:
        pull(NOW)
        assert pull(NOW + timedelta(seconds=50), weather.retry) == {"cells": 0}
        assert pull(NOW + timedelta(seconds=55))["calls"] == 0
        assert pull(NOW + timedelta(seconds=95), weather.retry)["fresh"] == 2
    assert len(running.hits) == 2


def test_a_good_forecast_is_asked_again_by_the_pull_only(seeded):
    with answers.server("ok") as running:
        assert pull(NOW, weather.retry) == {"cells": 0}
        assert pull(NOW)["fresh"] == 2
    assert len(running.hits) == 1


def test_a_new_plot_has_its_forecast_with_the_next_minute(seeded):
    with db.transaction() as session:
        holder = make.person(session)
        made = make.plot(session, holder, lat=31.16, lon=108.41, elevation_m=320)
        other = make.plot(session, holder, lat=31.11, lon=108.41, elevation_m=320)
    assert made.cell == POINTS["A"]
    with answers.server("ok") as running:
        counts = pull(NOW, weather.retry)
    assert (counts["cells"], counts["calls"], len(running.hits)) == (1, 1, 1)
    with db.reading() as session:
        assert other.cell in queries.digests_for(session, [other.cell])


def test_a_cell_without_plots_is_forgotten(seeded):
    with db.transaction() as session:
        for plot in session.exec(select(Plot).where(Plot.cell == POINTS["A"])):
            plot.ended_at = make.NOW
    with answers.server("ok"):
        pull(NOW)
    assert set(answers.stored()) == {"B"}


def test_a_doubtful_forecast_is_held_until_a_second_answer_agrees(seeded):
    with answers.server(HOT):
        pull(NOW)
    held = answers.stored()["B"]
    assert (held["reason"], held["digest"]) == ("doubtful", seeded["B"]["digest"])
    with answers.server(HOT):
        pull(NOW + timedelta(minutes=2))
    taken = answers.stored()["B"]
    assert (taken["reason"], taken["held"], taken["failures"]) == ("", None, 0)
    assert taken["digest"] != seeded["B"]["digest"]


def test_a_second_answer_that_agrees_with_the_stored_one_ends_the_doubt(seeded):
    with answers.server(HOT, "ok"):
        pull(NOW)
        pull(NOW + timedelta(minutes=2))
    row = answers.stored()["B"]
    assert (row["reason"], row["held"]) == ("", None)
    assert row["fetched_at"] == NOW + timedelta(minutes=2)


def test_the_first_forecast_of_a_cell_has_nothing_to_contradict(database):
    answers.make_plots()
    with answers.server(HOT):
        assert pull(NOW)["fresh"] == 2


def test_staff_is_alarmed_once_a_day(seeded):
    with answers.server("401"):
        told = [pull(NOW + timedelta(hours=hours))["alarms"] for hours in (0, 2, 9, 24)]
    assert told == [1, 0, 0, 1]
    with db.reading() as session:
        alarm = queries.alarm_of(session, clock.local(NOW).date())
        assert alarm is not None
        assert (alarm.reason, alarm.detail[:3]) == ("status", "401")
        assert queries.alarm_of(session, date(2026, 11, 25)) is None


def test_a_reason_from_outside_is_kept_as_it_came_and_short(seeded):
    with answers.server("xss-in-reason"):
        pull(NOW)
    assert "<script>" in answers.stored()["A"]["detail"]
    answers.put_back(seeded)
    with answers.server("long-reason"):
        pull(NOW)
    assert len(answers.stored()["A"]["detail"]) == 500


def test_a_server_that_is_down_is_asked_once_a_round(database, monkeypatch):
    with db.transaction() as session:
        holder = make.person(session)
        for step in range(120):
            make.plot(session, holder, lat=30 + step * 0.05, lon=108.4, elevation_m=300)
    with answers.server("503") as running:
        counts = pull(NOW)
    assert (counts["cells"], counts["calls"], counts["stale"]) == (120, 1, 120)
    assert len(running.hits) == 1


def test_a_bad_point_soon_stands_alone_and_holds_up_nobody(database, monkeypatch):
    with db.transaction() as session:
        holder = make.person(session)
        for step in range(30):
            make.plot(session, holder, lat=31 + step * 0.05, lon=108.4, elevation_m=300)
        bad = make.plot(session, holder, lat=88.0, lon=108.4, elevation_m=300).cell
    monkeypatch.setattr(gateway, "ask", lambda url, points: _answer(points))
    now = NOW
    for _ in range(5):
        pull(now)
        now += timedelta(hours=2)
    with db.reading() as session:
        waiting = session.exec(select(Forecast.cell).where(Forecast.failures > 0)).all()
    assert waiting == [bad]


def _answer(points):
    if any(point.lat > 80 for point in points):
        return parse_refusal()
    good = apply.good()[0]
    made = [
        {
            **good,
            "latitude": p.lat,
            "longitude": p.lon,
            "elevation": p.elevation_m,
            "location_id": i,
        }
        for i, p in enumerate(points)
    ]
    return apply.json.dumps(made).encode()


def parse_refusal():
    raise services.NoForecast(services.Reason.STATUS, "400 Latitude must be in range", status=400)


def test_a_run_that_was_taken_over_asks_and_writes_nothing(seeded):
    with db.transaction() as session:
        run = ledger.claim(session, "pull", NOW, by="slow", now=NOW)
    frozen = ledger.Run("pull", NOW, 0, NOW)
    with answers.server("ok") as running, pytest.raises(ledger.Fenced):
        weather.pull(frozen)
    assert run is not None
    assert (running.hits, answers.stored()) == ([], seeded)


def test_a_run_taken_over_in_the_middle_asks_nothing_more(seeded, monkeypatch):
    claim = services.claim

    def lose(session, cells, *, now):
        claim(session, cells, now=now)
        session.execute(update(ledger.JobRun).values(attempt=2))

    monkeypatch.setattr(services, "claim", lose)
    with answers.server("ok") as running, pytest.raises(ledger.Fenced):
        pull(NOW)
    assert running.hits == []


def test_a_stopping_run_ends_before_its_next_call(seeded):
    with db.transaction() as session:
        run = ledger.claim(session, "pull", NOW, by="test", now=NOW)
    assert run is not None
    run.stopping.set()
    with answers.server("ok") as running:
        counts = weather.pull(run)
    assert (counts["calls"], running.hits) == (0, [])
    with db.transaction() as session:
        ledger.finish(session, run, now=NOW, counts=counts)
    with answers.server("ok"):
        assert pull(NOW + timedelta(minutes=6), weather.retry)["fresh"] == 2


def test_nobody_waits_for_the_network_while_writing(seeded, monkeypatch):
    seen = []

    def ask(url, points):
        with db.transaction() as session:
            seen.append(len(queries.cells_wanted(session)))
        raise services.NoForecast(services.Reason.TRANSPORT)

    monkeypatch.setattr(gateway, "ask", ask)
    pull(NOW)
    assert seen == [2]


def test_ages_tell_the_oldest_the_youngest_and_what_fails(seeded):
    with answers.server("second-element-bad-only"):
        pull(NOW)
    with db.reading() as session:
        assert queries.ages(session) == queries.Ages(2, 0, 1, SEEDED, NOW)


def test_ages_of_a_county_without_forecasts(session):
    assert queries.ages(session) == queries.Ages(0, 0, 0, None, None)


def test_the_answer_to_a_single_point_may_be_a_bare_object():
    assert parse(b'{"latitude": 1}', 1) == [{"latitude": 1}]
