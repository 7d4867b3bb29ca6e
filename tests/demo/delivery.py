"""The year 2022 as messages to the JSON interface, sent again until all of it is taken."""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlmodel import Session, col, delete, select, update

from orchard.accounts.models import ApiToken, Employer, Grant, Person
from orchard.accounts.rules import Role
from orchard.accounts.services import new_token, token_hash
from orchard.attendance.models import Sheet, Workday
from orchard.demo.book import book
from orchard.hiring.models import (
    Crew,
    Hire,
    HireEvent,
    SamePerson,
    SamePersonDecision,
    StatusPeriod,
)
from orchard.places.queries import children
from orchard.units import decimal_text
from orchard.wages.models import PayAnswer, PayLine, Payment, PaymentLine
from tests import make

AGAIN = (404, 409, 422, 503)  # what a client sends once more, later
ENDS = book().book_ends
LATE = "补交2022年的记录"
DELIVERED = (  # what is pointed at last
    PaymentLine,
    Payment,
    PayAnswer,
    PayLine,
    Workday,
    Sheet,
    HireEvent,
    Hire,
)


@dataclass(frozen=True)
class Message:
    """One request of the JSON interface."""

    method: str
    path: str
    body: dict[str, Any]


@dataclass
class Year:
    """Everything that is delivered of 2022, read from the county before it is emptied."""

    messages: list[Message] = field(default_factory=list)
    also: list[Any] = field(default_factory=list)  # what else is taken out before

    def add(self, method, path, **body):
        self.messages.append(Message(method, f"/api/v1/{path}", body))

    def statuses(self, session: Session):
        """Add the status periods that a town's secretary may write: of its own people."""
        ours = select(Person.id).where(col(Person.village_code).is_not(None))
        self.also.append(delete(StatusPeriod).where(col(StatusPeriod.person_id).in_(ours)))
        for row in session.exec(select(StatusPeriod).where(col(StatusPeriod.person_id).in_(ours))):
            self.add(
                "POST",
                f"people/{row.person_id}/status",
                id=str(row.id),
                kind=row.kind.value,
                from_on=str(row.from_on),
                until_on=row.until_on and str(row.until_on),
                reason=LATE,
            )

    def doubles(self, session: Session):
        """Add the decisions about double records."""
        self.also += [delete(SamePersonDecision), delete(SamePerson)]
        for row in session.exec(select(SamePersonDecision)):
            self.add(
                "POST",
                "doubles",
                id=str(row.id),
                person_id=str(row.first_id),
                other_id=str(row.second_id),
                is_same=row.is_same,
            )

    def hires(self, session: Session, *where):
        """Add some hires, their last days, what they earned, and every work day by itself."""
        found = list(session.exec(select(Hire).where(Hire.started_on <= ENDS, *where)))
        for hire in found:
            self._hire(hire)
        ids = {hire.id for hire in found}
        self._lines(session, ids)
        self._payments(session, ids)
        return found

    def _hire(self, hire: Hire):
        names = ["id", "person_id", "employer_id", "crew_id", "workplace_code", "started_on"]
        facts = {name: str(getattr(hire, name)) for name in names}
        facts |= {"registered_code": hire.registered_code, "work": hire.work}
        facts |= {"relation": hire.relation.value, "basis": hire.basis.value}
        self.add("POST", "hires", **facts)
        self.add("POST", f"hires/{hire.id}/end", ended_on=str(hire.ended_on), version=1)

    def days(self, session: Session, hires):
        """Add every work day of some hires as a message of its own."""
        ids = {hire.id for hire in hires}
        for row in session.exec(select(Workday)):
            if row.hire_id in ids:
                path = f"hires/{row.hire_id}/workdays/{row.day}"
                self.add("PUT", path, half_days=row.half_days, reason=LATE)

    def sheets(self, session: Session, hires):
        """Add the work days of some hires as one message for each crew and day."""
        crews = {hire.id: hire.crew_id for hire in hires}
        people = defaultdict(list)
        for row in session.exec(select(Workday)):
            if row.hire_id in crews:
                tick = {"hire_id": str(row.hire_id), "half_days": row.half_days}
                people[crews[row.hire_id], row.day].append(tick)
        for (crew_id, day), ticks in people.items():
            self.add("PUT", f"crews/{crew_id}/sheets/{day}", people=ticks, reason=LATE)

    def _lines(self, session: Session, ids):
        by_hire = defaultdict(list)
        for row in session.exec(select(PayLine)):
            if row.hire_id in ids:
                by_hire[row.hire_id].append(
                    {
                        "id": str(row.id),
                        "hire_id": str(row.hire_id),
                        "worked_on": str(row.worked_on),
                        "quantity": decimal_text(row.quantity_x100, 2),
                    }
                )
        for lines in by_hire.values():
            self.add("POST", "pay-lines", lines=lines)

    def _payments(self, session: Session, ids):
        lines = defaultdict(list)
        rows = session.execute(
            select(PaymentLine.payment_id, PaymentLine.line_id, PayLine.hire_id).join(
                PayLine, PayLine.id == PaymentLine.line_id
            )
        )
        for payment_id, line_id, hire_id in rows:
            if hire_id in ids:
                lines[payment_id].append(str(line_id))
        for row in session.exec(select(Payment)):
            if row.id in lines:
                self.add(
                    "POST",
                    "payments",
                    id=str(row.id),
                    employer_id=str(row.employer_id),
                    person_id=str(row.person_id),
                    means=row.means.value,
                    proof=row.proof.value,
                    paid_on=str(row.paid_on),
                    line_ids=lines[row.id],
                )


def empty(session: Session, also=()):
    """Leave who there is, and nothing of what they did."""
    for statement in [*map(delete, DELIVERED), *also]:
        session.exec(statement)
    session.exec(update(Crew).values(ended_at=None))


def writer(session: Session) -> str:
    """Return a token that may write for every employer and every town."""
    by = make.account(session, Role.SECRETARY, number="+8613900009999")
    employers = session.exec(select(Employer)).all()
    codes = [code for code, _name in children(session, make.ZHUXI[:6]) if code != make.ZHUXI]
    scopes = [{"role": Role.MANAGER, "employer_id": row.id} for row in employers]
    scopes += [{"role": Role.SECRETARY, "place_code": code} for code in codes]
    for scope in scopes:
        session.add(Grant(account_id=by.id, granted_at=make.NOW, **scope))
    secret = new_token()
    session.add(ApiToken(account_id=by.id, token_hash=token_hash(secret), made_at=make.NOW))
    return secret


def deliver(client, secret: str, messages, rng: Random, county: str = "500154"):
    """Send everything shuffled, each up to three times; what is refused is sent again later."""
    waiting = [message for message in messages for _ in range(rng.randint(1, 3))]
    headers = {"Authorization": f"Bearer {county}.{secret}"}
    sent = 0
    while waiting:
        rng.shuffle(waiting)
        refused = []
        for message in waiting:
            answer = client.open(
                message.path, method=message.method, json=message.body, headers=headers
            )
            sent += 1
            if answer.status_code in AGAIN:
                refused.append((message, answer))
            else:
                assert answer.status_code in (200, 201), (message, answer.get_data(as_text=True))
        if len(refused) == len(waiting):
            message, answer = refused[0]
            raise AssertionError((message, answer.get_data(as_text=True), len(refused)))
        waiting = [message for message, _answer in refused]
    return sent
