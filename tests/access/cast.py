"""Who knocks at every endpoint, and at what: two towns, two firms of one town, every role."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from orchard.accounts import services
from orchard.accounts.models import ApiToken, Employer, Grant, SignInSession
from orchard.accounts.rules import Caller, EmployerKind, Role
from orchard.ids import new_id
from orchard.plots import services as plot_services
from orchard.tasks.models import Task
from tests import make
from tests.plots.filling import TODAY, register

CANARY = "金丝雀"  # stands in every name of the other town
NEIGHBOURS = "隔壁雀"  # stands in the names of the neighbouring firm's people and crews
CANARY_PHONE = "+8613999998888"
ANONYMOUS, ENDED = "anonymous", "ended"
WHO = (ANONYMOUS, ENDED, *(role.value for role in Role))


@dataclass
class Cast:
    """The secrets of sessions and tokens by role, and the ids of what is knocked at."""

    sessions: dict[str, str] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    plots: dict[str, UUID] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    windows: dict[str, str] = field(default_factory=dict)
    own_sessions: dict[str, UUID] = field(default_factory=dict)
    grants: dict[str, UUID] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)  # by kind, by subject


@dataclass(frozen=True)
class Faces:
    """Who is in the cast, for the rooms that write records of their own."""

    callers: dict[str, Caller]  # by role, and "neighbour", "other"
    firm: Employer  # the manager's
    neighbour_firm: Employer  # in the same town, of another manager
    other_firm: Employer  # in the other town, with the canary in its name


Fill = Callable[[Session, Cast, Faces], None]


def fill(session: Session, rooms: Sequence[Fill] = ()) -> Cast:
    """Write the cast, then each room's records; the roots' hooks plan the tasks of each plot."""
    cast = Cast()
    firm = make.employer(session, verified_at=make.NOW)
    callers = {}
    for role in Role:
        scope = {"place": "500154"} if role == Role.DISTRICT else {}
        if role in (Role.MANAGER, Role.WORKER):
            scope = {"employer_id": firm.id}
        callers[role.value] = _arrive(session, cast, role.value, role, **scope)
    neighbour = _arrive(session, cast, "neighbour", Role.GROWER)
    other = _arrive(
        session,
        cast,
        "other",
        Role.GROWER,
        place=make.DADE,
        of=make.person(
            session, name=f"{CANARY}主", phone=CANARY_PHONE, village_code=make.OTHER_VILLAGE
        ),
        number=CANARY_PHONE,
    )
    neighbour_firm = make.employer(session, name="竹溪车间", kind=EmployerKind.WORKSHOP)
    other_firm = make.employer(session, name=f"{CANARY}合作社", village_code=make.OTHER_VILLAGE)
    cast.plots = {
        "own": register(session, callers["grower"]).id,
        "firm": register(session, callers["manager"], employer_id=firm.id).id,
        "neighbour": register(session, neighbour).id,
        "other": register(session, other, name=f"{CANARY}坡", village_code=make.OTHER_VILLAGE).id,
        "deleted": register(session, callers["grower"]).id,
        "unknown": new_id(),
    }
    _plan(session, cast)
    plot_services.end_plot(
        session, callers["grower"], cast.plots["deleted"], version=1, now=make.NOW, today=TODAY
    )
    cast.people |= {"unknown": new_id(), "phoneless": make.person(session, phone=None).id}
    cast.own_sessions |= {"unknown": new_id(), "phoneless": new_id()}
    everybody = callers | {"neighbour": neighbour, "other": other}
    faces = Faces(everybody, firm, neighbour_firm, other_firm)
    for room in rooms:
        room(session, cast, faces)
    return cast


def _arrive(session: Session, cast: Cast, name: str, role: Role, **values):
    caller, token = make.signed_in(session, role, **values)
    bearer = services.new_token()
    session.add(
        ApiToken(
            account_id=caller.account_id,
            token_hash=services.token_hash(bearer),
            made_at=make.NOW,
        )
    )
    cast.sessions[name], cast.bearers[name] = token, bearer
    cast.people[name] = caller.person_id
    cast.own_sessions[name] = session.exec(
        select(SignInSession.id).where(SignInSession.token_hash == services.token_hash(token))
    ).one()
    cast.grants[name] = session.exec(
        select(Grant.id).where(Grant.account_id == caller.account_id)
    ).one()
    if name == "technician":
        _end_one(session, cast, caller)
    return caller


def _end_one(session: Session, cast: Cast, caller) -> None:
    from orchard.accounts.models import Account

    token = services.begin_session(
        session, session.get_one(Account, caller.account_id), now=make.NOW
    )
    row = session.exec(
        select(SignInSession).where(SignInSession.token_hash == services.token_hash(token))
    ).one()
    services.end_session(session, row.id, now=make.NOW)
    cast.sessions[ENDED] = token
    cast.bearers[ENDED] = "nobody"


def _plan(session: Session, cast: Cast) -> None:
    for name, plot_id in cast.plots.items():
        task = session.exec(
            select(Task).where(Task.plot_id == plot_id, Task.window_to > TODAY)
        ).first()
        code, occurrence = (task.code, task.occurrence) if task else ("QY1", "2026-1")
        if task:
            cast.windows[name] = task.window_to.isoformat()
        cast.tasks[name] = f"{plot_id}.{code}.{occurrence}"
