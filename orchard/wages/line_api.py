"""Rates and pay lines as JSON: the same services as the pages. One blueprint with the rest."""

from typing import Any
from uuid import UUID

from flask import g
from flask_openapi3 import Tag
from sqlmodel import col

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.fields import Shape, Version
from orchard.hiring.models import Hire
from orchard.paging import page
from orchard.wages import answers, owed, queries, reckoning, services
from orchard.wages.forms import AnswerBody, CorrectForm, LinesBody, RateForm, ReckonBody
from orchard.wages.models import PayLine
from orchard.wages.rules import AnswerState
from orchard.wages.shapes import (
    AnswerOut,
    LineOut,
    LinesOut,
    PayDayOut,
    PayDaysOut,
    RateOut,
    RatesOut,
    ReckonedOut,
    answer_out,
    day_out,
    line_out,
    rate_out,
)
from orchard.web.interface import Interface

bp = Interface("api_wages", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="wages")])


class LinePath(Shape):
    """Which pay line."""

    line_id: UUID


class AnswersQuery(Shape):
    """Of what was said to a day: what precedes a version; the newest unless given."""

    before: Version | None = None


class RatesQuery(Shape):
    """Of which employer; all that the caller manages unless given."""

    employer_id: UUID | None = None


class LinesQuery(Shape):
    """Which lines, and what follows or precedes one."""

    person_id: UUID | None = None
    employer_id: UUID | None = None
    after: UUID | None = None
    before: UUID | None = None


@bp.get("/rates", responses={200: RatesOut})
def rates(query: RatesQuery) -> dict[str, Any]:
    """Return what the caller's employers pay."""
    asked = [query.employer_id] if query.employer_id else list(g.caller.employers)
    with db.reading() as reading:
        known = queries.rates_of(reading, g.caller.employers & set(asked))
    found = [rate_out(rate) for group in known.values() for rate in group]
    return RatesOut(rates=found).model_dump(mode="json")


@bp.post("/rates", responses={201: RateOut})
def add_rate(body: RateForm) -> tuple[dict[str, Any], int]:
    """Say what is paid from a day on; lines that are written stay as they are."""
    new = services.NewRate(
        body.id, body.employer_id, body.work, body.basis, body.rate_yuan, body.from_on
    )
    with db.transaction() as writing:
        rate = services.add_rate(writing, g.caller, new, now=clock.now())
        return rate_out(rate).model_dump(mode="json"), 201


@bp.get("/pay-lines", responses={200: LinesOut})
def lines(query: LinesQuery) -> dict[str, Any]:
    """Return one page of the pay lines in sight: the caller's own, or his employers'."""
    limits = [
        (query.person_id, col(Hire.person_id) == query.person_id),
        (query.employer_id, col(Hire.employer_id) == query.employer_id),
    ]
    with db.reading() as reading:
        statement = queries.lines_in_hand(g.caller).where(
            *(limit for given, limit in limits if given)
        )
        edges = [
            queries.edge(reading, g.caller, line_id) if line_id else None
            for line_id in (query.after, query.before)
        ]
        keys = (col(PayLine.worked_on), col(PayLine.id))
        found = page(reading, statement, keys, after=edges[0], before=edges[1])
    return LinesOut(
        lines=[line_out(row[0]) for row in found.rows],
        has_before=found.has_before,
        has_after=found.has_after,
    ).model_dump(mode="json")


@bp.post("/pay-lines", responses={201: LinesOut})
def write(body: LinesBody) -> tuple[dict[str, Any], int]:
    """Write one line for each of some days: all of them or none; sent twice it is once."""
    new = [
        services.NewLine(one.id, one.hire_id, one.worked_on, one.quantity, one.note)
        for one in body.lines
    ]
    with db.transaction() as writing:
        made = services.write_lines(writing, g.caller, new, now=clock.now())
    return LinesOut(lines=[line_out(line) for line in made]).model_dump(mode="json"), 201


@bp.post("/pay-lines/reckon", responses={200: ReckonedOut})
def reckon(body: ReckonBody) -> dict[str, Any]:
    """Write the lines of work days by the day, and correct those whose sheet was corrected."""
    with db.transaction() as writing:
        done = reckoning.reckon(
            writing, g.caller, reckoning.Stretch(**body.model_dump()), now=clock.now()
        )
    return ReckonedOut(
        lines=done.lines, corrections=done.corrections, days_without_rate=done.without_rate
    ).model_dump(mode="json")


@bp.get("/pay-lines/disputed", responses={200: PayDaysOut})
def disputed() -> dict[str, Any]:
    """Return the disputed days: a secretary's towns masked, a manager's employers."""
    towns = g.caller.places(Role.SECRETARY)
    with db.reading() as reading:
        found = [
            day_out(reading, row, is_masked=True)
            for row in (owed.disputed(reading, g.caller, towns) if towns else [])
        ]
        own = owed.disputed_of_manager(reading, g.caller) if g.caller.employers else []
        found += [day_out(reading, row) for row in own]
    return PayDaysOut(days=found).model_dump(mode="json")


@bp.get("/pay-lines/<uuid:line_id>", responses={200: PayDayOut})
def one(path: LinePath, query: AnswersQuery) -> dict[str, Any]:
    """Return the day that a line belongs to, with its corrections and a page of its answers."""
    with db.reading() as reading:
        day = queries.day_pay_for(reading, g.caller, path.line_id)
        return day_out(reading, day, before=query.before).model_dump(mode="json")


@bp.post("/pay-lines/<uuid:line_id>/corrections", responses={201: LineOut})
def correct(path: LinePath, body: CorrectForm) -> tuple[dict[str, Any], int]:
    """Say what a day's pay should be; the difference becomes a further line."""
    change = reckoning.Correction(body.id, body.quantity, body.rate_yuan, body.note, body.version)
    with db.transaction() as writing:
        line = reckoning.correct_line(writing, g.caller, path.line_id, change, now=clock.now())
        return line_out(line).model_dump(mode="json"), 201


@bp.post("/pay-lines/<uuid:line_id>/answers", responses={201: AnswerOut})
def answer(path: LinePath, body: AnswerBody) -> tuple[dict[str, Any], int]:
    """Confirm or object as the worker, or answer an objection in words as the employer."""
    said = answers.Said(**body.model_dump(exclude={"claimed"}), claimed_x100=body.claimed)
    act = answers.explain if body.state == AnswerState.ANSWERED else answers.answer
    with db.transaction() as writing:
        made = act(writing, g.caller, path.line_id, said, now=clock.now())
        return answer_out(made).model_dump(mode="json"), 201
