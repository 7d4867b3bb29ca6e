"""Reads over places, and the one way to say "inside these places"."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import Session, col, select

from orchard.errors import NotVisible
from orchard.places.models import Place
from orchard.places.rules import Level, county_of, town_of


def within(column: Any, codes: Collection[str]) -> ColumnElement[bool]:
    """Compare code prefixes: a town holds its villages; no codes hold nothing.

    Written as a range, so that the index on the column serves it on both databases.
    """
    if not codes:
        return false()
    return or_(*((col(column) >= code) & (col(column) < code + ":") for code in sorted(codes)))


def place(session: Session, code: str) -> Place:
    """Return one place, or raise NotVisible."""
    found = session.get(Place, code)
    if found is None:
        raise NotVisible
    return found


def children(session: Session, code: str) -> list[tuple[str, str]]:
    """Return (code, name) of the places directly below one, by code."""
    rows = session.exec(
        select(Place.code, Place.name).where(Place.parent_code == code).order_by(Place.code)
    )
    return list(rows.all())


def names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return the names of some places."""
    rows = session.exec(select(Place.code, Place.name).where(col(Place.code).in_(codes)))
    return dict(rows.all())


def towns(session: Session, county: str) -> list[Place]:
    """Return the towns of a county with their points, by code."""
    rows = session.exec(
        select(Place)
        .where(Place.level == Level.TOWN, Place.parent_code == county_of(county))
        .order_by(Place.code)
    )
    return list(rows.all())


def town_point(session: Session, village_code: str) -> Place:
    """Return the town whose point stands in for a plot without a position."""
    return place(session, town_of(village_code))
