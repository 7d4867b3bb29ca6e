"""The switch between roles and the worker's money, on a small phone and in large letters."""

from datetime import timedelta

import pytest

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account
from orchard.accounts.rules import Role
from orchard.app import create_app
from orchard.cli.serve import Server
from orchard.wages.rules import Proof
from tests import make
from tests.browser.browse import axe_findings, phone, sideways_scroll, small_targets
from tests.client import client
from tests.wages.earning import DAY, firm, worked_line
from tests.wages.paying import advance, settle

PAGES = ("/today", "/openings", "/attendance", "/work", "/pay")


@pytest.fixture
def several(sqlite_database):
    """Serve the pages of a worker with wages and advances who also grows and hires."""
    with db.transaction() as session:
        here = firm(session)
        account = session.get_one(Account, here.worker.account_id)
        accounts.grant(session, account, Role.GROWER, place_code=make.ZHUXI, now=make.NOW)
        household = make.employer(session, name="张秀英家")
        accounts.grant(session, account, Role.MANAGER, employer_id=household.id, now=make.NOW)
        worked_line(session, here)
        advance(session, here, 10_000, proof=Proof.MISSING, paid_on=DAY)
        settle(session, here, proof=Proof.MISSING)
        worked_line(session, here, DAY + timedelta(1))
        advance(session, here, 30_000, proof=Proof.MISSING, paid_on=DAY)
    server = Server(create_app(), "127.0.0.1", 0, 4)
    server.start()
    with clock.frozen_at(make.NOW):
        yield f"http://{server.address}", client(here.worker_token).get_cookie("orchard").value
    server.stop(5)


@pytest.mark.parametrize("big", ["0", "1"], ids=["standard", "large"])
def test_every_side_fits_a_small_phone(browser, several, big):
    address, cookie = several
    with phone(browser, width=320, base_url=address) as context:
        for name, value in (("orchard", cookie), ("big", big)):
            context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        for path in PAGES:
            page.goto(path)
            faults = axe_findings(page) + small_targets(page, 60)
            assert (path, faults, sideways_scroll(page)) == (path, [], 0)
        page.goto("/today")
        sides = page.get_by_role("navigation", name="换到")
        sides.get_by_role("link", name="干活").tap()
        page.wait_for_url("**/work")
        sides.get_by_role("link", name="请人").tap()
        page.wait_for_url("**/today")
        page.get_by_role("link", name="点名").tap()
        page.wait_for_url("**/attendance")
