"""Where each role begins, and the menu it sees: names only."""

from functools import cache
from typing import NamedTuple

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from orchard.web.permissions import ALLOWED, PUBLIC
from orchard.web.roles import DISTRICT, GROWER, MANAGER, SECRETARY, TECHNICIAN, WORKER

bp = Blueprint("home", __name__)

# The menu of each role: page and word. Its first page is the role's home; the first role that
# matches is an account's first.
MENUS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        GROWER,
        (
            ("today.page", "today"),
            ("plots.list", "plots"),
            ("visits.list", "visits"),
            ("openings.list", "hiring"),
            ("reminders.list", "reminders"),
        ),
    ),
    (
        MANAGER,
        (
            ("today.page", "today"),
            ("attendance.list", "attendance"),
            ("wages.list", "pay"),
            ("workers.list", "workers"),
            ("openings.list", "openings"),
            ("plots.list", "plots"),
            ("visits.list", "visits"),
            ("accounts.people", "people"),
            ("reminders.list", "reminders"),
        ),
    ),
    (
        TECHNICIAN,
        (
            ("visits.round", "round"),
            ("visits.pool", "pool"),
            ("visits.schedule", "schedule"),
            ("tasks.calendar", "calendar"),
            ("overview.page", "overview"),
            ("plots.list", "plots"),
            ("reminders.list", "reminders"),
        ),
    ),
    (
        SECRETARY,
        (
            ("counts.page", "counts"),
            ("counts_people.waiting", "review"),
            ("visits.town", "visits_of_town"),
            ("employers.list", "employers"),
            ("openings.list", "openings"),
            ("wages.disputes", "disputes"),
            ("accounts.people", "people"),
            ("overview.page", "overview"),
            ("tasks.calendar", "calendar"),
            ("plots.list", "plots"),
            ("reminders.list", "reminders"),
        ),
    ),
    (
        DISTRICT,
        (
            ("counts.page", "towns"),
            ("overview.page", "overview"),
            ("visits.district", "visits_of_town"),
            ("employers.list", "employers"),
            ("openings.list", "openings"),
            ("accounts.people", "people"),
            ("reminders.list", "reminders"),
        ),
    ),
    (
        WORKER,
        (
            ("wages.work", "own_work"),
            ("openings.list", "find_work"),
            ("hires.list", "own_hires"),
            ("reminders.list", "reminders"),
        ),
    ),
)
PHONE_TABS = 5  # as many fit side by side at 320 px


class Tab(NamedTuple):
    """One entry of the menu."""

    endpoint: str
    word: str
    active: bool


class Side(NamedTuple):
    """One role of somebody who has several: his menu shows one at a time."""

    role: str
    word: str
    active: bool


@bp.get("/")
def front() -> Response:
    """Go to the home page of the role that the caller chose, else of his first."""
    if g.caller is None:
        return redirect(url_for("accounts.sign_in"), code=303)
    roles = _shown(g.caller.roles, g.get("side"), "")
    first = next((page for page, _ in menu(roles)), "accounts.own")
    return redirect(url_for(first), code=303)


@cache
def menu(roles: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return page and word of all roles held, the first role's first, each page once."""
    pages: dict[str, str] = {}
    for role, entries in MENUS:
        for page, word in entries:
            if role in roles and (page in PUBLIC or ALLOWED[page] & roles):
                pages.setdefault(page, word)
    return tuple(pages.items())


def tabs() -> tuple[Tab, ...]:
    """Return the menu of the caller; on a grower's or worker's phone what fits at its foot."""
    caller = g.get("caller")
    if not caller:
        return ()
    here = request.endpoint or ""
    return _tabs(_shown(caller.roles, g.get("side"), here), here, _is_office(caller.roles))


def sides() -> tuple[Side, ...]:
    """Return the roles between which the caller switches; the office sees all in one menu."""
    caller = g.get("caller")
    held = _held(caller.roles) if caller and not _is_office(caller.roles) else ()
    if len(held) < 2:
        return ()
    shown = _shown(caller.roles, g.get("side"), request.endpoint or "")
    return tuple(Side(role, f"web.side.{role}", role in shown) for role in held)


def _held(roles: frozenset[str]) -> tuple[str, ...]:
    return tuple(role for role, _ in MENUS if role in roles)


@cache
def _shown(roles: frozenset[str], chosen: str | None, here: str) -> frozenset[str]:
    """Return whose menu is shown: the chosen role's, or that of one that may open the page."""
    held = _held(roles)
    if _is_office(roles) or len(held) < 2:
        return roles
    first = chosen if chosen in held else held[0]
    open_to = roles & ALLOWED.get(here, frozenset())
    if not open_to or first in open_to:
        return frozenset({first})
    return frozenset({next(role for role in held if role in open_to)})


def more() -> tuple[Tab, ...]:
    """Return the pages of the menu that are not shown: they stand on the account page."""
    caller, shown = g.get("caller"), {tab.endpoint for tab in tabs()}
    entries = _entries(caller.roles, "") if caller else ()
    return tuple(tab for tab in entries if tab.endpoint not in shown)


@cache
def _tabs(roles: frozenset[str], here: str, is_whole: bool) -> tuple[Tab, ...]:
    entries = _entries(roles, here)
    return entries if is_whole else entries[:PHONE_TABS]


def _entries(roles: frozenset[str], here: str) -> tuple[Tab, ...]:
    """Return the entries, the page itself marked, or else the first of its room."""
    pages, room = menu(roles), here.partition(".")[0]
    marked = here
    if here not in dict(pages):
        marked = next((page for page, _ in pages if page.partition(".")[0] == room), "")
    return tuple(Tab(page, f"web.tab.{word}", page == marked) for page, word in pages)


def is_office() -> bool:
    """Say whether pages are for office work: smaller type, dense tables."""
    caller = g.get("caller")
    return caller is not None and _is_office(caller.roles)


def _is_office(roles: frozenset[str]) -> bool:
    return not roles & {GROWER, WORKER}
