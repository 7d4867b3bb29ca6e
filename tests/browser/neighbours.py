"""The town of the second story: who lives and works in it, and the screen each holds."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

from playwright.sync_api import Browser, Locator, Page
from sqlmodel import Session

from orchard.accounts.rules import Role
from orchard.hiring.rules import PayBasis
from orchard.wages.models import Rate
from tests import make
from tests.browser.browse import desk, phone
from tests.client import client

CREW = 30
SECOND = "桥边地"  # the grower's other plot; by name it does not come first


@dataclass(frozen=True)
class Town:
    """A served town: its address and the cookie's secret of each role."""

    url: str
    secrets: dict[str, str]


class Thumb:
    """Taps, and knows how often."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, target: Locator) -> None:
        """Tap once."""
        self.taps += 1
        target.click()


def people(session: Session) -> dict[str, str]:
    """Write a firm with its crew and somebody of each role; return what each signs in with."""
    firm = make.employer(session)
    crew = make.crew(session, firm)
    session.add(
        Rate(
            employer_id=firm.id,
            work="picking",
            basis=PayBasis.DAY,
            rate_fen_x100=1_300_000,
            from_on=date(2026, 9, 1),
            made_at=make.NOW,
        )
    )
    for number in range(1, CREW):
        one = make.worker(session, name=f"工人{number}号")
        make.hire(session, firm, one, crew_id=crew.id)
    scopes = {
        Role.DISTRICT: {"place": "500154"},
        Role.MANAGER: {"employer_id": firm.id},
        Role.WORKER: {"of": make.worker(session, name="张秀英", phone="+8613900009999")},
    }
    secrets = {}
    for role in Role:
        who, secrets[role.value] = make.signed_in(session, role, **scopes.get(role, {}))
        if role is Role.GROWER:
            make.plot(session, who)
            make.plot(session, who, name=SECOND)
    return secrets


def hand(opened: ExitStack, town: Town, browser: Browser, role: str, script: bool) -> Page:
    """Open the screen of a role, signed in: a desk for the offices, else a phone."""
    if role in ("secretary", "district"):
        context = opened.enter_context(desk(browser, base_url=town.url, script=script))
    else:
        context = opened.enter_context(phone(browser, base_url=town.url, script=script))
    cookie = client(town.secrets[role]).get_cookie("orchard")
    assert cookie is not None
    context.add_cookies([{"name": "orchard", "value": cookie.value, "url": town.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    return page
