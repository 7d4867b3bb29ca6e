"""The counts and their people: who knocks at which record, and who finds it."""

from datetime import date
from typing import Any

from sqlmodel import Session

from orchard.accounts.models import AuditLine
from orchard.accounts.rules import Role
from orchard.attendance.models import Workday
from orchard.counts import people, services
from orchard.counts.people import Opened
from orchard.ids import new_id
from tests import make
from tests.access.case import FREE, Case
from tests.access.cast import CANARY, Cast, Faces

DAY = date(2026, 11, 20)
SEASON = "2026-AW"
PLACES = {
    "count:own": make.ZHUXI,
    "count:village": make.VILLAGE,
    "count:other": make.DADE,
    "count:unknown": "500154999",
}
TICKETS = ("ticket:own", "ticket:other", "ticket:unknown")
PAIRS = ("pair:own", "pair:other", "pair:unknown")


def _open(cast: Cast, subject: str) -> dict[str, Any]:
    body = {"id": str(new_id()), "period": SEASON, "measure": "persons", "reason": "核对上报的数"}
    return {**body, "place": PLACES[subject], "employer": ""}


def _same(cast: Cast, subject: str) -> dict[str, Any]:
    first, second = cast.records["pairs"][subject]
    body = {"id": str(new_id()), "is_same": "yes"}
    return {**body, "person_id": str(first), "other_id": str(second)}


CASES: dict[str, Case] = {
    "api_counts.definitions": FREE,
    "api_counts.local_hires": FREE,
    "api_counts.open_people": Case("count", _open),
    "api_counts.people": Case("ticket"),
    "api_counts.review": FREE,
    "api_counts.town": FREE,
    "api_counts.towns": FREE,
    "counts.definition": FREE,
    "counts.export": FREE,
    "counts.page": FREE,
    "counts_people.ask": FREE,
    "counts_people.list": Case("ticket"),
    "counts_people.same": Case("pair", _same),
    "counts_people.show": Case("count", _open),
    "counts_people.waiting": FREE,
}
REACH: dict[str, dict[str, set[str]]] = {
    "count": {"secretary": {"count:own", "count:village"}},
    "pair": {"secretary": {"pair:own"}},
    "ticket": {"secretary": {"ticket:own"}},
}
SUBJECTS: dict[str, tuple[str, ...]] = {
    "count": tuple(PLACES),
    "pair": PAIRS,
    "ticket": TICKETS,
}


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""
    for firm, name, village in (
        (faces.firm, "张秀英", make.VILLAGE),
        (faces.other_firm, f"{CANARY}工", make.OTHER_VILLAGE),
    ):
        person = make.worker(session, name=name, village_code=village)
        hire = make.hire(session, firm, person)
        session.add(Workday(hire_id=hire.id, day=DAY, half_days=2, written_at=make.NOW))
        session.flush()
        services.hires_changed(session, [hire.id], [DAY])
    _tickets(session, cast, faces)
    _pairs(session, cast)


def _tickets(session: Session, cast: Cast, faces: Faces) -> None:
    other = make.caller(
        session,
        Role.SECRETARY,
        place=make.DADE,
        of=make.person(session, name=f"{CANARY}书", village_code=make.OTHER_VILLAGE),
    )
    cast.records["tickets"] = {name: new_id() for name in TICKETS}
    for name, who, place in (
        ("ticket:own", faces.callers["secretary"], make.ZHUXI),
        ("ticket:other", other, make.DADE),
    ):
        session.add(
            AuditLine(
                id=cast.records["tickets"][name],
                at=make.NOW,
                account_id=who.account_id,
                action=people.ACTION,
                subject=Opened(place, SEASON).subject,
                place_code=place,
                reason="核对",
            )
        )
    session.flush()


def _pairs(session: Session, cast: Cast) -> None:
    own = [make.worker(session, name="李国富").id for _ in range(2)]
    other = [
        make.worker(session, name=f"{CANARY}国富", village_code=make.OTHER_VILLAGE).id
        for _ in range(2)
    ]
    unknown = [new_id(), new_id()]
    cast.records["pairs"] = dict(zip(PAIRS, (own, other, unknown), strict=True))


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    return {"ticket": cast.records["tickets"].get(subject)}
