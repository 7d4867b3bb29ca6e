"""The first story, in Chinese, on a phone, with and without script.

The town invites a grower, he signs in from a card, registers a plot, the forecast arrives from a
loopback server, 今天 warns of the frost that comes to that plot, he finishes a task and takes it
back, the next morning's reminder is there. Then the server is off, and the page says so: age,
grey, silence.

Each job runs as a job: claimed in the ledger, with its heart beating, at the time of its slot.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from orchard import clock, db
from orchard.accounts import doors
from orchard.accounts.rules import Role, SecretKind
from orchard.app import create_app
from orchard.cli.serve import Server
from tests import make
from tests.browser.browse import desk, phone
from tests.reminders.owing import run
from tests.weather import answers

EVENING = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 20:00 in the county
PASSWORD = "correct horse battery"


@pytest.fixture
def town(sqlite_database):
    """Serve the pages of a town with one secretary, on a clock that stands still."""
    with db.transaction() as session:
        made = make.account(session, Role.SECRETARY, number="+8613800001111")
        made.secret_hash = doors.hash_secret(PASSWORD)
        made.secret_kind = SecretKind.PASSWORD
        session.add(made)
    server = Server(create_app(), "127.0.0.1", 0, 4)
    server.start()
    with clock.frozen_at(EVENING):
        yield f"http://{server.address}"
    server.stop(5)


def invite(page) -> str:
    """Sign in as the secretary, register a grower and return the number on his card."""
    page.set_default_timeout(10_000)
    page.goto("/sign-in")
    page.get_by_label("电话").fill("138 0000 1111")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="人员").first.click()
    page.get_by_role("link", name="登记新的人").click()
    page.get_by_label("姓名").fill("刘洪")
    page.get_by_label("电话").fill("139 0000 2222")
    page.get_by_text("果农", exact=True).click()
    page.get_by_label("哪里的").select_option(make.VILLAGE)
    page.get_by_role("button", name="登记，做登录卡").click()
    return re.search(r"\d{4} \d{4} \d{4}", page.locator(".slip").inner_text())[0]


def enter(page, number: str) -> None:
    """Type what is on the card, set a PIN and arrive at 今天."""
    page.goto("/sign-in")
    page.get_by_role("link", name="我有登录卡").click()
    page.get_by_label("电话").fill("139 0000 2222")
    page.get_by_label("卡号").fill(number)
    page.get_by_role("button", name="在这台手机上登录").click()
    page.get_by_label("PIN").or_(page.get_by_label(re.compile("6 ?位"))).first.fill("502716")
    page.get_by_role("button", name="保存").click()
    page.goto("/today")


def register(page) -> None:
    """Register a plot at that point of the corpus where it freezes on the third morning."""
    page.get_by_role("link", name="登记一块地").click()
    page.get_by_label("地名").fill("屋后坡")
    page.get_by_label("村").select_option(make.VILLAGE)
    page.get_by_label("面积").fill("6.5亩")
    page.get_by_label("品种").select_option(label="春锦橙")
    page.get_by_label("海拔").fill("850")
    page.get_by_label("纬度").fill("31.20")
    page.get_by_label("经度").fill("108.45")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("屋后坡")


@pytest.mark.parametrize(
    "script",
    [True, pytest.param(False, marks=pytest.mark.campaign)],
    ids=["with script", "without script"],
)
def test_a_growers_morning(town, browser, script):
    with desk(browser, base_url=town) as office:
        card = invite(office.new_page())
    with phone(browser, base_url=town, script=script) as hand:
        page = hand.new_page()
        page.set_default_timeout(10_000)
        enter(page, card)
        expect(page.get_by_text("您还没有登记地块")).to_be_visible()
        register(page)
        plot = page.url.rpartition("/")[2]

        with answers.serving(answers.good("B")) as weather:
            run("weather", answers.NOW)
        assert len(weather.hits) == 1
        run("tasks", answers.NOW + timedelta(minutes=10))
        morning(page, plot)
        tap_and_take_back(page)
        next_morning(page)
        server_is_off(page)


def morning(page, plot: str) -> None:
    """Everything for the morning is on the page, without a tap."""
    with clock.frozen_at(answers.NOW + timedelta(hours=6)):
        page.goto("/today")
        expect(page.get_by_role("heading", level=1)).to_contain_text("今天要做")
        expect(page.locator(".weather li")).to_have_count(3)
        expect(page.locator(".weather.old")).to_have_count(0)
        expect(page.locator(".notice.frost").first).to_contain_text("11月26日 -3 度")
        expect(page.locator(".notice.frost").first.get_by_role("link")).to_be_visible()
        expect(page.get_by_text("6 小时前的预报")).to_be_visible()
        expect(page.locator(".spray li")).to_have_count(5)
        expect(page.get_by_text("按这块地的位置")).to_be_visible()
        expect(page.get_by_role("button", name="做完了").first).to_be_visible()
        expect(page.locator(".card", has_text="屋后坡").first).to_be_visible()
        page.goto(f"/weather/{plot}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("屋后坡")
        expect(page.locator(".notice.frost").first).to_be_visible()


def tap_and_take_back(page) -> None:
    """One tap settles a task, one takes it back; both come back to 今天."""
    with clock.frozen_at(answers.NOW + timedelta(hours=6)):
        page.goto("/today")
        waiting = page.get_by_role("button", name="做完了").count()
        page.get_by_role("button", name="做完了").first.click()
        expect(page).to_have_url(re.compile("/today$"))
        expect(page.get_by_role("button", name="做完了")).to_have_count(waiting - 1)
        page.get_by_role("button", name="撤回").first.click()
        expect(page).to_have_url(re.compile("/today$"))
        expect(page.get_by_role("button", name="做完了")).to_have_count(waiting)


def next_morning(page) -> None:
    """The plan of 06:30 left one reminder for him."""
    half_past_six = answers.NOW + timedelta(days=1, hours=6, minutes=20)
    with clock.frozen_at(half_past_six):
        run("tasks", half_past_six - timedelta(minutes=10))
        run("reminders", half_past_six)
        page.goto("/today")
        expect(page.get_by_role("heading", name="今早的提醒")).to_be_visible()


def server_is_off(page) -> None:
    """The last good forecast stays, with its age; then grey; then no advice at all."""
    for hours, told, is_grey in ((23, "23 小时前的预报", False), (25, "预报是旧的", True)):
        with clock.frozen_at(answers.NOW + timedelta(hours=hours)):
            page.goto("/today")
            expect(page.get_by_text(told)).to_be_visible()
            expect(page.locator(".weather.old")).to_have_count(int(is_grey))
            expect(page.locator(".notice.frost").first).to_be_visible()
            assert page.locator(".spray li").count() > 0
    with clock.frozen_at(answers.NOW + timedelta(hours=72)):
        page.goto("/today")
        expect(page.get_by_text("霜冻和打药不再提醒")).to_be_visible()
        expect(page.locator(".weather.old")).to_have_count(1)
        assert page.locator(".spray").count() == 0
        assert page.locator(".notice.frost, .notice.heat").count() == 0
        expect(page.get_by_role("button", name="做完了").first).to_be_visible()
