"""Pages of the counts: this season, what the figures mean, the table as a file."""

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from orchard import clock, db, units, words
from orchard.accounts.rules import Role
from orchard.counts import board, periods, shown
from orchard.counts.forms import SpanForm
from orchard.counts.periods import Period
from orchard.counts.queries import Asked, recount
from orchard.counts.rules import definitions
from orchard.errors import NotVisible, Refused
from orchard.places.queries import names
from orchard.web.forms import parse

bp = Blueprint("counts", __name__)
SEASONS_OFFERED, MONTHS_OFFERED = 4, 12
Answer = str | tuple[str, int]


class WrongDays(Refused):
    """A span of days is asked for by one day alone, or by something that is no day."""

    code = "counts.wrong_days"


@bp.get("/counts")
def page() -> Answer:
    """Show the counts of the caller's town, or of the district, for a season, month or span."""
    form, errors = _asked_span()
    span, first, last = _span(form)
    towns = g.caller.places(Role.SECRETARY)
    if not towns:
        if span is None:
            errors = {"from": t("counts.whole_spans")}
        return _district_page(span or periods.season_of(clock.today()), errors)
    town = request.args.get("place") or min(towns)
    if town not in towns:
        raise NotVisible
    with db.reading() as session:
        if span:
            found = board.town_board(session, town, span, clock.today())
        else:
            found = board.span_board(session, Asked(town, first, last))
        named = names(session, towns) if len(towns) > 1 else {}
    page = render_template(
        "counts/page.html",
        found=found,
        town=town,
        towns=sorted(named.items()),
        now=clock.now(),
        periods=_offered(),
        errors=errors,
        sent=request.args,
    )
    return (page, 422) if errors else page


def _district_page(span: Period, errors: Mapping[str, str]) -> Answer:
    district = min(g.caller.places(Role.DISTRICT))
    with db.reading() as session:
        found = board.district_board(session, district, span, clock.today())
    page = render_template(
        "counts/district.html",
        found=found,
        now=clock.now(),
        periods=_offered(),
        errors=errors,
        sent=request.args,
    )
    return (page, 422) if errors else page


def _asked_span() -> tuple[SpanForm | None, dict[str, str]]:
    """Return what is asked for, or one sentence per wrong field: a day alone is half a span."""
    form, errors = parse(SpanForm, request.args)
    if form and not form.period and bool(form.first) != bool(form.last):
        return None, {"to" if form.first else "from": t("web.form.missing")}
    return form, errors


def _span(form: SpanForm | None) -> tuple[Period | None, date, date]:
    """Return the month or season asked for, or none and the two days."""
    season = periods.season_of(clock.today())
    if form and form.first and form.last and not form.period:
        exact = periods.exactly(form.first, form.last)
        return exact, form.first, form.last
    chosen = periods.period(form.period) if form and form.period else season
    return chosen, chosen.first, chosen.last


def _offered() -> list[Period]:
    """Return the seasons and months that the page offers, the newest first."""
    today = clock.today()
    seasons, months = [periods.season_of(today)], [periods.month_of(today)]
    for found, count in ((seasons, SEASONS_OFFERED), (months, MONTHS_OFFERED)):
        while len(found) < count:
            found.append(periods.before(found[-1]))
    return seasons + months


@bp.get("/counts/definitions")
def definition() -> str:
    """Show what every figure means, by version."""
    return render_template("counts/definitions.html", known=definitions())


@bp.get("/counts/export")
def export() -> Response:
    """Send the counts of the caller's town or district as a table file (CSV)."""
    form, errors = _asked_span()
    if errors:
        raise WrongDays
    span, first, last = _span(form)
    place = request.args.get("place") or min(_own(), default="")
    if place not in _own():
        raise NotVisible
    asked = Asked(place, first, last)
    with db.reading() as session:
        sight = shown.sight_of(g.caller, place)
        found = shown.told(session, asked, recount(session, asked), sight)
        name = names(session, [place]).get(place, place)
    rows = [*_head(name, asked), *_rows(found)]
    text = StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in rows)
    answer = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    file = f"counts-{place}-{span.code if span else f'{first}-{last}'}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def _own() -> frozenset[str]:
    places: frozenset[str] = g.caller.places(Role.SECRETARY) or g.caller.places(Role.DISTRICT)
    return places


COLUMNS = ("persons", "person_workplaces", "hires", "person_days", "fte")
LOCAL = ("village", "town", "district")


def t(key: str, **values: Any) -> str:
    """Return the sentence of a key in the reader's language."""
    return words.text(g.locale, key, **values)


def _head(name: str, asked: Asked) -> list[list[Any]]:
    as_of = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    says = t("counts.export.says", version=definitions().version)
    columns = [t(f"counts.define.{code}") for code in COLUMNS]
    local = [t(f"counts.define.local_{level}") for level in LOCAL]
    return [
        [name, f"{asked.first}", f"{asked.last}", t("counts.export.as_of"), as_of],
        [says],
        [t("counts.employer"), t("counts.kind"), *columns, *local]
        + [t("counts.define.lifted_out"), t("counts.wages_yuan")],
    ]


def _rows(found: dict[str, Any]) -> list[list[Any]]:
    rows = [[t("counts.whole"), "", *_cells(found["total"])]]
    rows += [
        [t("counts.all_of_kind"), t(f"counts.of_kind.{kind}"), *_cells(block)]
        for kind, block in found["by_kind"].items()
        if block["persons"]
    ]
    return rows + [
        [one["name"], t(f"counts.of_kind.{one['kind']}"), *_cells(one)]
        for one in found["by_employer"]
    ]


def _cells(block: dict[str, Any]) -> list[Any]:
    wages = block["wages_fen"]
    return [
        *(block[code] for code in COLUMNS),
        *(block["local"][level] for level in LOCAL),
        "-" if block["lifted_out"]["persons"] is None else block["lifted_out"]["persons"],
        "-" if wages is None else units.decimal_text(wages, 2),
    ]


def _plain(cell: Any) -> Any:
    """Return a cell that no table program takes for a formula."""
    is_formula = isinstance(cell, str) and len(cell) > 1 and cell[0] in "=+-@\t\r"
    return f"'{cell}" if is_formula else cell
