"""What an office sees of many growers, and what it must not see of few."""

from datetime import timedelta

FEWEST_SHOWN = 5  # persons; reliability.md 2.3: outside the own town fewer are shown as "<5"
FAILURES_SHOWN_H = 24  # hours back in which a failed job is told to the office

GREY_AFTER = timedelta(hours=24)  # decision 19


def is_suppressed(persons: int) -> bool:
    """Say whether a row of another town holds too few people to be shown."""
    return 0 < persons < FEWEST_SHOWN
