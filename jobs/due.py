"""What is due: from the ledger's lines to what this process should take. No threads here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from jobs.schedule import Scheduled
from orchard.ledger import MAX_ATTEMPTS, JobRun, RunState


@dataclass(frozen=True)
class Due:
    """One slot to take: a new one, or one that was seen silent or failed."""

    job: str
    slot: datetime
    seen: JobRun | None = None

    @property
    def is_hopeless(self) -> bool:
        """Say whether a silent run was tried often enough."""
        return self.seen is not None and self.seen.attempt >= MAX_ATTEMPTS


def due_now(
    rows: Sequence[JobRun],
    schedule: Sequence[Scheduled],
    now: datetime,
    is_silent: Callable[[JobRun], bool],
) -> dict[str, Due]:
    """Return what each job should do now; nothing for a job that runs or has run."""
    running = {row.job: row for row in rows if row.state == RunState.RUNNING}
    newest = {row.name: row.newest_slot(now) for row in schedule}
    known = {row.job: row for row in rows if row.slot == newest.get(row.job)}
    found: dict[str, Due] = {}
    for row in schedule:
        here, last = running.get(row.name), known.get(row.name)
        if here:
            if is_silent(here):
                found[row.name] = Due(row.name, here.slot, here)
        elif last:
            if last.next_try_at and last.next_try_at <= now:
                found[row.name] = Due(row.name, last.slot, last)
        elif all(name in known and name not in running for name in row.after):
            found[row.name] = Due(row.name, newest[row.name])
    return found


def orphans(
    rows: Sequence[JobRun], schedule: Sequence[Scheduled], is_silent: Callable[[JobRun], bool]
) -> list[JobRun]:
    """Return silent runs that nobody will take over: tried too often, or no such job any more."""
    names = {row.name for row in schedule}
    return [
        row
        for row in rows
        if row.state == RunState.RUNNING
        and is_silent(row)
        and (row.attempt >= MAX_ATTEMPTS or row.job not in names)
    ]


class Watch:
    """Judges silence by this process's own steady clock: a clock jump frees no living claim."""

    def __init__(self, silent_s: float) -> None:
        self._silent_s = silent_s
        self._seen: dict[str, dict[tuple[str, datetime], tuple[int, int, float]]] = {}

    def look(self, county: str, rows: Sequence[JobRun]) -> None:
        """Note since when each running job of a county has not beaten."""
        before, now = self._seen.get(county, {}), monotonic()
        seen = {}
        for row in rows:
            if row.state == RunState.RUNNING:
                key, beat = (row.job, row.slot), (row.attempt, row.beats)
                known = before.get(key)
                seen[key] = known if known and known[:2] == beat else (*beat, now)
        self._seen[county] = seen

    def is_silent(self, county: str, row: JobRun) -> bool:
        """Say whether a run has not beaten for so long that it may be taken over."""
        known = self._seen.get(county, {}).get((row.job, row.slot))
        if known is None or known[:2] != (row.attempt, row.beats):
            return False
        return monotonic() - known[2] > self._silent_s
