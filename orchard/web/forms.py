"""From what a browser sent to a typed form, or to one sentence per wrong field."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask import g, request
from pydantic import BaseModel, ValidationError

from orchard import words
from orchard.errors import FieldRefused, NotVisible
from orchard.paging import MOST_PAGES

MOST_DIGITS = 9  # of a version; both databases take them
Form = TypeVar("Form", bound=BaseModel)


def parse(model: type[Form], data: Mapping[str, Any]) -> tuple[Form | None, dict[str, str]]:
    """Return (form, {}) or (None, {field: sentence in the reader's language})."""
    try:
        return model.model_validate(dict(data)), {}
    except ValidationError as error:
        return None, sentences(error)


def as_id(text: str | None) -> UUID | None:
    """Return an id that stands in an address, None for none, or raise NotVisible."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotVisible from None


def as_number(text: str | None) -> int | None:
    """Return a version that stands in an address, None for none, or raise NotVisible."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS:
        raise NotVisible
    return int(text)


def page_number() -> int:
    """Return which page of a list the address asks for; a strange number is the nearest one."""
    return min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)


# Fields that nobody types: wrong only when a page was tampered with.
HIDDEN = ("id", "version", "lines")


def check_hidden(errors: Mapping[str, str]) -> None:
    """Refuse a form whose hidden fields are broken: no field beside which it could be told."""
    for field in HIDDEN:
        if field in errors:
            raise FieldRefused(field, "web.form.invalid")


def sentences(error: ValidationError) -> dict[str, str]:
    """Return one sentence per wrong field; a field's first fault is told."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        field = str(fault["loc"][0]) if fault["loc"] else "form"
        found.setdefault(field, _sentence(fault["type"], fault.get("ctx") or {}))
    return found


def _sentence(kind: str, values: dict[str, Any]) -> str:
    key = kind if "." in kind else f"web.form.{kind}"
    if not words.knows(key):
        key = "web.form.invalid"
    return words.text(g.locale, key, **{k: v for k, v in values.items() if k != "error"})


def refusal(error: FieldRefused) -> dict[str, str]:
    """Return a rule's refusal of one field in the shape that form pages show."""
    return {error.field: words.text(g.locale, error.code, **error.values)}
