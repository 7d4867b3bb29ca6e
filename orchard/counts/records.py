"""The counts as one statement over the records: hires, work days, pay lines, status, employers.

`lines` says what each hire adds to a span; everything else, kept or recounted, is made of it.
"""

from collections.abc import Collection
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Label,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from orchard import db
from orchard.accounts.models import Employer
from orchard.accounts.rules import EmployerKind
from orchard.attendance.models import Workday
from orchard.counts.periods import Period
from orchard.counts.rules import NEVER, UNVERIFIED, Block
from orchard.hiring.models import Hire, SamePerson, StatusPeriod
from orchard.wages.models import PayLine

EMPLOYER, HIRE = db.table_of(Employer), db.table_of(Hire)
WORKDAY, PAY_LINE = db.table_of(Workday), db.table_of(PayLine)
SAME, STATUS = db.table_of(SamePerson), db.table_of(StatusPeriod)
BLOCK = tuple(part.name for part in fields(Block))
RECORDS: BindParameter[UUID] = bindparam("records", expanding=True)
DIGITS = {1: 12, 2: 9, 3: 6}  # feature page 3.2: same village, town, district by code


def kind_of_employer() -> ColumnElement[str]:
    """Return in SQL the kind under which an employer's hires are counted (decision 16)."""
    kind = cast(EMPLOYER.c.kind, String(20))
    unverified = and_(kind == EmployerKind.HOUSEHOLD.value, EMPLOYER.c.verified_at.is_(None))
    return case((unverified, literal(UNVERIFIED, String)), else_=kind)


def local_level() -> ColumnElement[int]:
    """Return in SQL how near a hire's work is to home, as hiring.rules.local_level does."""
    home, work = HIRE.c.registered_code, HIRE.c.workplace_code
    near = [
        (
            and_(
                func.length(home) >= digits,
                func.substr(home, 1, digits) == func.substr(work, 1, digits),
            ),
            level,
        )
        for level, digits in DIGITS.items()
    ]
    return case(*near, else_=0)


def spans(count: int) -> CTE:
    """Return some spans of days as a table in the statement; its values come by given()."""
    rows = [
        select(
            cast(bindparam(f"code{number}"), String).label("code"),
            bindparam(f"first{number}", type_=Date).label("first"),
            bindparam(f"last{number}", type_=Date).label("last"),
        )
        for number in range(count)
    ]
    return union_all(*rows).cte("span")


def given(periods: Collection[Period]) -> dict[str, Any]:
    """Return the values of a statement's spans."""
    found: dict[str, Any] = {}
    for number, one in enumerate(periods):
        found |= {f"code{number}": one.code, f"first{number}": one.first, f"last{number}": one.last}
    return found


def lines(
    count: int,
    *where: ColumnElement[bool],
    by_records: bool = False,
    by: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """Select what each hire that has a work day in one of some spans adds to it (rules.Line).

    where: conditions on hire. by: one on its employer. by_records: only hires of the person
    records bound to "records", which must be all the records of the persons counted.
    """
    span = spans(count)
    only = [*where, HIRE.c.person_id.in_(RECORDS)] if by_records else where
    engaged = _engaged(_worked(span, *only), by)
    return select(
        engaged.c.code.label("period"),
        engaged.c.hire_id,
        engaged.c.person_id,
        engaged.c.employer_id,
        engaged.c.kind,
        engaged.c.workplace_code,
        engaged.c.half_days,
        _wages(engaged).label("wages_fen"),
        _is_lifted_out(engaged).label("is_lifted_out"),
        engaged.c.local_level,
    )


def _worked(span: CTE, *where: ColumnElement[bool]) -> CTE:
    """Select how much each hire that ran in a span worked in it, NULL or 0 where it did not.

    Asked hire by hire: a few steps in an index each, and nothing has to be sorted. No work day
    lies outside its hire's days: attendance and hiring refuse it, both holding the hire.
    """
    ran = and_(
        HIRE.c.started_on <= span.c.last,
        or_(HIRE.c.ended_on.is_(None), HIRE.c.ended_on >= span.c.first),
    )
    half_days = (
        select(func.sum(WORKDAY.c.half_days))
        .where(
            WORKDAY.c.hire_id == HIRE.c.id,
            WORKDAY.c.day.between(span.c.first, span.c.last),
        )
        .correlate(HIRE, span)
        .scalar_subquery()
    )
    return (
        select(
            span.c.code,
            span.c.first,
            span.c.last,
            HIRE.c.id.label("hire_id"),
            HIRE.c.person_id.label("record_id"),
            HIRE.c.employer_id,
            HIRE.c.workplace_code,
            local_level().label("local_level"),
            half_days.label("half_days"),
        )
        .join_from(HIRE, span, ran)
        .where(*where)
        .cte("worked")
    )


def _engaged(worked: CTE, by: ColumnElement[bool] | None) -> CTE:
    """Select the hires that have a work day: who is counted for each, under which kind."""
    return (
        select(
            worked,
            func.coalesce(SAME.c.other_id, worked.c.record_id).label("person_id"),
            kind_of_employer().label("kind"),
        )
        .join_from(worked, EMPLOYER, EMPLOYER.c.id == worked.c.employer_id)
        .outerjoin(SAME, SAME.c.person_id == worked.c.record_id)
        .where(worked.c.half_days > 0, true() if by is None else by)
        .cte("engaged")
    )


def _wages(engaged: CTE) -> ColumnElement[int]:
    """Return in SQL what was earned, corrected or taken back for the days of a span."""
    summed = (
        select(func.sum(PAY_LINE.c.amount_fen))
        .where(
            PAY_LINE.c.hire_id == engaged.c.hire_id,
            PAY_LINE.c.worked_on.between(engaged.c.first, engaged.c.last),
        )
        .scalar_subquery()
    )
    return cast(func.coalesce(summed, 0), PAY_LINE.c.amount_fen.type)


def _is_lifted_out(engaged: CTE) -> ColumnElement[bool]:
    """Say in SQL whether the person was lifted out or monitored on a work day of a hire.

    The status may stand with any record of the person. Asked hire by hire: each is a few steps
    in an index, while a join of derived tables makes SQLite compare all with all.
    """
    in_force = and_(
        WORKDAY.c.hire_id == engaged.c.hire_id,
        WORKDAY.c.day.between(engaged.c.first, engaged.c.last),
        WORKDAY.c.half_days > 0,
        STATUS.c.from_on <= WORKDAY.c.day,
        or_(STATUS.c.until_on.is_(None), STATUS.c.until_on >= WORKDAY.c.day),
    )
    status = select(STATUS.c.id).select_from(STATUS.join(WORKDAY, in_force))
    own = status.where(STATUS.c.person_id == engaged.c.person_id).correlate(engaged)
    of_double = status.where(STATUS.c.person_id == SAME.c.person_id).correlate(engaged, SAME)
    double = (
        select(SAME.c.person_id)
        .where(SAME.c.other_id == engaged.c.person_id, of_double.exists())
        .correlate(engaged)
    )
    return or_(own.exists(), double.exists())


def totals(of: Select[Any], *, with_unverified: bool) -> CompoundSelect[Any]:
    """Select the blocks of the whole, of each kind and of each employer from a span's lines.

    Each upper figure is counted from the persons below it, never added up. with_unverified: the
    whole holds the unverified households too, because they alone were asked for.
    """
    line = of.cte("line")
    near = case((line.c.local_level == 0, NEVER), else_=line.c.local_level)
    own = (
        select(
            line.c.person_id,
            line.c.employer_id,
            line.c.kind,
            func.count().label("hires"),
            func.sum(line.c.half_days).label("half_days"),
            func.sum(line.c.wages_fen).label("wages_fen"),
            func.max(cast(line.c.is_lifted_out, Integer)).label("lifted"),
            func.min(near).label("near"),
        )
        .group_by(line.c.person_id, line.c.employer_id, line.c.kind)
        .cte("own")
    )
    inside = true() if with_unverified else own.c.kind != UNVERIFIED
    whole = _persons(own).where(inside).group_by(own.c.person_id).subquery("whole")
    by_kind = (
        _persons(own)
        .add_columns(own.c.kind)
        .group_by(own.c.person_id, own.c.kind)
        .subquery("of_kind")
    )
    by_employer = select(
        own,
        literal(1).label("workplaces"),
        own.c.lifted.label("lifted_workplaces"),
    ).subquery("of_employer")
    nothing, nobody = cast(null(), String).label("kind"), cast(null(), Uuid).label("employer_id")
    whole_part = select(literal("total").label("part"), nothing, nobody, *blocks(whole))
    kind_part = select(literal("kind"), by_kind.c.kind, nobody, *blocks(by_kind))
    employer, kind = by_employer.c.employer_id, by_employer.c.kind
    employer_part = select(literal("employer"), kind, employer, *blocks(by_employer))
    return union_all(
        whole_part,
        kind_part.group_by(by_kind.c.kind),
        employer_part.group_by(kind, employer),
    )


def _persons(own: CTE) -> Select[Any]:
    """Select persons from pairs of person and employer; the caller groups them."""
    return select(
        own.c.person_id,
        func.count().label("workplaces"),
        func.sum(own.c.hires).label("hires"),
        func.sum(own.c.half_days).label("half_days"),
        func.sum(own.c.wages_fen).label("wages_fen"),
        func.max(own.c.lifted).label("lifted"),
        func.sum(own.c.lifted).label("lifted_workplaces"),
        func.min(own.c.near).label("near"),
    )


def blocks(persons: Any) -> list[Label[Any]]:
    """Return the figures of rules.Block over rows of one person each, in its order."""
    of = persons.c
    sums = (of.workplaces, of.hires, of.half_days, of.wages_fen, of.lifted, of.lifted_workplaces)
    local = [func.sum(case((of.near <= level, 1), else_=0)) for level in (1, 2, 3)]
    figures = [*(func.sum(each) for each in sums), *local, func.max(of.wages_fen)]
    whole = [func.count(), *(func.coalesce(each, 0) for each in figures)]
    return [each.label(name) for each, name in zip(whole, BLOCK, strict=True)]
