"""Every page of every role in the demonstration county: nothing for axe, nothing too small."""

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from orchard.accounts.rules import Role
from tests.browser import browse
from tests.browser.walk import County, demonstration, reachable, visitor
from tests.page import faults_of

# Reached by a link that is handed out, by a form only, where there are several counties or
# employers, or no page but a file.
BY_ANOTHER_WAY = {
    "accounts.card",
    "accounts.card_secret",
    "accounts.made",
    "accounts.phone",
    "accounts.prove",
    "counts.export",
    "counts_people.list",
    "home.front",
    "visits.photo",
    "wages.ledger_file",
    "workers.list",
}
ROLES = [None, *Role]

pytestmark = pytest.mark.campaign  # a minute of axe on every page; `.ci/run` walks them all


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with demonstration(tmp_path_factory.mktemp("county")) as made:
        yield made


def sign(context: BrowserContext, county: County, cookies: dict[str, str]) -> Page:
    context.add_cookies(
        [{"name": name, "value": value, "url": county.url} for name, value in cookies.items()]
    )
    return context.new_page()


def faults(page: Page, path: str, lang: str = "zh-CN") -> list[str]:
    """Open a page and return what is wrong: light and dark, standard and large, 360 and 320."""
    answer = page.goto(path)
    return measured(page, answer.text() if answer else "", lang)


def measured(page: Page, html: str, lang: str = "zh-CN") -> list[str]:
    """Return what is wrong with the page that is open now."""
    office = "office-root" in html[:200]
    found = faults_of(html, lang)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        only = scheme == "dark"
        found += [f"{scheme} {line}" for line in browse.axe_findings(page, colours_only=only)]
    for width, change in ((360, "remove"), (320, "add")):
        page.set_viewport_size({"width": width, "height": 740})
        page.evaluate("change => document.documentElement.classList[change]('big')", change)
        if change == "add":
            found += [f"large {line}" for line in browse.axe_findings(page)]
        found += [f"small {line}" for line in browse.small_targets(page, 48 if office else 60)]
        found += [f"wide by {wide}" for wide in [browse.sideways_scroll(page)] if wide]
    found += [f"tiny {line}" for line in browse.small_text(page, 15.3 if office else 18)]
    weight = len(gzip.compress(html.encode(), 6))
    return found + ([f"weighs {weight}"] if weight > (36 if office else 9) * 1024 else [])


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "nobody")
def test_nothing_is_wrong_with_any_page_of(
    browser: Browser, county: County, role: Role | None
) -> None:
    who = visitor(county, role)
    told = []
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, who.cookies)
        for name, path in [*reachable(county, who).items(), ("404", "/nothing-here")]:
            told += [f"{name} {fault}" for fault in faults(page, path)]
    assert told == []


def test_the_walk_reaches_every_page(county: County) -> None:
    seen: set[str] = set()
    for role in ROLES:
        seen |= set(reachable(county, visitor(county, role)))
    assert county.pages() - seen - BY_ANOTHER_WAY == set()
