"""The rows of calls for a technician: what was asked, found, prescribed, and what came of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import Session

from orchard import clock, db
from orchard.demo.cast import ZHUXI
from orchard.demo.troubles import FOUND, HEARD, SECOND, SOUND, STATES
from orchard.tasks.models import PRESCRIPTION, Source, Task, TaskChange
from orchard.tasks.models import State as TaskState
from orchard.visits import rules
from orchard.visits.aftercare import LEFT_OUT
from orchard.visits.catalogue import actions, problems
from orchard.visits.models import (
    Prescription,
    VisitEvent,
    VisitRecord,
    VisitRecordChange,
    VisitRequest,
)
from orchard.visits.rules import EventKind, Outcome, State, Why

RATED, FACES = 0.6, (3, 3, 3, 3, 2, 2, 1)
TWICE = 0.3  # share of the checked visits with two prescriptions


@dataclass(frozen=True)
class Holder:
    """A plot, who asks for it, and whose tasks it has (None: nobody with a phone)."""

    plot_id: UUID
    asker_id: UUID
    holder_id: UUID | None


@dataclass(frozen=True)
class Call:
    """One request as it is gathered: its plot, trouble, moment, and who came."""

    id: UUID
    holder: Holder
    problem: str
    at: datetime
    technician_id: UUID


class Year:
    """The rows of a year, gathered and then inserted at once."""

    def __init__(self, rng: Random, technicians: Sequence[UUID]) -> None:
        self.rng, self.technicians = rng, technicians
        self.rows: dict[Any, list[dict[str, Any]]] = {
            model: []
            for model in (
                *(VisitRequest, VisitEvent, VisitRecord, VisitRecordChange),
                *(Prescription, Task, TaskChange),
            )
        }

    def insert(self, session: Session) -> None:
        """Insert everything, what is pointed at first."""
        for model, rows in self.rows.items():
            db.insert_all_once(session, model, rows)

    def call(self, holder: Holder, at: datetime, technician_id: UUID | None = None) -> Call:
        """Invent a call."""
        problem = self.rng.choice(list(problems()))
        expert = technician_id or self.rng.choice(self.technicians)
        return Call(self._id(), holder, problem, at, expert)

    def _id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def _request(self, call: Call, state: State, events: int, on_day: Any = None) -> None:
        self.rows[VisitRequest].append(
            {
                "id": call.id,
                "plot_id": call.holder.plot_id,
                "town_code": ZHUXI,
                "requested_by_id": call.holder.asker_id,
                "problem": call.problem,
                "rank_at": rules.rank_at(call.at, problems()[call.problem].harm),
                "asked_at": call.at,
                "state": state,
                "technician_id": None if state == State.CANCELLED else call.technician_id,
                "on_day": on_day,
                "slot": None,
                "version": events,
            }
        )

    def _events(self, call: Call, *told: tuple[EventKind, datetime, UUID | None, Any, str]) -> int:
        """Write the history after the call itself; return how many events there are."""
        asked = (EventKind.ASKED, call.at, call.holder.asker_id, None, "")
        for n, (kind, at, by_id, on_day, text) in enumerate((asked, *told), 1):
            self.rows[VisitEvent].append(
                {
                    "request_id": call.id,
                    "n": n,
                    "at": at,
                    "kind": kind,
                    "by_id": by_id,
                    "on_day": on_day,
                    "text": text,
                }
            )
        return len(told) + 1

    def cancelled(self, call: Call) -> None:
        """Let the grower take his call back the next day."""
        gone = (EventKind.CANCELLED, call.at + timedelta(1), call.holder.asker_id, None, "")
        self._request(call, State.CANCELLED, self._events(call, gone))

    def answered(self, call: Call) -> None:
        """Let a technician answer by phone within a day."""
        at = call.at + timedelta(hours=self.rng.randint(1, 20))
        said = (EventKind.ANSWERED, at, call.technician_id, None, HEARD)
        self._request(call, State.ANSWERED, self._events(call, said))

    def visited(
        self, call: Call, outcome: Outcome | None, *, came: bool | None, is_sound: bool = False
    ) -> None:
        """Let a technician come within days, write it down, and see what was done about it."""
        taken = call.at + timedelta(hours=self.rng.randint(1, 30))
        done = taken + timedelta(days=self.rng.randint(1, 4))
        on_day = clock.local(done).date()
        mine = call.technician_id
        told: list[tuple[EventKind, datetime, UUID | None, Any, str]] = [
            (EventKind.TAKEN, taken, mine, None, ""),
            (EventKind.SCHEDULED, taken + timedelta(minutes=9), mine, on_day, ""),
            (EventKind.RECORDED, done, mine, on_day, ""),
        ]
        if came is not None:
            by_id = call.holder.holder_id or call.holder.asker_id
            word = "came" if came else "did_not_come"
            told.append((EventKind.CONFIRMED, done + timedelta(hours=5), by_id, None, word))
        advice = [] if is_sound else self._advice(call, done, outcome)
        for row in advice:
            if row["followed_at"]:
                words = [
                    str(row["n"]),
                    row["outcome"].value,
                    row["why"].value if row["why"] else "",
                ]
                by_id = row["followed_by_id"]
                text = " ".join(words).strip()
                told.append((EventKind.FOLLOWED_UP, row["followed_at"], by_id, None, text))
        in_order = sorted(told, key=lambda each: each[1])
        self._request(call, State.VISITED, self._events(call, *in_order), on_day)
        self._record(call, done, came, advice, is_sound=is_sound)

    def _record(
        self,
        call: Call,
        done: datetime,
        came: bool | None,
        advice: list[dict[str, Any]],
        *,
        is_sound: bool,
    ) -> None:
        diagnosis, words, *_ = SOUND if is_sound else self._found(call)
        is_rated = came is not None and self.rng.random() < RATED
        day = clock.local(done).date()
        self.rows[VisitRecord].append(
            {
                "request_id": call.id,
                "by_id": call.technician_id,
                "visited_on": day,
                "found": words,
                "diagnosis": diagnosis,
                "recorded_at": done,
                "version": 1,
                "came": came,
                "confirmed_at": done + timedelta(hours=5) if came is not None else None,
                "rating": self.rng.choice(FACES) if is_rated else None,
                "rated_at": done + timedelta(hours=5) if is_rated else None,
            }
        )
        names = ("action", "due_on", "product", "phi_days")
        told = [{name: row[name] for name in names} for row in advice]
        after = {"visited_on": day, "found": words, "diagnosis": diagnosis, "advice": told}
        self.rows[VisitRecordChange].append(
            {
                "request_id": call.id,
                "version": 1,
                "at": done,
                "by_id": call.technician_id,
                "before": "{}",
                "after": json.dumps(after, ensure_ascii=False, default=str),
            }
        )

    def _found(self, call: Call) -> tuple[str, str, str, str]:
        kinds = FOUND[call.problem]
        return kinds[call.id.int % len(kinds)]

    def _advice(self, call: Call, done: datetime, outcome: Outcome | None) -> list[dict[str, Any]]:
        """Prescribe one or two things, with what became of each."""
        action, product = self._found(call)[2:]
        given = [(action, product)]
        if outcome == Outcome.PARTLY or self.rng.random() < TWICE:
            given.append(SECOND)
        rows = []
        for n, (code, told) in enumerate(given, 1):
            each = Outcome.APPLIED if outcome == Outcome.PARTLY and n == 1 else outcome
            rows.append(self._prescribe(call, done, n, (code, told), each))
        return rows

    def _prescribe(
        self, call: Call, done: datetime, n: int, what: tuple[str, str], outcome: Outcome | None
    ) -> dict[str, Any]:
        code, product = what
        due = clock.local(done).date() + timedelta(2 if n == 1 else 7)
        why = self.rng.choice(list(Why)) if outcome == Outcome.NOT else None
        settled = done + timedelta(days=(due - clock.local(done).date()).days + n)
        is_tapped = outcome == Outcome.APPLIED and self.rng.random() < 0.5
        followed = settled if outcome and not is_tapped else None
        row = {
            "id": self._id(),
            "request_id": call.id,
            "n": n,
            "action": code,
            "product": product,
            "due_on": due,
            "phi_days": 30 if code == "spray" else None,
            "withdrawn_at": None,
            "outcome": outcome if followed else None,
            "why": why,
            "followed_at": followed,
            "followed_by_id": call.technician_id if followed else None,
        }
        self.rows[Prescription].append(row)
        self._task(call, row, outcome, settled)
        return row

    def _task(
        self, call: Call, row: dict[str, Any], outcome: Outcome | None, settled: datetime
    ) -> None:
        """Put the prescription among the plot's tasks, settled as its grower did."""
        action = actions()[row["action"]]
        state = STATES.get(outcome, TaskState.DONE)
        reason = LEFT_OUT[row["why"]] if row["why"] else None
        plot_id, occurrence = call.holder.plot_id, row["id"].hex
        key = {"plot_id": plot_id, "code": PRESCRIPTION, "occurrence": occurrence}
        is_open = state == TaskState.OPEN
        by_id = None if is_open else call.holder.holder_id
        self.rows[Task].append(
            {
                **key,
                "source": Source.TECHNICIAN,
                "state": state,
                "due_on": row["due_on"],
                "late_after": row["due_on"] + timedelta(action.on_time_days),
                "window_to": row["due_on"] + timedelta(action.until_days),
                "harm": action.harm,
                "level": 0,
                "postponed_to": None,
                "reason": reason,
                "changed_at": None if is_open else settled,
                "changed_by_id": by_id,
                "version": 1 if is_open else 2,
            }
        )
        if not is_open:
            self.rows[TaskChange].append(
                {
                    **key,
                    "version": 2,
                    "at": settled,
                    "by_id": by_id,
                    "state_from": TaskState.OPEN.value,
                    "state_to": state.value,
                    "postponed_from": None,
                    "postponed_to": None,
                    "reason": reason.value if reason else None,
                }
            )
