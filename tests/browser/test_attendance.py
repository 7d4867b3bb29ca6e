"""Thirty people, three absent, in seven taps; on a phone, with and without script."""

import pytest
from playwright.sync_api import expect
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account, Person
from orchard.app import create_app
from orchard.attendance.models import Workday
from orchard.cli.serve import Server
from tests import make
from tests.attendance.ticking import TODAY, hired
from tests.browser.browse import axe_findings, phone, sideways_scroll, small_targets
from tests.client import client

MOST_TAPS = 7
NAMES = "张李王陈刘杨黄周吴徐孙马朱胡林何郭高罗郑梁谢宋唐许邓韩冯曹彭"


@pytest.fixture
def crew(sqlite_database):
    """Serve a manager's pages; thirty people are in his one crew."""
    with db.transaction() as session:
        here = hired(session, 30)
        for hire, surname in zip(here.hires, NAMES, strict=True):
            session.get_one(Person, hire.person_id).name = f"{surname}秀英"
        account = session.get_one(Account, here.caller.account_id)
        token = accounts.begin_session(session, account, now=make.NOW)
    server = Server(create_app(), "127.0.0.1", 0, 4)
    server.start()
    with clock.frozen_at(make.NOW):
        cookie = client(token).get_cookie("orchard")
        yield f"http://{server.address}", cookie.value
    server.stop(5)


class Finger:
    """Taps what a person would, and counts."""

    def __init__(self, page) -> None:
        self.page, self.taps = page, 0

    def tap(self, found) -> None:
        """Tap once; the page is looked at after each step that shows a new one."""
        found.tap()
        self.taps += 1


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_thirty_people_with_three_absent_take_seven_taps(browser, crew, script):
    address, cookie = crew
    with phone(browser, script=script, base_url=address) as context:
        context.add_cookies([{"name": "orchard", "value": cookie, "url": address}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/")
        finger = Finger(page)
        finger.tap(page.get_by_role("link", name="点名").first)
        expect(page.get_by_text("一共 30 人")).to_be_visible()
        assert page.locator("input:checked").count() == 0
        finger.tap(page.get_by_role("link", name="全选"))
        expect(page.locator("input:checked")).to_have_count(30)
        for name in ("李秀英", "黄秀英", "邓秀英"):
            finger.tap(page.get_by_text(name, exact=True).first)
        assert page.locator("input:checked").count() == 27
        finger.tap(page.get_by_role("button", name="下一步：核对"))
        expect(page.locator("main")).to_contain_text("3 人：")
        finger.tap(page.get_by_role("button", name="存下来"))
        expect(page.locator("main")).to_contain_text("整天 27 人，半天 0 人，没来 3 人")
    assert finger.taps <= MOST_TAPS
    with db.reading() as session:
        days = select(func.count()).select_from(Workday).where(Workday.day == TODAY)
        assert session.exec(days).one() == 27


@pytest.mark.campaign
def test_every_page_of_it_is_readable_and_easy_to_hit(browser, crew):
    address, cookie = crew
    for width, dark in ((320, False), (360, True)):
        with phone(browser, width=width, dark=dark, base_url=address) as context:
            context.add_cookies([{"name": "orchard", "value": cookie, "url": address}])
            page = context.new_page()
            page.goto("/attendance")
            page.locator("summary").tap()
            _look(page, "今天 采果组")
            page.get_by_role("link", name="全选").tap()
            expect(page.locator("input:checked")).to_have_count(30)
            page.get_by_role("button", name="下一步：核对").tap()
            _look(page, "核对一下")
            page.goto(f"/attendance?day={TODAY}")
            _look(page, "点名 今天")
            page.goto("/attendance")
            page.locator("summary").tap()
            page.locator("details a").first.tap()
            _look(page, "出工")
            page.locator("main .links a").last.tap()
            _look(page, "11月10日")


def _look(page, heading: str) -> None:
    expect(page.locator("h1")).to_contain_text(heading)
    assert axe_findings(page) == []
    assert small_targets(page, 48) == []
    assert sideways_scroll(page) == 0
