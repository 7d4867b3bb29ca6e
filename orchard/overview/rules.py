"""What an office sees of many growers, and what it must not see of few."""

from collections.abc import Mapping

FEWEST_SHOWN = 5  # persons; reliability.md 2.3: outside the own town fewer are shown as "<5"
FAILURES_SHOWN_H = 24  # hours back in which a failed job is told to the office


def hidden(persons: Mapping[str, int]) -> frozenset[str]:
    """Return the places whose row is hidden from another office: those with too few people.

    If that is exactly one, the next smallest is hidden too: with the totals beside the table,
    one missing row is a subtraction (reliability.md 2.3, complementary suppression).
    """
    few = {place for place, count in persons.items() if 0 < count < FEWEST_SHOWN}
    others = sorted(persons.keys() - few, key=lambda place: (persons[place], place))
    return frozenset(few | set(others[:1])) if len(few) == 1 else frozenset(few)
