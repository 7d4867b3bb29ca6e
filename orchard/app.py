"""Composition root of the pages: joins every room into one Flask application."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, json, request, session
from flask.json.provider import DefaultJSONProvider
from flask_compress import Compress
from flask_openapi3 import Info, OpenAPI
from flask_wtf.csrf import CSRFProtect

from orchard import clock, db, settings
from orchard.accounts import api as accounts_api
from orchard.accounts import people_views
from orchard.accounts import queries as accounts
from orchard.accounts.rules import door_roles, life_of
from orchard.accounts.services import token_hash, touch_session
from orchard.attendance import api as attendance_api
from orchard.attendance import queries as attendance_queries
from orchard.attendance import services as attendance_services
from orchard.attendance import views as attendance
from orchard.counts import people_api as counts_api
from orchard.counts import people_views as counts_people
from orchard.counts import services as counts_services
from orchard.counts import views as counts
from orchard.health import views as health
from orchard.hiring import checks as hiring_checks
from orchard.hiring import employer_views, hire_views, status_views
from orchard.hiring import people_api as hiring_api
from orchard.hiring import people_views as worker_views
from orchard.hiring import services as hiring_services
from orchard.hiring import views as openings
from orchard.overview import views as overview
from orchard.places import api as places_api
from orchard.plots import api as plots_api
from orchard.plots import services as plot_services
from orchard.plots import views as plots
from orchard.reminders import api as reminders_api
from orchard.reminders import arrivals
from orchard.reminders import views as reminders
from orchard.tasks import api as tasks_api
from orchard.tasks import naming, planning
from orchard.tasks import views as tasks
from orchard.today import api as today_api
from orchard.today import views as today
from orchard.visits import desk_api as visits_api
from orchard.visits import office_views as visits
from orchard.visits import reports
from orchard.visits import services as visit_services
from orchard.visits import steps as visit_steps
from orchard.wages import api as wages_api
from orchard.wages import ledger_views as wages
from orchard.wages import services as wages_services
from orchard.weather import api as weather_api
from orchard.weather import views as weather
from orchard.web import display, filters, guard, headers, home, interface, metrics, problems, spoken
from orchard.web import session as doors
from orchard.web.addresses import LazyRule

HERE = Path(__file__).parent
BODY_LIMIT = 1024 * 1024  # decision 35: 1 MB, more only on the photo route
UNSIGNED = frozenset({"static", "health.live", "display.switch", "display.county"})

PAGES: tuple[Blueprint, ...] = (
    attendance.bp,
    people_views.bp,
    counts.bp,
    counts_people.bp,
    display.bp,
    employer_views.bp,
    health.bp,
    hire_views.bp,
    home.bp,
    openings.bp,
    overview.bp,
    plots.bp,
    reminders.bp,
    status_views.bp,
    tasks.bp,
    today.bp,
    visits.bp,
    wages.bp,
    weather.bp,
    worker_views.bp,
)
INTERFACES: tuple[interface.Interface, ...] = (
    accounts_api.bp,
    attendance_api.bp,
    counts_api.bp,
    hiring_api.bp,
    places_api.bp,
    plots_api.bp,
    reminders_api.bp,
    tasks_api.bp,
    today_api.bp,
    visits_api.bp,
    wages_api.bp,
    weather_api.bp,
)

# The counts follow in the transaction that writes a day, a pay line or who somebody is.
attendance_services.after_change.append(counts_services.hires_changed)
wages_services.after_change.append(counts_services.hires_changed)
hiring_services.after_person_change.append(counts_services.people_changed)
hiring_checks.worked.append(attendance_queries.worked_between)
plot_services.after_change.append(planning.plan_changed)  # a new plot has its tasks at once
plot_services.after_change.append(visit_services.cancel_of_ended)  # nobody goes there in vain
visit_steps.after_event.append(arrivals.visit_changed)  # who waits learns the day at once
naming.namers.append(reports.task_names)  # what was prescribed has a name of its own


class StrictJSON(DefaultJSONProvider):
    """JSON without NaN, Infinity, double keys; Chinese written as it is."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse strictly; ValueError for what the standard forbids."""
        try:
            return super().loads(s, parse_constant=_refuse, object_pairs_hook=_once, **kwargs)
        except RecursionError as error:
            raise ValueError("too deep") from error


def _refuse(literal: str) -> None:
    raise ValueError(literal)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("double key")
    return found


class Orchard(OpenAPI):
    """Flask with the JSON interface's description and strict JSON."""

    json_provider_class = StrictJSON
    jinja_environment = spoken.Spoken
    url_rule_class = LazyRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself: none of ours is async, and each request asks 20 times."""
        return func


def create_app() -> Flask:
    """Return the application for the settings in force."""
    chosen = settings.get()
    app = Orchard(
        "orchard",
        info=Info(title="Orchard", version="1"),
        security_schemes={"bearer": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
        validation_error_callback=problems.invalid,
        template_folder=str(_templates()),
        static_folder=str(HERE / "static"),
    )
    app.session_interface = doors.Doors()
    app.config.update(
        SECRET_KEY=chosen.key("secret_key"),
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        PERMANENT_SESSION_LIFETIME=timedelta(days=doors.COOKIE_DAYS),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TRUSTED_HOSTS=list(chosen.trusted_hosts) or None,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_LEVEL=5,
        COMPRESS_MIN_SIZE=700,
    )
    _join(app)
    return app


def _templates() -> Path:
    """Return the folder beside a checkout, or the one inside an installed package."""
    beside = HERE.parent / "templates"
    return beside if (HERE.parent / "pyproject.toml").exists() else HERE / "_bundled" / "templates"


def _join(app: Orchard) -> None:
    app.jinja_env.filters.update(filters.FILTERS)
    app.jinja_env.globals.update(filters.GLOBALS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_page_facts)
    app.before_request(metrics.begin)
    app.before_request(display.choose)
    app.before_request(guard.check_size)
    app.before_request(enter_county)
    app.before_request(find_caller)
    app.before_request(guard.guard)
    app.before_request(interface.check_body)
    app.teardown_request(leave_county)
    csrf = CSRFProtect(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    for api in INTERFACES:
        app.register_api(api)
        csrf.exempt(api)
    app.add_url_rule("/api/v1/openapi.json", "api_doc.openapi", lambda: describe(app))
    app.after_request(headers.add)
    app.after_request(metrics.end)
    Compress(app)
    problems.set_up(app)


def _page_facts() -> dict[str, Any]:
    return {
        "locale": g.locale,
        "lang": display.LANGS[g.locale],
        "big": g.big,
        "tabs": home.tabs(),
        "sides": home.sides(),
        "office": home.is_office(),
        "today": clock.today(),
    }


def describe(app: Orchard) -> Response:
    """Answer the description of the JSON interface (OpenAPI 3.1)."""
    for api in INTERFACES:
        api.describe_to(app)
    described = interface.complete(app.api_doc)
    return Response(json.dumps(described), content_type="application/json")


def enter_county() -> None:
    """Put the county of the signed cookie or token in force, or the only one there is.

    Who asks and what he sees are read from one state of the database.
    """
    g.stack = ExitStack()
    counties = settings.get().counties
    code = counties[0] if len(counties) == 1 else _bearer()[0] or session.get(doors.COUNTY)
    if code in counties:
        g.stack.enter_context(db.in_county(code))
    g.stack.enter_context(db.one_reader())


def leave_county(_error: BaseException | None) -> None:
    """Leave the county, whatever became of the request."""
    if "stack" in g:
        g.stack.close()


def find_caller() -> None:
    """Put who is asking into g.caller, from the session's or token's row."""
    g.caller = None
    if request.endpoint in UNSIGNED or request.endpoint is None:
        return
    if guard.is_api():
        secret = _bearer()[1]
        if secret:
            with db.reading() as reading:
                g.caller = accounts.caller_of_token(reading, token_hash(secret))
        return
    token = session.get(doors.SIGNED_IN)
    if token:
        _find_signed_in(token)


def _find_signed_in(token: str) -> None:
    now = clock.now()
    with db.reading() as reading:
        found = accounts.caller_of_session(reading, token_hash(token), now=now)
    if found is None:
        g.ended_session = token_hash(token)
        doors.end()
        return
    g.caller, row = found
    if g.caller.locale and "lang" not in request.cookies:
        g.locale = g.caller.locale
    if now - row.seen_at > life_of(door_roles(g.caller.held)).touch_every:
        with db.transaction() as writing:
            touch_session(writing, row.id, now=now)


def _bearer() -> tuple[str | None, str | None]:
    """Return (county, secret) of the Authorization header; a token is COUNTY.SECRET."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None, None
    county, dot, secret = token.strip().partition(".")
    if not dot or not secret.isascii():
        abort(401)
    return county, secret
