"""Behind the counts as JSON: definitions, changes, people, what waits. One blueprint with them."""

from typing import Any

from flask import g

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.counts import board, people, periods, review
from orchard.counts.api import bp
from orchard.counts.course import Change
from orchard.counts.forms import OpenForm
from orchard.counts.people import Opened
from orchard.counts.periods import Period
from orchard.counts.rules import definitions
from orchard.counts.shapes import (
    BoardQuery,
    CountChangeOut,
    CountedPeopleOut,
    CountedPersonOut,
    CountedTownOut,
    CountedVillageOut,
    DefinitionOut,
    DefinitionsOut,
    DistrictOut,
    ListQuery,
    ReviewOut,
    TicketOut,
    TicketPath,
    TownChangeOut,
    TownQuery,
    WaitingOut,
)
from orchard.errors import NotVisible

__all__ = ["bp"]


@bp.get("/counts/definitions", endpoint="definitions", responses={200: DefinitionsOut})
def definition_list() -> dict[str, Any]:
    """Return what the figures mean."""
    known = definitions()
    rows = [DefinitionOut.model_validate(row, from_attributes=True) for row in known.rows]
    out = DefinitionsOut(version=known.version, valid_from=known.valid_from, definitions=rows)
    return out.model_dump(mode="json")


@bp.get("/counts/town", responses={200: CountedTownOut})
def town(query: TownQuery) -> dict[str, Any]:
    """Return how a town's month and season changed, and the counts of its villages."""
    place = _own_town(query.place)
    with db.reading() as reading:
        found = board.town_board(reading, place, _period(query.period), clock.today())
    return CountedTownOut(
        place=place,
        period=found.span.code if found.span else "",
        changes=[_change(one) for one in found.changes],
        villages=[
            CountedVillageOut(
                code=row.code,
                name=row.name,
                persons=row.block.persons,
                local_village=row.block.local_village,
                local_town=row.block.local_town,
                hires=row.block.hires,
                person_days=row.block.person_days,
            )
            for row in found.villages
        ],
    ).model_dump(mode="json")


@bp.get("/counts/towns", responses={200: DistrictOut})
def towns(query: BoardQuery) -> dict[str, Any]:
    """Return how the district and each of its towns stand beside the year before."""
    district, span = min(g.caller.places(Role.DISTRICT)), _period(query.period)
    with db.reading() as reading:
        found = board.district_board(reading, district, span, clock.today())
    return DistrictOut(
        period=span.code,
        persons=found.total.persons,
        change=_change(found.change) if found.change else None,
        towns=[
            TownChangeOut(
                code=row.code,
                name=row.name,
                persons=row.block.persons,
                change=_change(row.change) if row.change else None,
            )
            for row in found.towns
        ],
    ).model_dump(mode="json")


@bp.post("/counts/people", responses={201: TicketOut})
def open_people(body: OpenForm) -> tuple[dict[str, Any], int]:
    """Write down who looks at a figure's people and why; the ticket opens them for a while."""
    opened = Opened(body.place, body.period, body.measure, body.employer)
    with db.transaction() as writing:
        ticket = people.open_people(
            writing, g.caller, opened, id=body.id, reason=body.reason, now=clock.now()
        )
    return TicketOut(ticket=ticket).model_dump(mode="json"), 201


@bp.get("/counts/people/<uuid:ticket>", endpoint="people", responses={200: CountedPeopleOut})
def people_list(path: TicketPath, query: ListQuery) -> dict[str, Any]:
    """Return one page of the people behind a figure that was opened lately, masked."""
    with db.reading() as reading:
        opened = people.opened_by(reading, g.caller, path.ticket, now=clock.now())
        people.check(reading, g.caller, opened)
        rows, has_more = people.people(reading, opened, number=query.page)
    return CountedPeopleOut(
        place=opened.place,
        period=opened.period,
        measure=opened.measure,
        employer_id=opened.employer_id,
        people=[CountedPersonOut.model_validate(row, from_attributes=True) for row in rows],
        page=query.page,
        has_more=has_more,
    ).model_dump(mode="json")


@bp.get("/review", endpoint="review", responses={200: ReviewOut})
def waiting(query: TownQuery) -> dict[str, Any]:
    """Return what waits for a look in the caller's town; pairs are decided at /doubles."""
    place = _own_town(query.place)
    with db.reading() as reading:
        lists = review.waiting(reading, place, clock.today())
    rows = [WaitingOut.model_validate(one, from_attributes=True) for one in lists]
    return ReviewOut(place=place, as_of=clock.now(), waiting=rows).model_dump(mode="json")


def _own_town(place: str) -> str:
    """Return a town of the caller's; raises NotVisible."""
    own: frozenset[str] = g.caller.places(Role.SECRETARY)
    town = place or min(own)
    if town not in own:
        raise NotVisible
    return town


def _period(code: str) -> Period:
    return periods.period(code) if code else periods.season_of(clock.today())


def _change(one: Change) -> CountChangeOut:
    return CountChangeOut(
        period=one.this.code,
        earlier=one.earlier.code,
        persons=one.now,
        persons_before=one.before,
        is_running=one.is_running,
        until=one.until,
    )
