"""Pulling forecasts: every three hours for all, each minute for what has to be asked again."""

from collections import Counter
from collections.abc import Sequence

from orchard import db, settings
from orchard.ledger import Run
from orchard.weather import services
from orchard.weather.queries import Cell, cells_due, kept_of
from orchard.weather.rules import NoForecast


def pull(run: Run) -> dict[str, int]:
    """Ask for every cell with plots that is not waiting for its next try."""
    with run.transaction() as session:
        services.forget_unwanted(session)
        cells = cells_due(session, now=run.now, again=False)
        services.claim(session, cells, now=run.now)
    return _ask_all(run, cells)


def retry(run: Run) -> dict[str, int]:
    """Ask again for the cells whose waiting is over, and for those of new plots."""
    with db.reading() as session:
        if not cells_due(session, now=run.now, again=True):
            return {"cells": 0}
    with run.transaction() as session:
        cells = cells_due(session, now=run.now, again=True)
        services.claim(session, cells, now=run.now)
    return _ask_all(run, cells)


def _ask_all(run: Run, cells: Sequence[Cell]) -> dict[str, int]:
    """Ask batch by batch; a server that does not answer is not asked again in this round."""
    counts = Counter({"cells": len(cells), "calls": 0, "fresh": 0, "stale": 0, "alarms": 0})
    chosen = settings.get()
    silent: dict[str, NoForecast] = {}
    for url, batch in services.batches(cells, chosen.weather_url, chosen.weather_fallback_url):
        if run.stopping.is_set():
            break  # the claim ends by itself, and the retry takes up the rest
        run.check()
        with db.reading() as session:
            kept = kept_of(session, [cell.key for cell in batch])
        outcome = services.ask(url, batch, kept, now=run.now, silent=silent)
        with run.transaction() as session:
            counts["alarms"] += services.store(session, outcome, now=run.now)
        counts.update(calls=outcome.calls, fresh=len(outcome.fresh), stale=len(outcome.stale))
    return dict(counts)
