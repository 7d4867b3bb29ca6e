"""Rows of the county's work, gathered and then inserted at once, what is pointed at first."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel

from orchard import db
from orchard.accounts.models import Account, Employer, Grant, Person
from orchard.attendance.models import HeatDay, Sheet, Workday
from orchard.demo.facts import (
    EARNED,
    HIRED_AT,
    PAID_AT,
    WHOLE,
    Correction,
    Job,
    Line,
    Pay,
    moment,
)
from orchard.hiring.models import (
    Application,
    Crew,
    Hire,
    HireEvent,
    Opening,
    RecognitionEvent,
    Roster,
    SamePerson,
    SamePersonDecision,
    StatusPeriod,
)
from orchard.hiring.rules import HireEventKind
from orchard.hiring.services import NewHire, as_json
from orchard.synth import names
from orchard.wages.models import IdNumber, PayAnswer, PayLine, Payment, PaymentLine, Rate
from orchard.wages.rules import AnswerState, LineKind, Means, PaymentKind, Proof, amount_fen

ORDER: tuple[type[SQLModel], ...] = (
    Person,
    Account,
    Employer,
    Grant,
    RecognitionEvent,
    StatusPeriod,
    SamePerson,
    SamePersonDecision,
    Roster,
    Opening,
    Application,
    Crew,
    Hire,
    HireEvent,
    Sheet,
    Workday,
    HeatDay,
    Rate,
    PayLine,
    PayAnswer,
    Payment,
    PaymentLine,
    IdNumber,
)


@dataclass
class Records:
    """What was invented so far; the same seed gives the same rows."""

    rng: Random
    by_id: UUID | None = None  # the account that writes what is gathered now
    rows: dict[type[SQLModel], list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def new_id(self, day: date) -> UUID:
        """Return an id of a day whose chance comes from the seed."""
        return names.seeded_id(self.rng, moment(day, HIRED_AT))

    def add(self, model: type[SQLModel], **values: Any) -> None:
        """Gather one row; what is not named has the column's default."""
        self.rows[model].append(values)

    def insert(self, session: Session) -> None:
        """Insert everything that was gathered."""
        for model in ORDER:
            alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
            for row in self.rows[model]:
                alike[tuple(sorted(row))].append(row)
            for rows in alike.values():
                db.insert_all_once(session, model, rows)

    def crew(
        self, employer_id: UUID, name: str, made_on: date, ended_on: date | None = None
    ) -> UUID:
        """Gather a crew."""
        crew_id, made_at = self.new_id(made_on), moment(made_on, HIRED_AT)
        ended_at = moment(ended_on) if ended_on else None
        self.add(
            Crew,
            id=crew_id,
            employer_id=employer_id,
            name=name,
            made_at=made_at,
            ended_at=ended_at,
        )
        return crew_id

    def hire(
        self, person_id: UUID, home: str | None, job: Job, first: date, last: date | None = None
    ) -> UUID:
        """Gather one hire with what happened to it, and return its id."""
        hire_id, made_at = self.new_id(first), moment(first, HIRED_AT)
        new = NewHire(
            id=hire_id,
            person_id=person_id,
            employer_id=job.employer_id,
            crew_id=job.crew_id,
            opening_id=None,
            work=job.work,
            workplace_code=job.workplace_code,
            registered_code=home,
            relation=job.relation,
            basis=job.pay.basis,
            started_on=first,
        )
        told = {"made_at": made_at, "made_by_id": self.by_id}
        self.add(Hire, **asdict(new), ended_on=last, version=2 if last else 1, **told)
        facts = json.dumps(as_json(new), ensure_ascii=False)
        self.event(hire_id, 1, HireEventKind.MADE, made_at, facts)
        if last:
            said = json.dumps({"ended_on": str(last)})
            self.event(hire_id, 2, HireEventKind.ENDED, moment(last), said)
        self._enter(new, made_at)
        return hire_id

    def event(
        self, hire_id: UUID, version: int, kind: HireEventKind, at: datetime, facts: str = ""
    ) -> None:
        """Gather one thing that happened to a hire."""
        self.add(
            HireEvent,
            hire_id=hire_id,
            version=version,
            kind=kind,
            at=at,
            by_id=self.by_id,
            facts=facts,
        )

    def _enter(self, hire: NewHire, at: datetime) -> None:
        """Let the employer know whom he hired once."""
        self.add(
            Roster,
            employer_id=hire.employer_id,
            person_id=hire.person_id,
            registered_code=hire.registered_code,
            at=at,
            by_id=self.by_id,
        )

    def rate(self, job: Job, from_on: date) -> None:
        """Gather what an employer pays for a work from a day on."""
        self.add(
            Rate,
            id=self.new_id(from_on),
            employer_id=job.employer_id,
            work=job.work,
            basis=job.pay.basis,
            rate_fen_x100=job.pay.rate_fen_x100,
            from_on=from_on,
            made_at=moment(from_on, HIRED_AT),
            made_by_id=self.by_id,
        )

    def workday(self, hire_id: UUID, day: date, half_days: int = WHOLE) -> None:
        """Gather one work day."""
        self.rows[Workday].append(
            {
                "hire_id": hire_id,
                "day": day,
                "half_days": half_days,
                "version": 1,
                "written_at": moment(day),
                "written_by_id": self.by_id,
            }
        )

    def line(
        self, hire_id: UUID, day: date, pay: Pay, quantity_x100: int, corrects: Correction = EARNED
    ) -> Line:
        """Gather what is owed for one day, or for more of it as a correction of another line."""
        amount = amount_fen(quantity_x100, pay.rate_fen_x100)
        line = Line(self.new_id(day), day, quantity_x100, amount)
        self.rows[PayLine].append(
            {
                "id": line.id,
                "hire_id": hire_id,
                "worked_on": day,
                "kind": LineKind.CORRECTION if corrects.line_id else LineKind.EARNED,
                "basis": pay.basis,
                "quantity_x100": quantity_x100,
                "rate_fen_x100": pay.rate_fen_x100,
                "amount_fen": line.amount_fen,
                "corrects_id": corrects.line_id,
                "note": corrects.why,
                "made_at": moment(day, PAID_AT),
                "made_by_id": self.by_id,
            }
        )
        return line

    def answer(self, line: Line, state: AnswerState, version: int, **values: Any) -> None:
        """Gather what was said to a line, on the days after it was written."""
        at = moment(line.worked_on + timedelta(days=version))
        self.add(PayAnswer, line_id=line.id, version=version, state=state, at=at, **values)

    def payment(
        self, job: Job, person_id: UUID, paid_on: date, lines: Sequence[Line], proof: Proof
    ) -> None:
        """Gather the money handed over for some lines, with what proves it."""
        amount = sum(line.amount_fen for line in lines)
        payment_id = self._handed(job, person_id, paid_on, PaymentKind.WAGES, amount, proof)
        for line in lines:
            self.add(PaymentLine, line_id=line.id, payment_id=payment_id)

    def advance(self, job: Job, person_id: UUID, paid_on: date, amount: int) -> None:
        """Gather an advance that was signed for."""
        self._handed(job, person_id, paid_on, PaymentKind.ADVANCE, amount, Proof.SIGNATURE)

    def _handed(
        self,
        job: Job,
        person_id: UUID,
        paid_on: date,
        kind: PaymentKind,
        amount: int,
        proof: Proof,
    ) -> UUID:
        payment_id = self.new_id(paid_on)
        self.add(
            Payment,
            id=payment_id,
            employer_id=job.employer_id,
            person_id=person_id,
            kind=kind,
            means=Means.BANK if proof == Proof.BANK_RECEIPT else Means.CASH,
            proof=proof,
            amount_fen=amount,
            paid_on=paid_on,
            made_at=moment(paid_on, PAID_AT),
            made_by_id=self.by_id,
        )
        return payment_id
