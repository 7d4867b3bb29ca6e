"""Which frost nights are coming, and who has not been told of their level."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from orchard import clock
from orchard.reminders.queries import ToTell, frost_told, holders
from orchard.reminders.rules import FROST_AHEAD, FROST_FROM_LEVEL, frost_kind, rises
from orchard.weather.digest import Digest
from orchard.weather.models import Forecast
from orchard.weather.queries import digests_for


class Night(NamedTuple):
    """One frost night of one cell; on is the day on whose morning it ends (local times)."""

    cell: str
    on: date
    level: int
    low_c: float
    ends: datetime


def coming_nights(session: Session, now: datetime) -> list[Night]:
    """Return the frost nights of the coming 48 hours, of every cell whose forecast advises."""
    frosty = select(Forecast.cell).where(col(Forecast.digest).contains('"frost"'))
    found: list[Night] = []
    for cell, digest in digests_for(session, session.exec(frosty).all()).items():
        if digest.age(now).advises:
            found += _nights(cell, digest, clock.local(now).replace(tzinfo=None))
    return found


def _nights(cell: str, digest: Digest, local_now: datetime) -> Iterator[Night]:
    for alert in digest.alerts:
        is_near = alert.ends > local_now and alert.begins <= local_now + FROST_AHEAD
        if alert.kind == "frost" and alert.level >= FROST_FROM_LEVEL and is_near:
            yield Night(cell, alert.on, alert.level, alert.extreme_c, alert.ends)


def untold(session: Session, nights: Sequence[Night]) -> list[ToTell]:
    """Return one message per person and night whose level is higher than any told for it."""
    of_cell: dict[str, list[Night]] = {}
    for night in nights:
        of_cell.setdefault(night.cell, []).append(night)
    worst: dict[tuple[UUID, date], Night] = {}
    for cell, person_id in holders(session, of_cell.keys()):
        for night in of_cell[cell]:
            key = person_id, night.on
            if key not in worst or _rank(night) > _rank(worst[key]):
                worst[key] = night
    told = frost_told(session, {night.on for night in nights})
    return [
        ToTell(
            person_id,
            night.on,
            frost_kind(night.level),
            {"level": night.level, "low_c": night.low_c},
            night.ends,
        )
        for (person_id, _), night in sorted(worst.items(), key=lambda item: item[0])
        if rises(night.level, [told.get((person_id, night.on), 0)])
    ]


def _rank(night: Night) -> tuple[int, float]:
    return night.level, -night.low_c
