"""What the season's days earned: lines until yesterday, the older ones paid, one objected to."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from orchard.demo.facts import WHOLE, Job, Line
from orchard.demo.labour import Worker
from orchard.demo.plan import Wage
from orchard.demo.records import Records
from orchard.hiring.rules import PayBasis
from orchard.wages.rules import AnswerState, Objection, Proof, day_quantity_x100

SETTLED_AGO, PAID_AFTER = 10, timedelta(days=2)
WITHOUT_PROOF, BY_BANK = 0.03, 0.3
ROUND_X100 = {PayBasis.JIN: 500, PayBasis.BASKET: 100, PayBasis.HOUR: 50}
MISSED_X100 = 2_000  # 20 jin, or as much of another unit
OBJECTION = "那天的数少记了"


@dataclass
class Earnings:
    """Pay lines of the season by the person who earned them."""

    records: Records
    today: date
    lines: dict[UUID, list[Line]] = field(default_factory=lambda: defaultdict(list))

    def earn(
        self, job: Job, wage: Wage, whose: tuple[UUID, Worker], came: list[tuple[date, int]]
    ) -> None:
        """Gather the lines of one hire and the payment of the older ones.

        Where somebody manages the employer, yesterday's lines are left for him to write.
        """
        hire_id, worker = whose
        until = self.today - timedelta(days=2 if self.records.by_id else 1)
        lines = [
            self.records.line(hire_id, day, wage.pay, self._quantity(wage, half_days))
            for day, half_days in came
            if day <= until
        ]
        self.lines[worker.id] += lines
        old = [line for line in lines if (self.today - line.worked_on).days >= SETTLED_AGO]
        if old:
            paid_on = old[-1].worked_on + PAID_AFTER
            self.records.payment(job, worker.id, paid_on, old, self._proof())

    def _quantity(self, wage: Wage, half_days: int) -> int:
        if wage.pay.basis == PayBasis.DAY:
            return day_quantity_x100(half_days)
        step = ROUND_X100[wage.pay.basis]
        low, high = wage.quantity_x100
        return self.records.rng.randint(low, high) * half_days // WHOLE // step * step

    def _proof(self) -> Proof:
        drawn = self.records.rng.random()
        if drawn < WITHOUT_PROOF:
            return Proof.MISSING
        return Proof.BANK_RECEIPT if drawn < BY_BANK else Proof.SIGNATURE

    def confirm(self, worker: Worker, account_id: UUID) -> None:
        """Let a worker confirm what he was paid; what is not paid yet waits for his word."""
        for line in self.lines[worker.id]:
            if (self.today - line.worked_on).days >= SETTLED_AGO:
                self.records.answer(line, AnswerState.CONFIRMED, 1, by_id=account_id)

    def object(self, worker: Worker, account_id: UUID, basis: PayBasis) -> None:
        """Let a worker object to his second last line: it waits for the employer's answer."""
        line = self.lines[worker.id][-2]
        claimed = None if basis == PayBasis.DAY else line.quantity_x100 + MISSED_X100
        self.records.answer(
            line,
            AnswerState.OBJECTED,
            1,
            by_id=account_id,
            reason=Objection.OTHER if claimed is None else Objection.QUANTITY,
            claimed_x100=claimed,
            note=OBJECTION,
        )
