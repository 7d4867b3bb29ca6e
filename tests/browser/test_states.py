"""Pages in their other states: refused forms, old forecasts, nothing there yet, English, weight."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update
from sqlmodel import Session, col, select

from orchard import clock, db, settings
from orchard.accounts.models import Person
from orchard.accounts.rules import Role
from orchard.weather.digest import Alert
from orchard.weather.models import Forecast
from orchard.weather.stored import from_text, to_text
from tests import make
from tests.browser import browse
from tests.browser.test_pages import faults, measured, sign
from tests.browser.walk import County, demonstration, reachable, visitor
from tests.make import NOW
from tests.page import english_in
from tests.server import Browser as Connection
from tests.server import signed_in

EMPTY_AND_SEND = """form => {
  for (const field of form.elements) {
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = false;
    else if (field.tagName === 'SELECT') field.selectedIndex = -1;
    else if (field.type !== 'hidden') field.value = '';
  }
  HTMLFormElement.prototype.submit.call(form);
}"""
# Nobody came, a stretch without a first day, an objection without words: all may be meant.
FINE_EMPTY = {"attendance.sheet", "hires.one", "wages.reckon"}
MANY_FORMS = 3  # as many of a page's equal forms are sent
ASKING = "main form[method=post]:has(input:not([type=hidden]), select, textarea)"
LINK = re.compile(r"/in/\S+")

pytestmark = pytest.mark.campaign  # as the walk; `.ci/run` looks at every state


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with demonstration(tmp_path_factory.mktemp("county")) as made:
        yield made


@contextmanager
def writing() -> Iterator[Session]:
    with db.in_county(settings.get().counties[0]), db.transaction() as session:
        yield session


def weather_of_a_plot(county: County, who: Connection) -> str:
    return reachable(county, who)["plots.one"].replace("/plots/", "/weather/")


def forms_of(page: Page, path: str) -> int:
    page.goto(path)
    return min(page.locator(ASKING).count(), MANY_FORMS)


@pytest.mark.parametrize("role", [None, *Role])
def test_a_form_sent_empty_comes_back_with_its_errors(
    browser: Browser, county: County, role: Role | None
) -> None:
    who, told, sent = visitor(county, role), [], 0
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, who.cookies)
        for name, path in reachable(county, who).items():
            for number in range(forms_of(page, path)):
                page.goto(path)
                with page.expect_navigation() as answer:
                    page.locator(ASKING).nth(number).evaluate(EMPTY_AND_SEND)
                if name in FINE_EMPTY:
                    assert answer.value.status == 200, name
                    continue
                assert answer.value.status == 422, f"{name} {answer.value.status}"
                assert page.locator("[role=alert]").count() == 1, name
                told += [f"{name} {line}" for line in measured(page, answer.value.text())]
                sent += 1
    assert told == []
    assert sent


@pytest.mark.parametrize(
    ("hours", "is_grey", "is_silent"),
    [(80, True, True), (30, True, False), (5, False, False), (0, False, False)],
)
def test_an_old_forecast_turns_grey_and_then_says_nothing_of_frost_and_spraying(
    browser: Browser, county: County, hours: int, is_grey: bool, is_silent: bool
) -> None:
    who = visitor(county, Role.GROWER)
    with writing() as session:
        session.execute(update(Forecast).values(fetched_at=NOW - timedelta(hours=hours)))
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, who.cookies)
        assert faults(page, "/today") == []
        assert (page.locator(".weather.old").count() > 0) == is_grey
        assert (page.locator(".spray").count() == 0) == is_silent
        assert page.get_by_role("button", name="做完了").count() > 0
        assert faults(page, weather_of_a_plot(county, who)) == []


@pytest.mark.parametrize(("kind", "leads"), [("frost", True), ("heat", False)])
def test_a_warning_is_readable_and_a_frost_leads_to_what_helps(
    browser: Browser, county: County, kind: str, leads: bool
) -> None:
    who = visitor(county, Role.GROWER)
    warn(kind)
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, who.cookies)
        assert faults(page, "/today") == []
        assert page.locator(f".notice.{kind}").count() > 0
        assert (page.locator(f".notice.{kind} a.button").count() > 0) == leads
        assert faults(page, weather_of_a_plot(county, who)) == []


def warn(kind: str) -> None:
    """Let every forecast hold a severe warning of this kind for tomorrow."""
    begins = (clock.local(NOW) + timedelta(hours=20)).replace(minute=0, second=0, tzinfo=None)
    ends = begins + timedelta(hours=6)
    alert = Alert(kind, 3, ends.date(), begins, ends, -4.0 if kind == "frost" else 41.0, 6)
    with writing() as session:
        for row in session.exec(select(Forecast)):
            told = from_text(row.digest, NOW)
            row.digest, row.fetched_at = to_text(replace(told, alerts=(alert,))), NOW
            session.add(row)


def test_without_any_forecast_the_tasks_stay(browser: Browser, county: County) -> None:
    """Runs on plots whose cells are asked for but were never answered."""
    who = visitor(county, Role.GROWER)
    with writing() as session:
        rows = session.exec(select(Forecast.cell, Forecast.digest)).all()
        session.execute(update(Forecast).values(digest=None, fetched_at=None))
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, who.cookies)
        assert faults(page, "/today") == []
        assert page.locator(".weather, .spray, .frost").count() == 0
        assert page.get_by_role("button", name="做完了").count() > 0
        assert faults(page, weather_of_a_plot(county, who)) == []
    with writing() as session:
        for cell, digest in rows:
            changed = update(Forecast).where(col(Forecast.cell) == cell)
            session.execute(changed.values(digest=digest, fetched_at=NOW))


def test_a_grower_without_a_plot_is_told_how_to_begin(browser: Browser, county: County) -> None:
    with writing() as session:
        _, token = make.signed_in(session, Role.GROWER, number="+8613812340000")
    who = signed_in(county.server, token)
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, who.cookies)
        for path in ("/today", "/plots", "/tasks", "/messages"):
            assert faults(page, path) == [], path
        page.goto("/today")
        assert page.locator("main a[href='/plots/new']").count() == 1


def test_nothing_is_wrong_on_the_way_from_an_invitation_to_a_pin(
    browser: Browser, county: County
) -> None:
    with writing() as session:
        without = session.exec(select(Person.id).where(col(Person.phone).is_(None))).first()
    with browse.phone(browser, base_url=county.url) as context:
        office = sign(context, county, visitor(county, Role.SECRETARY).cookies)
        assert faults(office, "/account/prove") == []
        assert faults(office, f"/people/{without}/phone") == []
        office.goto("/people/new")
        office.get_by_label("姓名").fill("刘洪")
        office.get_by_label("电话").fill("138 1234 5678")
        office.get_by_text("果农", exact=True).click()
        office.get_by_label("哪里的").select_option(make.VILLAGE)
        with office.expect_navigation() as made:
            office.get_by_role("button", name="登记，做登录卡").click()
        assert measured(office, made.value.text()) == []
        card = LINK.search(office.locator("main").inner_text())
    assert card
    with browse.phone(browser, base_url=county.url) as context:
        hand = context.new_page()
        assert faults(hand, card[0]) == []
        with hand.expect_navigation() as asked:
            hand.locator("main form button").click()
        assert measured(hand, asked.value.text()) == []


@pytest.mark.parametrize("role", [None, *Role])
def test_nothing_is_wrong_with_the_english_pages_of(
    browser: Browser, county: County, role: Role | None
) -> None:
    who, told = visitor(county, role), []
    with browse.phone(browser, base_url=county.url) as context:
        page = sign(context, county, {**who.cookies, "lang": "en"})
        for name, path in reachable(county, who).items():
            told += [f"{name} {line}" for line in faults(page, path, "en")]
    assert told == []


@pytest.mark.parametrize("role", [None, *Role])
def test_no_english_is_left_on_a_chinese_page(county: County, role: Role | None) -> None:
    who, told = visitor(county, role), []
    for name, path in reachable(county, who).items():
        told += [f"{name} {word}" for word in english_in(who.get(path).text)]
    assert told == []


@pytest.mark.parametrize("role", [Role.GROWER, Role.WORKER])
def test_a_page_on_a_phone_weighs_at_most_14_kb_in_at_most_3_requests(
    browser: Browser, county: County, role: Role
) -> None:
    who, heavy = visitor(county, role), []
    with browse.phone(browser, base_url=county.url) as context:
        sign(context, county, who.cookies)
        for name, path in reachable(county, who).items():
            weight = browse.page_weight(context, path)
            if weight.gzipped > 14 * 1024 or len(weight.requests) > 3:
                heavy.append(f"{name} {weight}")
    assert heavy == []


def test_on_paper_a_page_is_black_on_white_without_menus(browser: Browser, county: County) -> None:
    who = visitor(county, Role.SECRETARY)
    with browse.desk(browser, base_url=county.url, dark=True) as context:
        page = sign(context, county, who.cookies)
        page.goto("/overview")
        page.emulate_media(media="print", color_scheme="dark")
        assert not page.locator("header").is_visible()
        assert page.locator("table").first.is_visible()
        shown = "getComputedStyle(document.querySelector('h1')).color"
        assert page.evaluate(shown) == "rgb(0, 0, 0)"
