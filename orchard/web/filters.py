"""How stored values become words: the only place where pages format anything."""

import hashlib
import re
from collections.abc import Callable, Hashable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from flask import current_app, session, url_for
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer
from jinja2.runtime import Macro
from markupsafe import Markup

from orchard import clock, units, words

PLAIN = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
PLAIN_QUERY = re.compile(r"[A-Za-z0-9._/-]+", re.ASCII)
RULE_PART = re.compile(r"<(?:[^:<>]+:)?([a-z_]+)>")
STATIC = Path(__file__).parents[1] / "static"
NEAR = {-1: "web.yesterday", 0: "web.today", 1: "web.tomorrow", 2: "web.day_after"}


def link(endpoint: str, **values: Any) -> str:
    """Return the address of a page, as url_for() does, which matches all rules each time.

    Where the values are plain words and there is one rule only, its text is filled in, and what
    is no part of it follows as a query.
    """
    pattern = _pattern(endpoint, tuple(values))
    if pattern and not values:
        return pattern.text
    if pattern:
        texts = {name: str(value) for name, value in values.items() if value is not None}
        if len(texts) == len(values) and all(
            (PLAIN if name in pattern.parts else PLAIN_QUERY).fullmatch(text)
            for name, text in texts.items()
        ):
            return pattern.text.format_map(texts)
    return url_for(endpoint, **values)


class Pattern(NamedTuple):
    """The text of an address with {names} in it, and those names that are parts of the path."""

    text: str
    parts: frozenset[str]


@cache
def _pattern(endpoint: str, names: tuple[str, ...]) -> Pattern | None:
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.endpoint == endpoint]
    if len(rules) != 1 or not rules[0].arguments <= set(names) or endpoint == "static":
        return None
    if any(name.startswith("_") for name in names):  # url_for's own, such as _anchor
        return None
    parts = frozenset(rules[0].arguments)
    query = "&".join(f"{name}={{{name}}}" for name in names if name not in parts)
    path = RULE_PART.sub(r"{\1}", rules[0].rule)
    return Pattern(f"{path}?{query}" if query else path, parts)


def asset(name: str) -> str:
    """Return the address of a static file that changes whenever its content does."""
    return f"/static/{name}?v={_content(name)}"


@cache
def _content(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def csrf_field() -> Markup:
    """Return the hidden field that ties a form to this browser's session."""
    if "csrf_token" not in session:
        generate_csrf()
    return _signed_field(str(current_app.secret_key), session["csrf_token"])


@lru_cache(maxsize=4096)
def _signed_field(key: str, secret: str) -> Markup:
    """Return the field as flask_wtf signs it, once for a session instead of on every page."""
    token = URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(secret)
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)


@lru_cache(maxsize=1024, typed=True)
def kept(macro: Macro, *values: Hashable) -> Markup:
    """Return what a macro says of values that many readers share, such as a place's forecast.

    Said once while they stay the same. Each language has its own macros; nothing else of the
    reader may be in them.
    """
    return cast(Markup, macro(*values))


def mu(area_mu_x100: int) -> str:
    """Return an area in mu as people write it."""
    return units.x100_to_text(area_mu_x100)


def yuan(fen: int) -> str:
    """Return an amount in yuan as people write it."""
    return units.fen_to_yuan(fen)


def rate(fen_x100: int) -> str:
    """Return a rate in yuan as people write it."""
    return units.fen_x100_to_yuan(fen_x100)


def quantity(value_x100: int) -> str:
    """Return a quantity in hundredths as people write it."""
    return units.signed_x100_to_text(value_x100)


def degrees(value: float | None) -> str:
    """Return a temperature in whole degrees, a dash when it is not known."""
    return "－" if value is None else str(round(value))


@lru_cache(maxsize=512)
def day(locale: str, value: date) -> str:
    """Return a date such as 12月3日."""
    return words.text(locale, "web.day", month=value.month, day=value.day)


def weekday(locale: str, value: date) -> str:
    """Return the name of a date's day of the week."""
    return words.weekday(locale, value)


@lru_cache(maxsize=512)
def near_day(locale: str, value: date, today: date) -> str:
    """Return 今天, 明天, 后天 or the date."""
    key = NEAR.get((value - today).days)
    return words.text(locale, key) if key else day(locale, value)


def moment(locale: str, value: datetime) -> str:
    """Return a moment as local date and hour, the date in words when it is near."""
    local = clock.local(value)
    return f"{near_day(locale, local.date(), clock.today())} {local:%H:%M}"


def phone(value: str) -> str:
    """Return a stored number as people dial it."""
    return value.removeprefix("+86")


def masked_phone(value: str) -> str:
    """Return 3 digits, stars and 4 digits of a number."""
    plain = phone(value)
    return f"{plain[:3]}****{plain[-4:]}"


def masked_name(value: str) -> str:
    """Return the first character of a name and a star."""
    return f"{value[:1]}*"


FILTERS = {
    "mu": mu,
    "yuan": yuan,
    "rate": rate,
    "quantity": quantity,
    "degrees": degrees,
    "phone": phone,
    "masked_phone": masked_phone,
    "masked_name": masked_name,
}
SPOKEN: dict[str, Callable[..., str]] = {  # these take the reader's language first
    "day": day,
    "weekday": weekday,
    "near_day": near_day,
    "moment": moment,
}
GLOBALS: dict[str, Any] = {
    "asset": asset,
    "csrf_field": csrf_field,
    "kept": kept,
    "url_for": link,
}
