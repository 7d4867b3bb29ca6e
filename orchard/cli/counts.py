"""`orchard counts`: how many people were hired where, recounted from the records."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from orchard import units

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("counts")
@click.option("--place", required=True, help="Code of the district, town or village.")
@click.option("--from", "first", required=True, type=DAY, help="First day, such as 2026-09-01.")
@click.option("--to", "last", required=True, type=DAY, help="Last day; it belongs to the span.")
@click.option("--kind", help="One kind of employer only, such as workshop.")
@click.option("--employer", type=click.UUID, help="One employer only, by its id.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def counts(
    place: str,
    first: datetime,
    last: datetime,
    kind: str | None,
    employer: UUID | None,
    as_json: bool,
) -> None:
    """Count persons, workplaces, hires, days, pay and local hires of a place and span."""
    from orchard import clock, db, revision
    from orchard.counts import shown
    from orchard.counts.queries import Asked, recount

    asked = Asked(place, first.date(), last.date(), kind, employer)
    with db.in_county(_county(place)):
        revision.require_current()
        with db.reading() as session:
            found = shown.document(asked, shown.plain(recount(session, asked)), now=clock.now())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        _print(found)


def _county(place: str) -> str:
    """Return the county that holds a place; the only one served where the code fits none."""
    from orchard import settings

    counties = settings.get().counties
    found = [code for code in counties if place.startswith(code)]
    if not found and len(counties) > 1:
        raise click.ClickException(f"{place} lies in none of the counties that are served")
    return found[0] if found else counties[0]


def _print(found: dict[str, Any]) -> None:
    click.echo(f"{found['place']}  {found['from']} to {found['to']}  as of {found['as_of']}")
    rows = [("total", found["total"])]
    rows += [(kind, block) for kind, block in found["by_kind"].items() if block["persons"]]
    rows += [(f"{one['name']} ({one['kind']})", one) for one in found["by_employer"]]
    head = ("persons", "workplaces", "hires", "days", "fte", "yuan", "lifted", "local v/t/d")
    click.echo(_line(head))
    for name, block in rows:
        local = "/".join(str(count) for count in block["local"].values())
        cells = [block[key] for key in ("persons", "person_workplaces", "hires", "person_days")]
        yuan = units.fen_to_yuan(block["wages_fen"])
        cells += [block["fte"], yuan, block["lifted_out"]["persons"], local]
        click.echo(f"{_line(cells)}  {name}")


def _line(cells: Iterable[object]) -> str:
    return " ".join(f"{cell!s:>12}" for cell in cells)
