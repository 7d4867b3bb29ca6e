"""Where each role begins, and the tabs it sees: names only."""

from dataclasses import dataclass
from functools import cache

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from orchard.web.permissions import (
    ALLOWED,
    DISTRICT,
    GROWER,
    MANAGER,
    PUBLIC,
    SECRETARY,
    TECHNICIAN,
    WORKER,
)

bp = Blueprint("home", __name__)

# First match wins for an account with several roles.
HOMES = (
    (GROWER, "today.page"),
    (MANAGER, "today.page"),
    (TECHNICIAN, "visits.round"),
    (SECRETARY, "counts.page"),
    (DISTRICT, "overview.page"),
    (WORKER, "wages.work"),
)
TABS = (
    ("today.page", "web.tab.today"),
    ("plots.list", "web.tab.plots"),
    ("visits.list", "visits.technician"),
    ("visits.round", "visits.round.title"),
    ("visits.town", "visits.town.title"),
    ("openings.list", "hiring.tab.openings"),
    ("workers.list", "hiring.tab.workers"),
    ("attendance.list", "attendance.title"),
    ("wages.list", "wages.tab.pay"),
    ("wages.work", "wages.tab.work"),
    ("tasks.calendar", "web.tab.calendar"),
    ("counts.page", "counts.tab"),
    ("overview.page", "web.tab.overview"),
    ("accounts.people", "web.tab.people"),
    ("reminders.list", "web.tab.reminders"),
)


@dataclass(frozen=True)
class Tab:
    """One entry of the main menu."""

    endpoint: str
    word: str
    active: bool


@bp.get("/")
def front() -> Response:
    """Go to the home page of the caller's first role."""
    if g.caller is None:
        return redirect(url_for("accounts.sign_in"), code=303)
    endpoint = next((page for role, page in HOMES if role in g.caller.roles), "accounts.own")
    return redirect(url_for(endpoint), code=303)


def tabs() -> list[Tab]:
    """Return the menu of the caller: the pages that one of his roles may open."""
    caller = g.get("caller")
    return _tabs(caller.roles, request.endpoint or "") if caller else []


@cache
def _tabs(roles: frozenset[str], here: str) -> list[Tab]:
    room = here.partition(".")[0]
    return [
        Tab(endpoint, word, endpoint == here or endpoint.partition(".")[0] == room)
        for endpoint, word in TABS
        if endpoint in PUBLIC or ALLOWED.get(endpoint, frozenset()) & roles
    ]


def is_office() -> bool:
    """Say whether pages are for office work: smaller type, dense tables."""
    caller = g.get("caller")
    return caller is not None and not caller.roles & {GROWER, WORKER}
