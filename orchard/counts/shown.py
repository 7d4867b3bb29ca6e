"""What a caller sees of counts: exact in the own office, in steps of 5 outside it (decision 17).

The lifted-out figures and wages are shown for whole months and seasons only: two spans that differ
by a day would tell one person. Months show them of the whole place, seasons by kind and employer
too: a season less its other months would tell what is hidden in one. What the district reads of
a town and of the whole are two tables with the same rows: a town shows it no rows, the whole no
employers. Outside the own town and the district they are not shown at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from orchard import clock
from orchard.accounts.rules import Caller, Role, is_inside
from orchard.counts import periods
from orchard.counts.periods import Period
from orchard.counts.queries import Asked, Counts, EmployerCount, best_paid, kept_towns
from orchard.counts.rules import KINDS, NOBODY, UNVERIFIED, Block
from orchard.counts.suppression import (
    FEWEST,
    Cell,
    Hidden,
    Money,
    Table,
    hidden,
    hidden_money,
    hidden_of_two,
    stepped,
)
from orchard.errors import Refused
from orchard.places.rules import Level, level_of

NONE = {"persons": None, "person_workplaces": None}
ROWS = 50  # employers that a page shows; below them no status is shown
STEPPED = ("persons", "person_workplaces", "hires")


class Sight(StrEnum):
    """How much of a place's counts a caller sees (access matrix: counts)."""

    OWN_TOWN = "own_town"
    DISTRICT = "district"
    PUBLISHED = "published"


class NotPublished(Refused):
    """Outside the own town only whole months and seasons are told, and no single employer."""

    code = "counts.not_published"


def sight_of(caller: Caller, place: str) -> Sight:
    """Return how much of a place's counts a caller sees."""
    if is_inside(place, caller.places(Role.SECRETARY)):
        return Sight.OWN_TOWN
    if is_inside(place, caller.places(Role.DISTRICT)):
        return Sight.DISTRICT
    return Sight.PUBLISHED


def own_place(caller: Caller, county: str) -> str:
    """Return the place whose counts a caller looks at first: his town, or the county."""
    return min(caller.places(Role.SECRETARY), default="") or county


def check_asked(caller: Caller, asked: Asked) -> Sight:
    """Return how the caller sees what is asked for; raises NotPublished."""
    sight = sight_of(caller, asked.place)
    if sight == Sight.PUBLISHED and (not is_whole(asked) or asked.employer_id):
        raise NotPublished
    return sight


def is_whole(asked: Asked) -> bool:
    """Say whether a span is exactly one month or season."""
    return periods.exactly(asked.first, asked.last) is not None


def told(session: Session, asked: Asked, counts: Counts, sight: Sight) -> dict[str, Any]:
    """Return the counts in the shape of decision 27, with None in every hidden cell."""
    if sight == Sight.PUBLISHED:
        return {
            "total": _published(counts.total),
            "by_kind": {kind: _published(block) for kind, block in counts.by_kind.items()},
            "by_employer": [],
        }
    lifted, money = _hidden(session, asked, counts, sight)
    by_kind = {
        kind: _block(block, kind in lifted.upper, kind in money.upper)
        for kind, block in counts.by_kind.items()
    }
    employers = [
        _named(one, _block(one.block, one.id in lifted.lower, one.id in money.lower))
        for one in counts.by_employer
    ]
    total = _block(counts.total, lifted.total, money.total)
    return {"total": total, "by_kind": by_kind, "by_employer": employers}


def _all(counts: Counts) -> Hidden:
    return _rows_hidden(counts, True)


def _rows_hidden(counts: Counts, hides_total: bool) -> Hidden:
    employers = frozenset(one.id for one in counts.by_employer)
    return Hidden(hides_total, frozenset(KINDS), employers)


def _named(one: EmployerCount, block: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(one.id), "name": one.name, "kind": one.kind, **block}


def document(asked: Asked, parts: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return an answer in the shape of decision 27."""
    return {
        "as_of": clock.local(now).isoformat(timespec="seconds"),
        "place": asked.place,
        "from": asked.first.isoformat(),
        "to": asked.last.isoformat(),
        **parts,
    }


def plain(counts: Counts) -> dict[str, Any]:
    """Return the counts as they are, for whoever stands at the server itself."""
    return {
        "total": counts.total.told(),
        "by_kind": {kind: block.told() for kind, block in counts.by_kind.items()},
        "by_employer": [_named(one, one.block.told()) for one in counts.by_employer],
    }


def _is_part(asked: Asked) -> bool:
    """Say whether a question asks for one row of a table: it must not tell what that hides."""
    return asked.is_filtered or level_of(asked.place) == Level.VILLAGE


def _hidden(session: Session, asked: Asked, counts: Counts, sight: Sight) -> tuple[Hidden, Hidden]:
    """Return where the lifted-out figures and where the wages of an answer are hidden."""
    span = periods.exactly(asked.first, asked.last)
    if span is None or _is_part(asked):
        return _all(counts), _all(counts)
    if sight == Sight.OWN_TOWN:
        return hidden_in_town(counts, span)
    best = best_paid(session, span.code)
    kept = kept_towns(session, span.code)
    towns = {
        code: replace(block, top_wages_fen=best.get(code, block.wages_fen))
        for code, block in kept.items()
    }
    if level_of(asked.place) == Level.COUNTY:
        return hidden_in_district(counts, span, towns)
    few_lifted, few_paid = _are_few(counts.total)
    hides_lifted = few_lifted or asked.place in hidden_towns(towns)[0]
    hides_paid = few_paid or not span.is_season or asked.place in hidden_paid_towns(towns)[0]
    return _rows_hidden(counts, hides_lifted), _rows_hidden(counts, hides_paid)


def hidden_in_town(counts: Counts, span: Period) -> tuple[Hidden, Hidden]:
    """Return where the own town's lifted-out figures and its wages are hidden in a period."""
    if span.is_season:
        return hidden_lifted(counts), hidden_wages(counts)
    few_lifted, few_paid = _are_few(counts.total)
    return _rows_hidden(counts, few_lifted), _rows_hidden(counts, few_paid)


def hidden_in_district(
    counts: Counts, span: Period, towns: Mapping[str, Block]
) -> tuple[Hidden, Hidden]:
    """Return where the district's lifted-out figures and its wages are hidden in a period."""
    few_lifted, few_paid = _are_few(counts.total)
    lifted = _rows_hidden(counts, few_lifted or hidden_towns(towns)[1])
    paid = _rows_hidden(counts, few_paid or hidden_paid_towns(towns)[1])
    if not span.is_season:
        return lifted, paid
    kinds = hidden(_upper(counts, _cell), _cell(counts.total))
    paid_kinds = hidden_money(_upper(counts, _money), _money(counts.total))
    return _with_kinds(lifted, *kinds), _with_kinds(paid, *paid_kinds)


def hides_district_lifted(counts: Counts, span: Period, towns: Mapping[str, Block]) -> bool:
    """Say whether the district's own lifted-out figure is hidden; its wages are not asked."""
    return hidden_in_district(counts, span, towns)[0].total


def _with_kinds(rows: Hidden, out: frozenset[str], total_too: bool) -> Hidden:
    """Show the kinds of hidden rows, unless a total that must not be known would follow."""
    if rows.total or total_too:
        return Hidden(True, rows.upper, rows.lower)
    return Hidden(False, out | {UNVERIFIED}, rows.lower)


def _are_few(total: Block) -> tuple[bool, bool]:
    """Say whether a whole has too few lifted out, and too few paid: nobody says nothing."""
    lifted, paid = _cell(total), _money(total)
    return lifted.is_small and lifted.most > 0, paid.is_telling


def hidden_paid_towns(blocks: Mapping[str, Block]) -> tuple[frozenset[str], bool]:
    """Return the towns whose wages the district does not see, and if its own go."""
    cells = {code: _money(block) for code, block in blocks.items()}
    persons = sum(cell.persons for cell in cells.values())
    return hidden_money(cells, Money(persons, sum(cell.fen for cell in cells.values()), 0))


def hidden_towns(blocks: Mapping[str, Block]) -> tuple[frozenset[str], bool]:
    """Return the towns whose lifted-out figure the district does not see, and if its own goes."""
    total = Cell(sum(block.lifted_out_person_workplaces for block in blocks.values()), 0)
    return hidden({code: _cell(block) for code, block in blocks.items()}, total)


def hidden_lifted(counts: Counts) -> Hidden:
    """Return where the lifted-out figures of a table by kind and by employer are hidden.

    Pairs of person and workplace are what adds up: a person of two employers is two pairs.
    Employers after the first ROWS are hidden as one cell, as the page does not show them.
    """
    upper = _upper(counts, _cell)
    lower: dict[str, dict[Any, Cell]] = {kind: {} for kind in upper}
    shown = [one for one in counts.by_employer[:ROWS] if one.kind != UNVERIFIED]
    for one in shown:
        lower[one.kind][one.id] = _cell(one.block)
    for kind, whole in upper.items():
        own = lower[kind].values()
        rest = whole.most - sum(cell.most for cell in own)
        if rest:
            value = whole.value - sum(cell.value for cell in own)
            lower[kind][NOBODY] = Cell(value, rest, is_left_out=True)
    found = hidden_of_two(hidden, upper, lower, _cell(counts.total))
    seen = {one.id for one in shown}
    others = {one.id for one in counts.by_employer if one.id not in seen}
    return Hidden(found.total, found.upper | {UNVERIFIED}, found.lower | others)


def hidden_wages(counts: Counts) -> Hidden:
    """Return where the wages of a table by kind and by employer are hidden."""
    upper = _upper(counts, _money)
    lower: dict[str, dict[Any, Money]] = {kind: {} for kind in upper}
    apart = {one.id for one in counts.by_employer if one.kind == UNVERIFIED}
    for one in counts.by_employer:
        if one.id not in apart:
            lower[one.kind][one.id] = _money(one.block)
    found = hidden_of_two(hidden_money, upper, lower, _money(counts.total))
    return Hidden(found.total, found.upper | {UNVERIFIED}, found.lower | apart)


def _upper(counts: Counts, cell: Callable[[Block], Table]) -> dict[str, Table]:
    """Return the cells by kind; unverified households are no part of the whole (decision 16)."""
    return {
        kind: cell(block)
        for kind, block in counts.by_kind.items()
        if block.persons and kind != UNVERIFIED
    }


def _cell(block: Block) -> Cell:
    return Cell(block.lifted_out_person_workplaces, block.person_workplaces)


def _money(block: Block) -> Money:
    return Money(block.persons, block.wages_fen, block.top_wages_fen)


def _block(block: Block, hides_lifted: bool, hides_wages: bool) -> dict[str, Any]:
    found = block.told()
    if hides_lifted:
        found["lifted_out"] = dict(NONE)
    if hides_wages:
        found["wages_fen"] = None
    return found


def _published(block: Block) -> dict[str, Any]:
    """Return a block as it is told outside the town: in steps of 5, and nothing below 5."""
    found = block.told()
    for name in STEPPED:
        found[name] = stepped(found[name])
    days = stepped(block.half_days // 2) if block.persons >= FEWEST else None
    local = {level: stepped(figure) for level, figure in found["local"].items()}
    return {
        **found,
        "person_days": days,
        "fte": None,
        "wages_fen": None,
        "lifted_out": dict(NONE),
        "local": local,
    }
