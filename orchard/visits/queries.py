"""Reads over visit requests; the scope of a look-up is the permission."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, null, or_
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from orchard import clock
from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.accounts.rules import Caller, Role, is_masked, masked_name, masked_phone
from orchard.errors import NotVisible
from orchard.places.models import Place
from orchard.places.rules import short_name
from orchard.plots.models import Plot
from orchard.plots.queries import is_own
from orchard.visits.catalogue import service
from orchard.visits.models import VisitEvent, VisitRequest
from orchard.visits.rules import BY_STAFF, OPEN, EventKind, State
from orchard.visits.sight import assigned_to, held_by, in_sight, report_in_sight

OWN_ROWS = 30  # of a person's own list, on one page
_R = VisitRequest


def request_for(session: Session, caller: Caller, request_id: UUID) -> VisitRequest:
    """Return one request, or raise NotVisible as if it did not exist."""
    found = session.exec(
        select(_R)
        .join(Plot, col(Plot.id) == _R.plot_id)
        .where(_R.id == request_id, in_sight(caller))
    ).one_or_none()
    if found is None:
        raise NotVisible
    return found


def is_held(session: Session, caller: Caller, request: VisitRequest) -> bool:
    """Say whether the caller works the plot of a request."""
    return is_own(caller, session.get_one(Plot, request.plot_id))


def was_owner(session: Session, request: VisitRequest, caller: Caller) -> bool:
    """Say whether the caller handed this request over."""
    found = session.exec(
        select(VisitEvent.n).where(
            VisitEvent.request_id == request.id,
            VisitEvent.kind == EventKind.HANDED_OVER,
            VisitEvent.from_id == caller.account_id,
        )
    )
    return found.first() is not None


def plot_of_visit(session: Session, caller: Caller, request_id: UUID, now: datetime) -> Plot:
    """Return the plot of a request whose report is in the caller's sight, or raise NotVisible."""
    found = session.exec(
        select(Plot)
        .join(_R, col(_R.plot_id) == Plot.id)
        .where(_R.id == request_id, report_in_sight(caller, now))
    ).one_or_none()
    if found is None:
        raise NotVisible
    return found


@dataclass(frozen=True)
class RequestLine:
    """What a list shows of one request; names and phones as this reader may see them."""

    request: VisitRequest
    plot_name: str
    area_mu_x100: int
    variety: str
    village: str
    holder: str
    holder_phone: str | None
    technician: str | None
    technician_phone: str | None
    asked_by: str
    asker_phone: str | None  # of who asked for another
    is_for_other: bool
    is_plain: bool  # names and phones of people are told in full
    is_double: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether something is still to be done."""
        return self.request.state in OPEN

    def waited_days(self, today: date) -> int:
        """Return for how many days the request has waited."""
        return max((today - clock.local(self.request.asked_at).date()).days, 0)


def lines_of(session: Session, caller: Caller, statement: Any) -> list[RequestLine]:
    """Return requests as lists show them, the probable doubles marked; two queries."""
    return as_lines(session, caller, session.execute(statement))


def as_lines(session: Session, caller: Caller, rows: Iterable[Any]) -> list[RequestLine]:
    """Return rows of lines() as lists show them; a technician's own ones are open, or of today."""
    found = [_line(caller, row, row[0].technician_id == caller.account_id) for row in rows]
    return _marked(session, found)


def _marked(session: Session, found: list[RequestLine]) -> list[RequestLine]:
    """Return the lines with the probable doubles marked."""
    doubles = doubles_among(session, [line.request for line in found if line.is_open])
    return [replace(line, is_double=line.request.id in doubles) for line in found]


def lines() -> Any:
    """Select what a list shows; the caller of this adds its scope and order."""
    holder, employer = aliased(Person), aliased(Employer)
    asker_account, asker = aliased(Account), aliased(Person)
    tech_account, tech = aliased(Account), aliased(Person)
    works_it = or_(col(asker.id) == Plot.grower_id, _manages(asker_account))
    asker_phone = col(asker_account.phone)
    return (
        columns(
            _R,
            col(Plot.name),
            col(Plot.area_mu_x100),
            col(Plot.variety),
            col(Place.name),
            col(holder.id),
            col(holder.name),
            col(employer.name),
            func.coalesce(col(holder.phone), case((works_it, asker_phone))),
            col(tech.name),
            col(tech_account.phone),
            col(asker.id),
            col(asker.name),
            case((works_it, null()), else_=asker_phone),
        )
        .join(Plot, col(Plot.id) == _R.plot_id)
        .join(Place, col(Place.code) == Plot.village_code)
        .join(asker_account, col(asker_account.id) == _R.requested_by_id)
        .join(asker, col(asker.id) == asker_account.person_id)
        .outerjoin(holder, col(holder.id) == Plot.grower_id)
        .outerjoin(employer, col(employer.id) == Plot.employer_id)
        .outerjoin(tech_account, col(tech_account.id) == _R.technician_id)
        .outerjoin(tech, col(tech.id) == tech_account.person_id)
    )


def _manages(account: Any) -> ColumnElement[bool]:
    return exists().where(
        col(Grant.account_id) == account.id,
        col(Grant.employer_id) == Plot.employer_id,
        col(Grant.role) == Role.MANAGER,
        col(Grant.ended_at).is_(None),
    )


def _line(caller: Caller, row: Any, is_assigned: bool) -> RequestLine:
    """Return one row as this reader may see it; is_assigned: it is his to visit."""
    request, plot, area, variety, village, person_id, person, firm, phone, *others = row
    technician, technician_phone, asker_id, asker, asker_phone = others
    is_plain = not (is_masked(caller) or Role.TECHNICIAN in caller.roles) or is_assigned
    is_plain = is_plain or person_id == caller.person_id
    masks = not is_plain and person is not None
    shows_asker = asker_id == caller.person_id or asker_id != person_id
    return RequestLine(
        request=request,
        plot_name=plot,
        area_mu_x100=area,
        variety=variety,
        village=short_name(village),
        holder=masked_name(person) if masks else person or firm,
        holder_phone=phone if is_plain or not phone else masked_phone(phone),
        technician=technician,
        technician_phone=technician_phone,
        asker_phone=asker_phone if is_plain or not asker_phone else masked_phone(asker_phone),
        asked_by=asker if shows_asker or not masks else masked_name(asker),
        is_for_other=asker_id != person_id,
        is_plain=is_plain,
    )


def doubles_among(session: Session, requests: Collection[VisitRequest]) -> set[UUID]:
    """Return which requests tell a trouble that was told for the same plot some days before."""
    if not requests:
        return set()
    within_days = timedelta(service().double_within_days)
    since = min(request.asked_at for request in requests) - within_days
    rows = session.execute(
        columns(col(_R.id), col(_R.plot_id), col(_R.problem), col(_R.asked_at)).where(
            col(_R.plot_id).in_({request.plot_id for request in requests}),
            col(_R.asked_at) >= since,
            col(_R.state) != State.CANCELLED,
        )
    ).all()
    return {
        request.id
        for request in requests
        for id_, plot_id, problem, asked_at in rows
        if (plot_id, problem) == (request.plot_id, request.problem)
        and id_ != request.id
        and (asked_at, id_) < (request.asked_at, request.id)
        and request.asked_at - asked_at <= within_days
    }


def line_for(session: Session, caller: Caller, request_id: UUID, now: datetime) -> RequestLine:
    """Return one request as lists show it, or raise NotVisible."""
    statement = lines().add_columns(assigned_to(caller, now))
    row = session.execute(statement.where(col(_R.id) == request_id, in_sight(caller))).one_or_none()
    if row is None:
        raise NotVisible
    *shown, is_assigned = row
    return _marked(session, [_line(caller, shown, is_assigned)])[0]


def own_lines(session: Session, caller: Caller, *, number: int) -> tuple[list[RequestLine], bool]:
    """Return one page of the requests for the caller's own plots: open ones first, then newest."""
    mine = (held_by(caller), col(Plot.ended_at).is_(None))
    closed = case((col(_R.state).in_(OPEN), 0), else_=1)
    statement = lines().where(*mine).order_by(closed, col(_R.asked_at).desc(), col(_R.id))
    statement = statement.offset((number - 1) * OWN_ROWS).limit(OWN_ROWS + 1)
    found = lines_of(session, caller, statement)
    return found[:OWN_ROWS], len(found) > OWN_ROWS


def history_of(session: Session, request_id: UUID) -> list[tuple[VisitEvent, Any, Any, Any]]:
    """Return what happened to a request, oldest first: event, by whom (name, person), to whom."""
    by_account, by = aliased(Account), aliased(Person)
    to_account, to = aliased(Account), aliased(Person)
    rows = session.execute(
        columns(VisitEvent, col(by.name), col(by.id), col(to.name))
        .outerjoin(by_account, col(by_account.id) == VisitEvent.by_id)
        .outerjoin(by, col(by.id) == by_account.person_id)
        .outerjoin(to_account, col(to_account.id) == VisitEvent.to_id)
        .outerjoin(to, col(to.id) == to_account.person_id)
        .where(col(VisitEvent.request_id) == request_id)
        .order_by(col(VisitEvent.n))
    )
    return [(event, name, person_id, given) for event, name, person_id, given in rows]


def shown_name(
    caller: Caller, line: RequestLine, event: VisitEvent, name: str | None, person_id: UUID | None
) -> str | None:
    """Return who did something to a request, as this reader may see it; masked as the line is."""
    is_plain = event.kind in BY_STAFF or person_id == caller.person_id or line.is_plain
    return name if is_plain or name is None else masked_name(name)


def answer_of(session: Session, request_id: UUID) -> str:
    """Return what a technician answered in writing, '' when nothing."""
    found = session.exec(
        select(VisitEvent.text).where(
            VisitEvent.request_id == request_id, VisitEvent.kind == EventKind.ANSWERED
        )
    )
    return found.first() or ""
