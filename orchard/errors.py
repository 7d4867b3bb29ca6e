"""The few kinds of refusal that every room builds on; a room names its own below them."""

from collections.abc import Mapping
from typing import Any


class OrchardError(Exception):
    """An expected refusal; its code finds the sentence that people read."""

    code = "errors.unknown"

    def __init__(self, **values: Any) -> None:
        super().__init__(self.code)
        self.values = values


class Refused(OrchardError):
    """A rule says no; nothing was written."""


class FieldRefused(Refused):
    """A rule says no to one field of a form."""

    def __init__(self, field: str, code: str, **values: Any) -> None:
        self.code = code
        super().__init__(**values)
        self.field = field


class NotVisible(OrchardError):
    """The record does not exist, or not for this caller: the two look the same."""

    code = "errors.not_found"


class Forbidden(OrchardError):
    """The caller's role may not do this at all."""

    code = "errors.forbidden"


class Conflict(OrchardError):
    """The record exists with other content; both versions are kept for the reader."""

    code = "errors.conflict"

    def __init__(self, kept: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
        super().__init__()
        self.kept, self.sent = dict(kept), dict(sent)


class Busy(OrchardError):
    """The database did not let us write in time; the same request may be sent again."""

    code = "errors.busy"
