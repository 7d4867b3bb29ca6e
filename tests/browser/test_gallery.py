"""Every component in every state, measured in Chromium under the headers of the real app."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from orchard.web.headers import CSP
from tests.browser import browse
from tests.browser.gallery import ERRORS, render
from tests.page import ROOT

ADDRESS = "http://orchard.test/"
STATIC = ROOT / "orchard" / "static"
LATER = partial(pytest.param, marks=pytest.mark.campaign)
STATES: dict[str, dict[str, Any]] = {
    "plain": {},
    "large text": {"big": True},
    "errors": {"errors": ERRORS},
    "office": {"office": True},
    "refused": {"template": "refused.html", "status": 404, "sentence": "这一页没有。"},
}
MORE_STATES: dict[str, dict[str, Any]] = {
    "English": {"locale": "en"},
    "office in large text": {"office": True, "big": True},
    "conflict": {
        "template": "refused.html",
        "status": 409,
        "sentence": "这条已经改过。",
    },
}
EVERY_STATE = STATES | MORE_STATES
IN_EVERY_STATE = pytest.mark.parametrize("state", [*STATES, *map(LATER, MORE_STATES)])


def answer(route: Route, html: str) -> None:
    name = route.request.url.removeprefix(ADDRESS).partition("?")[0]
    if name.startswith("static/"):
        route.fulfill(path=STATIC / name.removeprefix("static/"))
        return
    headers = {"Content-Security-Policy": CSP, "Content-Type": "text/html; charset=utf-8"}
    route.fulfill(body=html, headers=headers)


@contextmanager
def shown(browser: Browser, html: str, *, width: int = 360, dark: bool = False) -> Iterator[Page]:
    with browse.phone(browser, width=width, dark=dark) as context:
        context.route("**/*", lambda route: answer(route, html))
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
        page.goto(ADDRESS)
        yield page
        assert told == []  # a style or drawing that the headers forbid would be told here


@pytest.mark.parametrize("dark", [False, LATER(True)], ids=["light", "dark"])
@IN_EVERY_STATE
def test_axe_finds_nothing_on_any_component(browser: Browser, state: str, dark: bool) -> None:
    with shown(browser, render(**EVERY_STATE[state]), dark=dark) as page:
        assert browse.axe_findings(page) == []


@pytest.mark.parametrize("width", [320, LATER(360)])
@IN_EVERY_STATE
def test_the_page_fits_a_small_phone(browser: Browser, state: str, width: int) -> None:
    office = "office" in state
    with shown(browser, render(**EVERY_STATE[state]), width=width) as page:
        assert browse.sideways_scroll(page) == 0
        assert browse.small_targets(page, 48 if office else 60) == []
        assert browse.small_text(page, 15.3 if office else 18) == []


def test_the_measures_see_what_they_are_made_for(browser: Browser) -> None:
    faults = (
        '<p><input name="x"></p><p><font color="#666">pale</font></p><pre>' + "wide" * 60 + "</pre>"
        '<p><button>x</button></p><p><font size="1">tiny</font></p></main>'
    )
    with shown(browser, render().replace("</main>", faults)) as page:
        found = " ".join(browse.axe_findings(page))
        assert "label:" in found and "color-contrast-enhanced:" in found
        assert browse.sideways_scroll(page) > 0
        assert any("<button>x" in line for line in browse.small_targets(page, 60))
        assert any("tiny" in line for line in browse.small_text(page, 18))


def test_the_skip_link_shows_when_it_has_the_focus(browser: Browser) -> None:
    with shown(browser, render()) as page:
        page.keyboard.press("Tab")
        link = page.locator(".skip:focus").bounding_box()
        assert link and link["x"] >= 0 and link["height"] >= 48


def test_a_page_weighs_at_most_14_kb_in_at_most_3_requests(browser: Browser) -> None:
    with browse.phone(browser) as context:
        context.route("**/*", lambda route: answer(route, render(errors=ERRORS)))
        weight = browse.page_weight(context, ADDRESS)
    assert len(weight.requests) <= 3
    assert weight.gzipped <= 14 * 1024


def test_large_text_is_a_third_larger(browser: Browser) -> None:
    sizes = []
    for big in (False, True):
        with shown(browser, render(big=big)) as page:
            sizes.append(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))
    assert sizes == [20, 26]


@pytest.mark.parametrize("name", ["weather", "spray"])
def test_days_and_hours_stand_side_by_side_on_the_smallest_screen(
    browser: Browser, name: str
) -> None:
    with shown(browser, render(big=True), width=320) as page:
        parts = page.locator(f"main .{name}").first.locator("li")
        boxes = [part.bounding_box() for part in parts.all()]
    assert len({box["y"] for box in boxes if box}) == 1
    assert len({box["x"] for box in boxes if box}) == len(boxes) >= 3
