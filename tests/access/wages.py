"""Rates, pay lines, payments, ID numbers: who knocks at which record, and who finds it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard.accounts.models import Employer, Person
from orchard.hiring.rules import PayBasis
from orchard.ids import new_id
from orchard.wages.models import PayAnswer, PayLine, Payment, PaymentLine
from orchard.wages.rules import AnswerState, LineKind, Means, Objection, PaymentKind, Proof
from tests import make
from tests.access.case import FREE, Body, Case
from tests.access.cast import CANARY, NEIGHBOURS, Cast, Faces

DAY = date(2026, 11, 20)
# The worker's, a fellow's and a grower's pay at the firm; at the town's and other town's; none.
ALL = ("pay:worker", "pay:fellow", "pay:grower", "pay:neighbour", "pay:other", "pay:unknown")
OF_FIRM = {"pay:worker", "pay:fellow", "pay:grower"}
REACH: dict[str, dict[str, set[str]]] = {
    "pay:managed": {"manager": OF_FIRM},
    "pay:read": {"manager": OF_FIRM, "worker": {"pay:worker"}},
    "pay:own": {"worker": {"pay:worker"}},
    "pay:say": {"manager": {"pay:fellow"}, "worker": {"pay:worker"}},
    "pay:number": {"manager": OF_FIRM, "worker": {"pay:worker"}, "grower": {"pay:grower"}},
}
SUBJECTS: dict[str, tuple[str, ...]] = dict.fromkeys(REACH, ALL)
NUMBER = {"id_number": "500154198806060002"}


def _paid(**more: Any) -> Body:
    """Return the body of a payment at the firm, whoever the address names."""

    def body(cast: Cast, subject: str) -> dict[str, Any]:
        kept = cast.records["wages"]
        return {
            "id": str(new_id()),
            "employer_id": str(kept["firm"]),
            "person_id": str(kept["people"].get(subject, kept["people"]["pay:worker"])),
            "paid_on": "2026-11-23",
            "way": "cash_signature",
            **more,
        }

    return body


def _fix(cast: Cast, subject: str) -> dict[str, Any]:
    return {"id": str(new_id()), "version": "1", "quantity": "9", "note": "秤错了"}


def _say(cast: Cast, subject: str) -> dict[str, Any]:
    if subject == "pay:fellow":
        return {"version": 1, "state": "answered", "note": "没错"}
    return {"version": 0, "state": "confirmed"}


def _objection(cast: Cast, subject: str) -> dict[str, Any]:
    return {"version": "0", "reason": "quantity"}


def _rate(cast: Cast, subject: str) -> dict[str, Any]:
    more = {"work": "picking", "basis": "day", "rate_yuan": "130", "from_on": "2026-11-23"}
    return {**_paid()(cast, subject), **more}


SETTLED = _paid(until="2026-11-23", seen_fen="150")
HANDED = _paid(means="cash", proof="signature")
READ, MANAGED, OWN = Case("pay:read"), Case("pay:managed"), Case("pay:own")
CASES: dict[str, Case] = {
    "api_wages.add_rate": Case("free", _rate),
    "api_wages.answer": Case("pay:say", _say),
    "api_wages.correct": Case("pay:managed", _fix),
    "api_wages.disputed": FREE,
    "api_wages.id_number": Case("pay:number"),
    "api_wages.ledger": FREE,
    "api_wages.lines": FREE,
    "api_wages.one": READ,
    "api_wages.pay": Case("free", HANDED),
    "api_wages.payment": READ,
    "api_wages.payments": FREE,
    "api_wages.proof": Case("pay:managed", lambda cast, subject: {"proof": "signature"}),
    "api_wages.rates": FREE,
    "api_wages.reckon": Case("free", _paid()),
    "api_wages.write": Case("free", lambda cast, subject: {"lines": [cast.records["line"]]}),
    "api_wages.write_id_number": Case("pay:number", lambda cast, subject: NUMBER),
    "wages.add_rate": Case("free", _rate),
    "wages.advance": MANAGED,
    "wages.ask_objection": OWN,
    "wages.confirm": Case("pay:own", lambda cast, subject: {"version": "0"}),
    "wages.correct": Case("pay:managed", _fix),
    "wages.disputes": FREE,
    "wages.explain": Case(
        "pay:managed", lambda cast, subject: {"version": "1", "answer": "没错"}, True
    ),
    "wages.full_number": Case("free", may_refuse=True),
    "wages.give": Case("pay:managed", _paid(amount_yuan="5")),
    "wages.ledger_file": FREE,
    "wages.ledger_page": FREE,
    "wages.line": MANAGED,
    "wages.list": FREE,
    "wages.number": MANAGED,
    "wages.object_to": Case("pay:own", _objection),
    "wages.own_number": FREE,
    "wages.person": MANAGED,
    "wages.proof": Case("pay:managed", lambda cast, subject: {"proof": "signature"}),
    "wages.quantities": FREE,
    "wages.rates": FREE,
    "wages.reckon": FREE,
    "wages.settle": Case("pay:managed", SETTLED),
    "wages.slip": READ,
    "wages.weigh": FREE,
    "wages.work": FREE,
    "wages.write": Case("free", _paid()),
    "wages.write_number": Case("pay:managed", lambda cast, subject: NUMBER),
    "wages.write_own_number": Case("free", lambda cast, subject: NUMBER),
}


def fill(session: Session, cast: Cast, faces: Faces) -> None:
    """Write the records that are knocked at into the cast's records, by kind and subject."""
    people = {
        "pay:worker": session.get_one(Person, faces.callers["worker"].person_id),
        "pay:fellow": make.worker(session, name="李国富"),
        "pay:grower": session.get_one(Person, faces.callers["grower"].person_id),
        "pay:neighbour": make.worker(session, name=f"{NEIGHBOURS}工"),
        "pay:other": make.worker(session, name=f"{CANARY}工", village_code=make.OTHER_VILLAGE),
    }
    kept: dict[str, Any] = {"firm": faces.firm.id, "people": {"pay:unknown": new_id()}}
    kept |= {"lines": {"pay:unknown": new_id()}, "payments": {"pay:unknown": new_id()}}
    firms = {"pay:neighbour": faces.neighbour_firm, "pay:other": faces.other_firm}
    for name, person in people.items():
        owner = firms.get(name, faces.firm)
        kept["people"][name] = person.id
        kept["lines"][name], kept["payments"][name] = _pay(session, owner, person)
    session.add(
        PayAnswer(
            line_id=kept["lines"]["pay:fellow"],
            version=1,
            state=AnswerState.OBJECTED,
            reason=Objection.QUANTITY,
            at=make.NOW,
        )
    )
    session.flush()
    cast.records["wages"] = kept
    cast.records["line"] = _line_body(session, cast, kept["lines"]["pay:worker"])


def _pay(session: Session, owner: Employer, person: Person) -> tuple[UUID, UUID]:
    """Write an open line and a payment without proof that settled another."""
    hire = make.hire(session, owner, person, basis=PayBasis.JIN, work="packing")
    lines = [
        PayLine(
            hire_id=hire.id,
            worked_on=day,
            kind=LineKind.EARNED,
            basis=PayBasis.JIN,
            quantity_x100=1_000,
            rate_fen_x100=1_500,
            amount_fen=150,
            made_at=make.NOW,
        )
        for day in (DAY, date(2026, 11, 10))
    ]
    payment = Payment(
        employer_id=owner.id,
        person_id=person.id,
        kind=PaymentKind.WAGES,
        means=Means.CASH,
        proof=Proof.MISSING,
        amount_fen=150,
        paid_on=date(2026, 11, 10),
        made_at=make.NOW,
    )
    session.add_all([*lines, payment])
    session.flush()
    session.add(PaymentLine(line_id=lines[1].id, payment_id=payment.id))
    session.flush()
    return lines[0].id, payment.id


def _line_body(session: Session, cast: Cast, line_id: UUID) -> dict[str, Any]:
    """Return the line that stands, as a program would send it once more."""
    line = session.get_one(PayLine, line_id)
    return {
        "id": str(line.id),
        "hire_id": str(line.hire_id),
        "worked_on": line.worked_on.isoformat(),
        "quantity": "10",
    }


def values(cast: Cast, subject: str) -> dict[str, Any]:
    """Return the values of this room's address arguments for a subject."""
    kept = cast.records.get("wages")
    if kept is None or not subject.startswith("pay:"):
        return {}
    return {
        "person_id": kept["people"].get(subject),
        "line_id": kept["lines"].get(subject),
        "payment_id": kept["payments"].get(subject),
    }
