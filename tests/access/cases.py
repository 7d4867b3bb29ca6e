"""One case per endpoint: what kind of record it names, who reaches which, and a body that fits.

The permission table says who may open a page at all; this table says, apart from the code, which
records each role then finds. An endpoint without a line here fails the test.
"""

from typing import Any

from orchard.ids import new_id
from orchard.tasks.models import POSTPONE_REASONS, SKIP_REASONS
from tests import make
from tests.access import attendance, counts, hiring, visits, wages
from tests.access.case import FREE, OPEN, Body, Case
from tests.access.cast import Cast
from tests.accounts.arriving import PASSWORD
from tests.plots.filling import form

PLOTS = ("own", "neighbour", "firm", "other", "deleted", "unknown")
PEOPLE = (
    "phoneless",
    "grower",
    "neighbour",
    "worker",
    "technician",
    "manager",
    "secretary",
    "district",
    "other",
    "unknown",
)
TOWN = {"own", "neighbour", "firm"}
EVERYBODY = set(PEOPLE) - {"unknown"}
# Who finds which record (access matrix: plot, task, person, session, account).
REACH: dict[str, dict[str, set[str]]] = {
    "plot:read": {
        "grower": {"own"},
        "manager": {"firm"},
        "technician": TOWN,
        "secretary": TOWN,
    },
    "plot:write": {"grower": {"own"}, "manager": {"firm"}},
    "plot:end": {"grower": {"own", "deleted"}, "manager": {"firm"}},  # twice is once
    "person": {
        "manager": {"manager", "worker"},
        "secretary": EVERYBODY - {"other"},
        "district": EVERYBODY,
    },
    "session": {role: {role} for role in PEOPLE},
    "town": {"technician": {"own"}, "secretary": {"own"}},
}
SUBJECTS: dict[str, tuple[str, ...]] = {
    "plot:read": PLOTS,
    "plot:write": PLOTS,
    "plot:end": PLOTS,
    "person": PEOPLE,
    "session": PEOPLE,
    "town": ("own", "other", "unknown"),
}


def _plot(**more: Any) -> Body:
    return lambda cast, subject: {**form(), **more}


def _plot_of(cast: Cast, subject: str) -> dict[str, Any]:
    return {**form(), "version": "1", "area_mu": "9"}


def _invite(cast: Cast, subject: str) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "name": "新来的",
        "phone": "13800005678",
        "role": "worker",
        "place_code": make.VILLAGE,
        "employer_id": "",
    }


def _card(cast: Cast, subject: str) -> dict[str, Any]:
    return {"id": str(new_id())}


def _role(cast: Cast, subject: str) -> dict[str, Any]:
    return {"grant_id": str(cast.grants.get(subject, new_id()))}


def _phone(cast: Cast, subject: str) -> dict[str, Any]:
    return {"id": str(new_id()), "phone": "13800005678", "role": "grower"}


def _version(cast: Cast, subject: str) -> dict[str, Any]:
    return {"version": 1}


def _later(cast: Cast, subject: str) -> dict[str, Any]:
    last = cast.windows.get(subject, "2026-12-20")
    return {"to": last, "reason": POSTPONE_REASONS[0].value}


def _left_out(cast: Cast, subject: str) -> dict[str, Any]:
    return {"reason": SKIP_REASONS[0].value}


PLOT_READ, PLOT_WRITE = Case("plot:read"), Case("plot:write")
PERSON, MANAGED = Case("person"), Case("person", may_refuse=True)
CARD = Case("person", _card, may_refuse=True)
END_ROLE = Case("person", _role, may_refuse=True)
TAP = Case("plot:write", may_refuse=True)
PUT_OFF, LEFT_OUT = Case("plot:write", _later, True), Case("plot:write", _left_out, True)
SWITCH = Case("town", lambda cast, subject: {"state": "on"})

CASES: dict[str, Case] = {
    # open to everybody, signed in or not
    "accounts.card": OPEN,
    "accounts.card_number": OPEN,
    "accounts.card_secret": OPEN,
    "accounts.enter": OPEN,
    "accounts.sign_in": OPEN,
    "accounts.sign_out": OPEN,
    "accounts.use_card": OPEN,
    "accounts.use_number": OPEN,
    "api_doc.openapi": OPEN,
    "display.county": OPEN,
    "display.switch": OPEN,
    "health.live": OPEN,
    "health.metrics": OPEN,
    "health.ready": OPEN,
    "home.front": OPEN,
    "static": OPEN,
    # accounts
    "accounts.check_disable": PERSON,
    "accounts.create": Case("free", _invite, True),
    "accounts.disable": MANAGED,
    "accounts.enable": MANAGED,
    "accounts.end_role": END_ROLE,
    "accounts.end_session": Case("session"),
    "accounts.invite": FREE,
    "accounts.language": Case("free", lambda cast, subject: {"lang": "en"}),
    "accounts.made": PERSON,
    "accounts.new_card": CARD,
    "accounts.own": FREE,
    "accounts.people": FREE,
    "accounts.person": PERSON,
    "accounts.phone": Case("person", _phone, may_refuse=True),
    "accounts.prove": Case("free", lambda cast, subject: {"secret": PASSWORD}, True),
    "accounts.roles": PERSON,
    "accounts.search": Case("free", lambda cast, subject: {"name": "金"}),
    "accounts.secret": Case("free", lambda cast, subject: {"secret": "x"}, True),
    "api_accounts.disable": MANAGED,
    "api_accounts.enable": MANAGED,
    "api_accounts.end_role": END_ROLE,
    "api_accounts.invite": Case("free", _invite, True),
    "api_accounts.me": FREE,
    "api_accounts.new_card": CARD,
    "api_accounts.people": FREE,
    "api_accounts.person": PERSON,
    "api_accounts.phone": Case("person", _phone, may_refuse=True),
    "api_accounts.roles": PERSON,
    # overview
    "overview.page": FREE,
    # places
    "api_places.towns": FREE,
    "api_places.villages": FREE,
    # plots
    "api_plots.change": Case("plot:write", _plot_of),
    "api_plots.create": Case("free", _plot()),
    "api_plots.end": Case("plot:end", _version),
    "api_plots.history": PLOT_READ,
    "api_plots.list": FREE,
    "api_plots.one": PLOT_READ,
    "api_plots.varieties": FREE,
    "plots.change": Case("plot:write", _plot_of),
    "plots.check_end": PLOT_WRITE,
    "plots.create": Case("free", _plot()),
    "plots.edit": PLOT_WRITE,
    "plots.end": Case("plot:end", _version),
    "plots.list": FREE,
    "plots.new": FREE,
    "plots.one": PLOT_READ,
    # reminders
    "api_reminders.list": FREE,
    "reminders.list": FREE,
    # tasks
    "api_tasks.calendar": FREE,
    "api_tasks.done": TAP,
    "api_tasks.list": FREE,
    "api_tasks.one": PLOT_READ,
    "api_tasks.postpone": PUT_OFF,
    "api_tasks.skip": LEFT_OUT,
    "api_tasks.switch": Case("town", lambda cast, subject: {"is_on": True}),
    "api_tasks.undo": TAP,
    "tasks.calendar": FREE,
    "tasks.done": TAP,
    "tasks.guide": FREE,
    "tasks.list": FREE,
    "tasks.one": PLOT_READ,
    "tasks.postpone": TAP,
    "tasks.save_postponed": PUT_OFF,
    "tasks.save_skipped": LEFT_OUT,
    "tasks.skip": TAP,
    "tasks.switch": SWITCH,
    "tasks.undo": TAP,
    # today
    "api_today.one": PLOT_READ,
    "today.page": FREE,
    # weather
    "api_weather.alerts": PLOT_READ,
    "api_weather.forecast": PLOT_READ,
    "weather.one": PLOT_READ,
}


# Rooms with records of their own keep their cases beside them.
ROOMS = (visits, hiring, attendance, wages, counts)
for _room in ROOMS:
    CASES |= _room.CASES
    REACH |= _room.REACH
    SUBJECTS |= _room.SUBJECTS


def values_for(cast: Cast, arguments: set[str], subject: str, endpoint: str) -> dict[str, Any]:
    """Return the values of an address: the record that a subject names."""
    towns = {"own": make.ZHUXI, "other": make.DADE, "unknown": "500154999"}
    known: dict[str, Any] = {
        "plot_id": cast.plots.get(subject),
        "person_id": cast.people.get(subject),
        "session_id": cast.own_sessions.get(subject),
        "token": cast.tasks.get(subject, "0" * 48),
        "town": towns.get(subject, make.ZHUXI),
        "code": "500154118" if endpoint.startswith("api_places") else "QY1",
        "filename": "orchard.css",
    }
    for room in ROOMS:
        known |= room.values(cast, subject)
    return {name: known[name] for name in arguments}
