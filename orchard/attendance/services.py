"""Writing work days: a crew's sheet at once, or one day of one hire; sent twice it is one."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Insert, bindparam, or_
from sqlalchemy import select as columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from orchard import clock, db
from orchard.accounts.rules import Caller
from orchard.attendance import queries, rules
from orchard.attendance.models import HeatDay, Sheet, Workday, WorkdayChange
from orchard.attendance.queries import Stored
from orchard.errors import Busy, Conflict, FieldRefused
from orchard.hiring.models import Crew, Hire
from orchard.hiring.queries import crew_for, managed_hire_for

# Upper rooms hang in what must happen in the same transaction: the roots fill this list.
after_change: list[Callable[[Session, Collection[UUID], Collection[date]], None]] = []


_HIRE, _WORKDAY = db.table_of(Hire), db.table_of(Workday)


def save_sheet(
    session: Session,
    caller: Caller,
    crew_id: UUID,
    day: date,
    ticks: Mapping[UUID, int],
    *,
    now: datetime,
    version: int | None = None,
    reason: str = "",
) -> Sheet:
    """Save who came on a day, by hire in half days; whoever is not in ticks did not come.

    The same content again changes nothing. version: the one that was seen; other content over
    a newer one is refused with both. None writes over whatever is stored.
    """
    crew = crew_for(session, caller, crew_id)
    rules.check_day(day, clock.local(now).date())
    hires = _locked(session, crew, day)
    if not ticks.keys() <= hires.keys():
        raise rules.NotOnSheet
    wanted = {hire_id: ticks.get(hire_id, rules.NONE) for hire_id in hires}
    kept = queries.days_on(session, hires, day)
    sheet = session.exec(select(Sheet).where(Sheet.crew_id == crew_id, Sheet.day == day)).first()
    changed = _differing(wanted, kept)
    if sheet and not changed:
        return sheet
    seen = queries.seen_version(sheet, kept.values())
    if changed and version is not None and version != seen:
        raise Conflict(_told(kept, seen), _told({h: Stored(n) for h, n in wanted.items()}, version))
    sheet = _saved(session, caller, crew, day, sheet, now)
    if changed:
        _write(session, caller, day, [hires[h] for h in changed], wanted, kept, now, reason)
    return sheet


def _saved(
    session: Session, caller: Caller, crew: Crew, day: date, sheet: Sheet | None, now: datetime
) -> Sheet:
    """Return the sheet's next version; a first one that somebody else just made is Busy."""
    if sheet is None:
        made = Sheet(
            employer_id=crew.employer_id,
            crew_id=crew.id,
            day=day,
            saved_at=now,
            saved_by_id=caller.account_id,
        )
        if not db.insert_once(session, made):
            raise Busy
        return made
    sheet.version, sheet.saved_at, sheet.saved_by_id = sheet.version + 1, now, caller.account_id
    session.add(sheet)
    session.flush()
    return sheet


def put_workday(
    session: Session,
    caller: Caller,
    hire_id: UUID,
    day: date,
    half_days: int,
    *,
    now: datetime,
    version: int | None = None,
    reason: str = "",
) -> Workday | None:
    """Write or correct one day of one hire; the same again changes nothing.

    version: the one that was seen, 0 for nothing, as in save_sheet(). Returns None where
    nothing was or is stored: a day never worked leaves no row.
    """
    managed_hire_for(session, caller, hire_id)
    rules.check_day(day, clock.local(now).date())
    hire = session.get_one(
        Hire, hire_id, with_for_update={"key_share": True}, populate_existing=True
    )
    rules.check_hired(day, hire.started_on, hire.ended_on)
    kept = queries.days_on(session, [hire_id], day)
    stored = kept.get(hire_id, Stored())
    if stored.half_days != half_days:
        if version is not None and version != stored.version:
            raise Conflict(
                {"half_days": stored.half_days, "version": stored.version},
                {"half_days": half_days, "version": version},
            )
        ticked = Ticked(hire.id, hire.employer_id, hire.work)
        _write(session, caller, day, [ticked], {hire_id: half_days}, kept, now, reason)
    return session.get(Workday, (hire_id, day), populate_existing=True)


def overrule_heat(
    session: Session, caller: Caller, employer_id: UUID, day: date, reason: str, *, now: datetime
) -> HeatDay:
    """Let whole days be ticked although only six hours are allowed; who and why is kept.

    The first overruling stays. A day on which work stops cannot be overruled.
    """
    heat = session.get(HeatDay, (employer_id, day), with_for_update=True)
    if heat is None or employer_id not in caller.employers or heat.rule != rules.HeatRule.SIX_HOURS:
        raise rules.NotHot
    if not reason:
        raise FieldRefused("overrule", "attendance.overrule_needed", hours=rules.most_hours())
    if heat.overruled_at is None:
        heat.overruled_at, heat.overruled_by_id, heat.reason = now, caller.account_id, reason
        session.add(heat)
        session.flush()
    return heat


class Ticked(NamedTuple):
    """What of a hire decides whether its day may be written."""

    id: UUID
    employer_id: UUID
    work: str


# Built once, as the statement below: building one takes longer than SQLite needs for it.
_LOCKED = (
    columns(_HIRE.c.id, _HIRE.c.employer_id, _HIRE.c.work)
    .where(
        _HIRE.c.employer_id == bindparam("employer_id"),
        _HIRE.c.crew_id == bindparam("crew_id"),
        _HIRE.c.started_on <= bindparam("day"),
        or_(_HIRE.c.ended_on.is_(None), _HIRE.c.ended_on >= bindparam("day")),
    )
    .order_by(_HIRE.c.id)
    .with_for_update(key_share=True)
)


def _locked(session: Session, crew: Crew, day: date) -> dict[UUID, Ticked]:
    """Return the hires on a sheet, locked in one order: whoever writes their days waits."""
    asked = {"employer_id": crew.employer_id, "crew_id": crew.id, "day": day}
    return {row[0]: Ticked(*row) for row in session.execute(_LOCKED, asked)}


def _differing(wanted: Mapping[UUID, int], kept: Mapping[UUID, Stored]) -> list[UUID]:
    return [h for h, half_days in wanted.items() if kept.get(h, Stored()).half_days != half_days]


def _told(days: Mapping[UUID, Stored], version: int) -> dict[str, Any]:
    """Return one side of a conflict: its version, and the half days of whoever came."""
    came = {str(hire_id): one.half_days for hire_id, one in days.items() if one.half_days}
    return {"version": version, "half_days": came}


def _write(
    session: Session,
    caller: Caller,
    day: date,
    hires: Collection[Ticked],
    wanted: Mapping[UUID, int],
    kept: Mapping[UUID, Stored],
    now: datetime,
    reason: str,
) -> None:
    """Write what differs in a fixed number of statements, then tell the upper rooms."""
    today = clock.local(now).date()
    rules.check_reason(day, today, reason)
    _check_heat(session, day, hires, wanted, kept)
    written: dict[str, Any] = {"written_at": now, "written_by_id": caller.account_id, "version": 1}
    days: list[dict[str, Any]] = [
        {"hire_id": hire.id, "day": day, "half_days": wanted[hire.id], **written} for hire in hires
    ]
    session.execute(_upsert(session.get_bind().dialect.name), days)
    late = rules.is_late(day, today)
    told = {"is_late": late, "reason": reason if late else "", "at": now}
    changes = [
        _change(hire.id, day, kept.get(hire.id, Stored()), wanted[hire.id])
        | told
        | {"by_id": caller.account_id}
        for hire in hires
        if late or hire.id in kept
    ]
    db.insert_all_once(session, WorkdayChange, changes)
    for tell in after_change:
        tell(session, [hire.id for hire in hires], [day])


def _change(hire_id: UUID, day: date, before: Stored, after: int) -> dict[str, Any]:
    return {
        "hire_id": hire_id,
        "day": day,
        "version": before.version + 1,
        "half_days_before": before.half_days,
        "half_days_after": after,
    }


def _check_heat(
    session: Session,
    day: date,
    hires: Collection[Ticked],
    wanted: Mapping[UUID, int],
    kept: Mapping[UUID, Stored],
) -> None:
    """Raise what the heat of the day forbids; indoor work is free of it."""
    outdoors = [hire for hire in hires if rules.is_outdoor(hire.work)]
    heat = queries.heat_of(session, outdoors[0].employer_id, day) if outdoors else None
    if heat is None:
        return
    for hire in outdoors:
        rules.check_heat(
            heat.rule,
            before=kept.get(hire.id, Stored()).half_days,
            after=wanted[hire.id],
            overruled=heat.overruled_at is not None,
            high_c=heat.high_c,
        )


@cache
def _upsert(dialect: str) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made = insert(_WORKDAY)
    return made.on_conflict_do_update(
        index_elements=list(_WORKDAY.primary_key),
        set_={
            "half_days": made.excluded.half_days,
            "version": _WORKDAY.c.version + 1,
            "written_at": made.excluded.written_at,
            "written_by_id": made.excluded.written_by_id,
        },
    )
