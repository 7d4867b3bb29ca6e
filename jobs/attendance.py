"""Heat: each evening what the forecast says of tomorrow's work, each morning also of today's."""

from collections import Counter

from orchard import clock
from orchard.attendance import heat
from orchard.ledger import Run


def look_ahead(run: Run) -> dict[str, int]:
    """Write the hot days of every employer with outdoor work; harmless when it runs again."""
    counts = Counter({"employers": 0, "hot": 0, "cooler": 0})
    for day in heat.days_ahead(clock.local(run.now)):
        with run.transaction() as session:
            counts.update(heat.look_ahead(session, day, now=run.now))
    return dict(counts)
