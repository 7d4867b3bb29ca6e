"""What stands in an address is never believed: no 500, no wait, nothing written."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from orchard import clock
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.web.permissions import ALLOWED
from tests import make
from tests.access.state import Watch, changed, digest
from tests.client import Client
from tests.robust import corpus
from tests.robust.cast import Cast, fill
from tests.robust.forms import clients
from tests.robust.load import crowding
from tests.robust.typist import harmless

SLOWEST_S = 2.0
HARD = corpus.for_addresses()[:6]
SHORT_OR_WHOLE = pytest.mark.parametrize(
    "is_whole", [False, pytest.param(True, marks=pytest.mark.campaign)], ids=["short", "whole"]
)
OUTSIDE = (
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "/\t/evil.example",
    "\\\\evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/\r\nSet-Cookie: x=1",
    "http:/evil.example",
    "/../..//evil.example",
    "///evil.example",
)
asked: set[str] = set()


class Noting(ImmutableMultiDict[str, str]):
    """Notes which parameters a view reads."""

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Note and return."""
        asked.add(key)
        return super().get(key, *args, **kwargs)

    def __getitem__(self, key: str) -> Any:
        asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        asked.add(str(key))
        return super().__contains__(key)


@pytest.fixture
def cast(sqlite_database: Path) -> Any:
    """Return who asks, in a county whose clock stands."""
    with clock.frozen_at(make.NOW):
        yield fill()


def addresses(cast: Cast, browsers: dict[Role | None, Client]) -> dict[str, Role | None]:
    """Return an address of every page, with somebody who may open it."""
    known = {
        "plot_id": cast.plot,
        "token": cast.task,
        "code": "QY1",
        "person_id": str(cast.callers[Role.GROWER].person_id),
        "filename": "orchard.css",
        "day": "2026-11-20",
        "line_id": cast.line,
        "payment_id": cast.payment,
        "photo_id": str(new_id()),
        "prescription_id": cast.prescription,
        "request_id": cast.visit,
        "ticket": str(new_id()),
        **cast.work,
    }
    found: dict[str, Role | None] = {}
    for rule in browsers[None].application.url_map.iter_rules():
        if "GET" in rule.methods and not rule.rule.startswith("/api/"):
            may = ALLOWED.get(rule.endpoint, frozenset())
            role = next((role for role in browsers if role in may), None)
            path = rule.rule
            for name in rule.arguments:
                path = path.replace(rule_part(rule.rule, name), known[name])
            found[path] = role
    return found


def rule_part(rule: str, name: str) -> str:
    """Return a rule's part such as <uuid:plot_id>."""
    end = rule.index(f"{name}>")
    return rule[rule.rindex("<", 0, end + 1) : end + len(name) + 1]


def parameters(browser: Client, path: str) -> set[str]:
    """Return what a page reads from behind the question mark."""
    asked.clear()
    browser.get(f"{path}?nothing=1")
    return set(asked)


def share(index: int, count: int, is_whole: bool) -> list[str]:
    """Return what one of so many takes: its part of all strings, or two from all over them."""
    strings = corpus.for_addresses()
    if is_whole:
        return [*HARD, *strings[index::count]]
    return [strings[index * len(strings) // count], strings[-1 - index * len(strings) // count]]


def check(answer: TestResponse, took_s: float, where: str) -> None:
    """Hold one answer against the rules."""
    assert answer.status_code < 500 or "/readyz" in where, (where, answer.status_code)
    assert took_s <= SLOWEST_S * crowding(), (where, took_s)
    if answer.mimetype == "text/html" and not answer.location:
        harmless(answer.text)
    if answer.status_code in (302, 303, 308):
        inside = answer.location.removeprefix("http://localhost")
        assert inside.startswith("/") and not inside.startswith("//"), where


def timed(browser: Client, path: str) -> tuple[TestResponse, float]:
    """Return an answer and how long it took."""
    begun = monotonic()
    return browser.get(path), monotonic() - begun


@SHORT_OR_WHOLE
def test_no_parameter_breaks_a_page(cast: Cast, say: Callable[[str], None], is_whole: bool) -> None:
    browsers, sent = clients(cast), 0
    app = browsers[None].application
    app.request_class = type("Read", (app.request_class,), {"parameter_storage_class": Noting})
    pairs = [
        (path, role, name)
        for path, role in sorted(addresses(cast, browsers).items())
        for name in sorted({*parameters(browsers[role], path), "q", "sort"})
    ]
    before = digest()
    for index, (path, role, name) in enumerate(pairs):
        for value in share(index, len(pairs), is_whole):
            where = f"{path}?{urlencode({name: value})}"
            check(*timed(browsers[role], where), where)
            sent += 1
    say(f"addresses: {sent} values in {len(pairs)} parameters of pages")
    assert {"after", "before", "page", "state", "town", "back"} <= {name for _, _, name in pairs}
    assert changed(before) <= {"audit_line"}  # a look that is written down (decision 14)


@SHORT_OR_WHOLE
def test_no_part_of_a_path_breaks_a_page(cast: Cast, is_whole: bool) -> None:
    browsers, watch = clients(cast), Watch()
    rules = browsers[None].application.url_map.iter_rules()
    paths = [rule.rule for rule in rules if rule.arguments and "GET" in rule.methods]
    for index, rule in enumerate(paths):
        head = rule[: rule.index("<")]
        for value in share(index, len(paths), is_whole):
            for path in (head + quote(value, safe=""), head + quote(value)):
                answer, took_s = timed(browsers[Role.GROWER], path)
                check(answer, took_s, path)
                assert b"root:" not in answer.data
    assert not watch.changed()


def test_nobody_is_led_outside(cast: Cast) -> None:
    browsers = clients(cast)
    for value in OUTSIDE:
        answer = browsers[None].get("/display?" + urlencode({"back": value, "big": "1"}))
        assert answer.status_code == 303
        assert answer.location.startswith("/") and "evil" not in answer.location.partition("/")[0]
        assert not answer.location.startswith(("//", "/\\")), value
        assert "x=1" not in str(answer.headers.getlist("Set-Cookie"))
        done = browsers[Role.GROWER]
        sent = done.post_form(f"/tasks/{cast.task}/done", {"back": value})
        assert sent.location.startswith("/") and not sent.location.startswith(("//", "/\\"))
