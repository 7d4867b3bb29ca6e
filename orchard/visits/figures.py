"""What became of the requests of a year, town by town, and whether advice was applied."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, case, cast, func
from sqlalchemy import select as columns
from sqlmodel import Session, col

from orchard.accounts.rules import Caller, Role
from orchard.places.queries import within
from orchard.tasks.models import PRESCRIPTION, SKIP_REASONS, Task
from orchard.tasks.models import State as TaskState
from orchard.visits.models import Prescription, VisitRecord, VisitRequest
from orchard.visits.rules import OPEN, Outcome, State

YEAR_DAYS = 365
_R = VisitRequest


@dataclass
class Figures:
    """What became of the requests of a year in one town."""

    town_code: str
    states: dict[State, int] = field(default_factory=dict)
    adopted: dict[Outcome, int] = field(default_factory=dict)
    disputed: int = 0

    @property
    def closed(self) -> int:
        """Return how many requests came to an end."""
        return sum(count for state, count in self.states.items() if state not in OPEN)

    @property
    def open(self) -> int:
        """Return how many requests still wait for something."""
        return sum(count for state, count in self.states.items() if state in OPEN)

    @property
    def checked(self) -> int:
        """Return of how many visits it is known whether the advice was applied."""
        return sum(self.adopted.values())

    def of(self, state: State) -> int:
        """Return how many requests are in a state."""
        return self.states.get(state, 0)

    def took(self, outcome: Outcome) -> int:
        """Return of how many visits the advice came to this."""
        return self.adopted.get(outcome, 0)


def figures(session: Session, caller: Caller, now: datetime) -> list[Figures]:
    """Return the figures of the last 12 months for each town of the caller, in three queries."""
    places = caller.places(Role.SECRETARY, Role.DISTRICT)
    since = now - timedelta(YEAR_DAYS)
    here = (within(_R.town_code, places), col(_R.asked_at) >= since)
    found: dict[str, Figures] = {}
    counted = columns(col(_R.town_code), col(_R.state), func.count()).where(*here)
    for town, state, count in session.execute(counted.group_by(_R.town_code, _R.state)):
        found.setdefault(town, Figures(town)).states[state] = count
    for town, all_of, none_of, known in session.execute(_adoption(here)):
        partly = known - all_of - none_of
        adopted = {Outcome.APPLIED: all_of, Outcome.PARTLY: partly, Outcome.NOT: none_of}
        found[town].adopted = {outcome: count for outcome, count in adopted.items() if count}
    disputed = (
        columns(col(_R.town_code), func.count())
        .join(VisitRecord, col(VisitRecord.request_id) == _R.id)
        .where(*here, col(VisitRecord.came).is_(False))
        .group_by(col(_R.town_code))
    )
    for town, count in session.execute(disputed):
        found[town].disputed = count
    return [found[town] for town in sorted(found)]


def _adoption(here: tuple[Any, ...]) -> Any:
    """Select (town, visits with all advice applied, with none, all that are known).

    rules.verdict() and rules.adoption() in SQL; a test compares them.
    """
    verdict = _verdict()
    # The id as tasks.services.prescription_key() writes it; databases store ids in two ways.
    occurrence = func.replace(cast(col(Prescription.id), String), "-", "")
    of_task = (
        (col(Task.plot_id) == _R.plot_id)
        & (col(Task.code) == PRESCRIPTION)
        & (col(Task.occurrence) == occurrence)
    )
    one = (
        columns(
            col(_R.town_code).label("town"),
            func.count().label("whole"),
            func.count(verdict).label("known"),
            _sum(verdict == Outcome.APPLIED.value).label("applied"),
            _sum(verdict == Outcome.NOT.value).label("left_out"),
        )
        .join(Prescription, col(Prescription.request_id) == _R.id)
        .outerjoin(Task, of_task)
        .where(*here, col(Prescription.withdrawn_at).is_(None))
        .group_by(col(_R.id), col(_R.town_code))
        .subquery()
    ).c
    return (
        columns(one.town, _sum(one.applied == one.whole), _sum(one.left_out == one.whole))
        .add_columns(func.count())
        .where(one.known == one.whole)
        .group_by(one.town)
    )


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _verdict() -> Any:
    """Return rules.verdict() in SQL: the later of the follow-up and the task's tap."""
    said = cast(col(Prescription.outcome), String)
    left_out = (col(Task.state) == TaskState.SKIPPED) & col(Task.reason).in_(SKIP_REASONS)
    tapped = case(
        (col(Task.state) == TaskState.DONE, Outcome.APPLIED.value),
        (left_out, Outcome.NOT.value),
    )
    is_later = col(Task.changed_at) > col(Prescription.followed_at)
    return case(
        (tapped.is_(None) | col(Task.changed_at).is_(None), said),
        (said.is_(None) | is_later, tapped),
        else_=said,
    )
