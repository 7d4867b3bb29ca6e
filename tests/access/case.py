"""What one case of the access walk is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.access.cast import Cast

Body = Callable[[Cast, str], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """What an endpoint is about; body is what a browser or program would send."""

    kind: str = "free"
    body: Body = lambda cast, subject: {}  # noqa: E731
    may_refuse: bool = False  # a rule may say no (422) although the record is in sight


FREE, OPEN = Case(), Case("open")
