"""How the addresses of pages are written: by code that is made when the first one is written.

Werkzeug compiles two functions for each of some 280 rules, a tenth of the program's start.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A rule of the map that makes its two writing functions on demand."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"
        make = super()._compile_builder

        def first(rule: "LazyRule", /, **values: Any) -> tuple[str, str]:
            write = make(append_unknown).__get__(rule, None)
            setattr(rule, name, write)
            address: tuple[str, str] = write(**values)
            return address

        return first
