"""Who has several roles switches between them, one tap from every page."""

from dataclasses import dataclass

import pytest

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account
from orchard.accounts.rules import Role
from orchard.web.home import PHONE_TABS
from tests import make
from tests.client import Client, client
from tests.page import check_page

SWITCH = "/display?side="


@dataclass
class Several:
    """A grower who manages his own firm and is hired by another."""

    browser: Client
    employer: str

    def menu(self, path: str) -> tuple[list[str], list[str]]:
        """Return the sides of a page, the shown one marked, and the tabs at its foot."""
        html = self.browser.get(path).text
        check_page(html)
        return _nav(html, "tabs-head"), _nav(html, "tabs-foot")


def _nav(html: str, name: str) -> list[str]:
    part = html.partition(f"tabs {name}")[2].partition("</nav>")[0]
    return [
        one.partition(">")[2].partition("<")[0] + ("*" if "aria-current" in one else "")
        for one in part.split("<a ")[1:]
    ]


@pytest.fixture
def grower(sqlite_database):
    with db.transaction() as session:
        firm, other = make.employer(session), make.employer(session, name="别家")
        who, token = make.signed_in(session, Role.GROWER)
        account = session.get_one(Account, who.account_id)
        accounts.grant(session, account, Role.MANAGER, employer_id=firm.id, now=make.NOW)
        accounts.grant(session, account, Role.WORKER, employer_id=other.id, now=make.NOW)
    with clock.frozen_at(make.NOW):
        yield Several(client(token), f"/employers/{firm.id}")


def test_each_side_has_its_own_menu_and_home(grower):
    assert grower.menu("/today") == (
        ["种果树*", "请人", "干活"],
        ["今天*", "地块", "农技员", "用工", "提醒"],
    )
    grower.browser.get(f"{SWITCH}manager")
    sides, tabs = grower.menu("/today")
    assert sides == ["种果树", "请人*", "干活"]
    assert tabs == ["今天*", "点名", "工资", "工人", "招工"]
    grower.browser.get(f"{SWITCH}worker")
    assert grower.browser.get("/").location == "/work"
    assert grower.menu("/work")[1] == ["我的工*", "找活", "用工", "提醒"]


def test_a_page_of_another_side_shows_that_sides_menu(grower):
    assert grower.menu("/attendance")[0] == ["种果树", "请人*", "干活"]
    assert grower.menu("/work")[0] == ["种果树", "请人", "干活*"]
    assert grower.menu("/account")[0] == ["种果树*", "请人", "干活"]


def test_the_employers_own_page_and_the_hiring_tab_lead_to_sheet_and_pay(grower):
    for path in (grower.employer, "/openings"):
        links = [tag["href"] for tag in check_page(grower.browser.get(path).text).of("a")]
        assert {"/attendance", "/pay"} <= set(links), path
    assert "/work" in links


def test_every_page_of_every_side_is_a_tab_or_on_the_account_page(grower):
    page = check_page(grower.browser.get("/account").text)
    links = {tag["href"] for tag in page.of("a")}
    assert {"/today", "/plots", "/attendance", "/pay", "/work", "/hires", "/messages"} <= links


def test_who_has_one_role_or_an_office_has_no_switch(sqlite_database):
    with db.transaction() as session:
        _, one = make.signed_in(session, Role.GROWER)
        town, token = make.signed_in(session, Role.SECRETARY)
        account = session.get_one(Account, town.account_id)
        accounts.grant(session, account, Role.TECHNICIAN, place_code=make.ZHUXI, now=make.NOW)
    for secret in (one, token):
        browser = client(secret)
        browser.set_cookie("side", "worker")  # left by somebody else on this phone
        html = browser.get(browser.get("/").location).text
        assert SWITCH not in html
        foot = _nav(html, "tabs-foot")
        assert len(foot) == (PHONE_TABS if secret == one else 0)


def test_only_a_role_can_be_chosen(grower):
    grower.browser.get(f"{SWITCH}king")
    assert grower.browser.get_cookie("side") is None
    grower.browser.set_cookie("side", "secretary")
    assert grower.menu("/today")[0][0] == "种果树*"
