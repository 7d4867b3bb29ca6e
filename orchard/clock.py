"""The one place that reads the clock. Stored in UTC, reasoned about in Asia/Shanghai."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from orchard import settings

ZONE = ZoneInfo("Asia/Shanghai")

_frozen: datetime | None = None


def zone() -> ZoneInfo:
    """Return the zone that dates are reasoned in, whatever the host's zone is."""
    return ZoneInfo(settings.get().timezone)


def now() -> datetime:
    """Return this moment in UTC, or the frozen one (ORCHARD_NOW, tests, demonstration)."""
    return _frozen or settings.get().now or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return the moment as people in the county read it."""
    return moment.astimezone(zone())


def today() -> date:
    """Return the local date."""
    return local(now()).date()


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Stand still at one moment: for tests and for building the demonstration county."""
    global _frozen  # noqa: PLW0603 - the seam itself
    before, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
