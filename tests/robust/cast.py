"""Who plays in these tests: one account per role, each signed in, with plots and a task."""

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from orchard import db
from orchard.accounts import services as accounts
from orchard.accounts.models import ApiToken
from orchard.accounts.rules import Caller, Role
from orchard.plots.models import Plot
from orchard.tasks.models import Source, Task
from orchard.tasks.rules import calendar
from orchard.visits import recording, services
from orchard.visits.reports import prescriptions_of
from tests import make
from tests.robust.pay import add_pay
from tests.robust.work import add_work
from tests.visits.asking import ask, found


@dataclass
class Cast:
    """The sessions' secrets by role, the interface's secrets by role, and what they own."""

    sessions: dict[Role, str] = field(default_factory=dict)
    callers: dict[Role, Caller] = field(default_factory=dict)
    bearers: dict[Role, str] = field(default_factory=dict)
    managers: list[str] = field(default_factory=list)
    plot: str = ""
    task: str = ""
    visit: str = ""
    prescription: str = ""
    line: str = ""
    payment: str = ""
    work: dict[str, str] = field(default_factory=dict)  # by the name in an address
    shared: list[str] = field(default_factory=list)


def fill(*, managers: int = 1, shared_plots: int = 1) -> Cast:
    """Write the cast into the database in force."""
    made = Cast()
    with db.transaction() as session:
        for role in (Role.GROWER, Role.WORKER, Role.TECHNICIAN, Role.SECRETARY):
            is_hired = {"of": make.worker(session, name="刘洪")} if role == Role.WORKER else {}
            _add(session, made, role, **is_hired)
        _add(session, made, Role.DISTRICT, place="500154")
        _add_land(session, made, managers, shared_plots)
    return made


def _add(session: Session, cast: Cast, role: Role, **scope: object) -> None:
    caller, token = make.signed_in(session, role, **scope)  # type: ignore[arg-type]
    cast.sessions[role], cast.callers[role] = token, caller
    cast.bearers[role] = _bearer(session, caller)


def _bearer(session: Session, caller: Caller) -> str:
    secret = accounts.new_token()
    hashed = accounts.token_hash(secret)
    session.add(ApiToken(account_id=caller.account_id, token_hash=hashed, made_at=make.NOW))
    return secret


def _add_land(session: Session, cast: Cast, managers: int, shared_plots: int) -> None:
    firm = make.employer(session)
    _add(session, cast, Role.MANAGER, employer_id=firm.id)
    cast.managers = [
        _bearer(session, make.caller(session, Role.MANAGER, employer_id=firm.id))
        for _ in range(managers)
    ]
    cast.shared = [
        str(make.plot(session, firm, name=f"大坡{number}", tree_count=0).id)
        for number in range(shared_plots)
    ]
    own = make.plot(session, cast.callers[Role.GROWER])
    cast.plot = str(own.id)
    task = Task(
        plot_id=own.id,
        code=next(iter(calendar().rows)),
        occurrence="2026-1",
        source=Source.CALENDAR,
        due_on=date(2026, 11, 20),
        late_after=date(2026, 11, 30),
        window_to=date(2026, 12, 10),
        harm=1,
    )
    session.add(task)
    cast.task = task.key.token
    _add_visit(session, cast, own)
    cast.line, cast.payment = add_pay(session, cast.callers[Role.WORKER], firm)
    cast.work = add_work(session, cast.callers[Role.WORKER], firm)


def _add_visit(session: Session, cast: Cast, plot: Plot) -> None:
    request = ask(session, cast.callers[Role.GROWER], plot)
    expert = cast.callers[Role.TECHNICIAN]
    services.take(session, expert, request.id, now=make.NOW)
    recording.record(session, expert, request.id, found(), now=make.NOW)
    cast.visit = str(request.id)
    cast.prescription = str(prescriptions_of(session, request.id)[0].id)
