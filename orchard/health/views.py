"""/healthz, /readyz and /metrics, for machines that watch this one."""

import hmac
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, json, request
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from orchard import clock, db, revision, settings
from orchard.health.queries import Facts, facts, is_alive

bp = Blueprint("health", __name__)

PLOTS = Gauge("orchard_plots", "Plots that are worked", ["county"])
FORECAST_AGE = Gauge("orchard_forecast_age_seconds", "Age of the oldest forecast", ["county"])
CELLS_WITHOUT = Gauge("orchard_cells_without_forecast", "Cells without any forecast", ["county"])
LAST_RUN = Gauge("orchard_last_job_run_seconds", "Time since a job last began", ["county"])
UNCLAIMED = Gauge("orchard_unclaimed_runs", "Due runs that nobody runs", ["county"])
HUNG = Gauge("orchard_hung_runs", "Runs that take far too long", ["county"])
FAILED = Gauge("orchard_failed_runs_24h", "Runs that failed in the last day", ["county"])


@bp.get("/healthz")
def live() -> Response:
    """Answer ok when this process serves and the database answers."""
    for code in settings.get().counties:
        with db.in_county(code), db.reading() as session:
            is_alive(session)
    return _json({"status": "ok"}, 200)


@bp.get("/readyz")
def ready() -> Response:
    """Answer 503 when a forecast is grey, jobs stand still or hang or the schema does not fit."""
    counties = {code: _county(code) for code in settings.get().counties}
    fine = all(state["ready"] for state in counties.values())
    body = {"status": "ok" if fine else "not ready", "counties": counties}
    return _json(body, 200 if fine else 503)


def _county(code: str) -> dict[str, Any]:
    found, needed = revision.current(code), revision.head()
    if found != needed:
        return {"ready": False, "schema": {"ok": False, "revision": found, "needs": needed}}
    state = _facts(code)
    return {
        "ready": state.forecasts_ok and state.jobs_ok,
        "schema": {"ok": True, "revision": found},
        "forecasts": {
            "ok": state.forecasts_ok,
            "oldest_s": state.oldest_forecast_s,
            "cells_without": state.cells_without,
            "alarm": state.weather_alarm,
        },
        "jobs": {
            "ok": state.jobs_ok,
            "last_run_s": state.last_run_s,
            "unclaimed_due_runs": len(state.unclaimed),
            "hung_runs": len(state.hung),
            "failed_24h": state.failed_24h,
        },
    }


def _facts(code: str) -> Facts:
    with db.in_county(code), db.reading() as session:
        return facts(session, clock.now())


@bp.get("/metrics")
def metrics() -> Response:
    """Answer in Prometheus format, to loopback or with the metrics token only."""
    if not (_is_loopback() or _has_token()):
        abort(404)
    for code in settings.get().counties:
        _measure(code, _facts(code))
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _measure(code: str, state: Facts) -> None:
    nothing = float("nan")
    PLOTS.labels(code).set(state.plots)
    FORECAST_AGE.labels(code).set(nothing if (age := state.oldest_forecast_s) is None else age)
    CELLS_WITHOUT.labels(code).set(state.cells_without)
    LAST_RUN.labels(code).set(nothing if (run := state.last_run_s) is None else run)
    UNCLAIMED.labels(code).set(len(state.unclaimed))
    HUNG.labels(code).set(len(state.hung))
    FAILED.labels(code).set(state.failed_24h)


def _is_loopback() -> bool:
    """Say whether the asker sits on this machine; what a proxy passes on does not."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    return ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - not loopback


def _has_token() -> bool:
    wanted = settings.get().metrics_token
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(given.encode(), wanted.encode())
    return bool(wanted) and kind == "Bearer" and same


def _json(body: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
