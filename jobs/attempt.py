"""One attempt at one slot: the heart beats, the job works, the ledger learns how it ended."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic
from typing import Any

from sqlalchemy.exc import DBAPIError

from orchard import clock, db, ledger, logs
from orchard.errors import Busy
from orchard.ledger import Fenced, Run

log = logs.get("jobs")


def attempt(work: Callable[[Run], dict[str, int]], run: Run, *, beat_s: float) -> bool:
    """Run a job under its claim and close the slot; say whether it did its work."""
    began, error, counts = monotonic(), "", {}
    with _beating(run, beat_s):
        try:
            counts = work(run)
        except Fenced:
            return _lost(run)
        except Exception as caught:  # noqa: BLE001 - the edge: one job never ends the others
            error = type(caught).__name__
            log.error("job_failed", exc_info=caught, **about(run))
        closed = _close(run, counts, error)
    if not closed:
        return _lost(run)
    if not error:
        log.info("job_done", **about(run), ms=round((monotonic() - began) * 1000), **counts)
    return not error


def about(run: Run) -> dict[str, Any]:
    """Return what every log line says of a run."""
    slot = run.slot.isoformat(timespec="seconds")
    return {"job": run.job, "county": db.county(), "slot": slot, "attempt": run.attempt}


def _close(run: Run, counts: Mapping[str, int], error: str) -> bool:
    with db.transaction() as session:
        return ledger.finish(session, run, now=clock.now(), counts=counts, error=error)


def _lost(run: Run) -> bool:
    log.warning("job_taken_over", **about(run))
    return False


@contextmanager
def _beating(run: Run, beat_s: float) -> Iterator[None]:
    over = Event()
    heart = Thread(target=_beat, args=(run, db.county(), beat_s, over), daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def _beat(run: Run, county: str, beat_s: float, over: Event) -> None:
    """Say again and again that the run is alive; tell the job to end when it is not ours."""
    with db.in_county(county):
        while not over.wait(beat_s):
            try:
                with db.transaction() as session:
                    alive = ledger.beat(session, run, now=clock.now())
            except (Busy, DBAPIError) as error:
                log.warning("heartbeat_failed", exc_info=error, **about(run))
                continue
            if not alive:
                run.stopping.set()
                return
