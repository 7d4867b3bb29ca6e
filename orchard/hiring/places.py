"""Places that forms about work offer: villages of a town, registered places in words."""

from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from orchard import db, words
from orchard.hiring.rules import ELSEWHERE
from orchard.places.models import Place
from orchard.places.queries import names
from orchard.places.rules import short_name, town_of

Offered = dict[str, list[tuple[str, str]]]


def villages_around(session: Session, codes: Collection[str]) -> Offered:
    """Return the villages of the towns in which some places lie, by the name of their town."""
    towns = names(session, {town_of(code) for code in codes})
    rows = session.exec(
        select(Place.code, Place.name, Place.parent_code)
        .where(col(Place.parent_code).in_(towns))
        .order_by(Place.code)
    )
    found: Offered = {name: [] for name in towns.values()}
    for code, name, parent in rows:
        found[towns[parent or ""]].append((code, short_name(name)))
    return found


def registered_words(session: Session, codes: Iterable[str | None], locale: str) -> dict[str, str]:
    """Return registered places in words: a village, this district, another one, elsewhere."""
    known = {code for code in codes if code}
    found = names(session, {code for code in known if len(code) == 12})
    return {code: short_name(found.get(code, "")) or _outside(code, locale) for code in known}


def _outside(code: str, locale: str) -> str:
    if code == ELSEWHERE:
        return words.text(locale, "hiring.registered.elsewhere")
    if code == db.county():
        return words.text(locale, "hiring.registered.county")
    return words.text(locale, "hiring.registered.other", code=code)
