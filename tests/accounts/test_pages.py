"""The pages of the doors, in both languages and in large text."""

import pytest

from orchard import clock, db
from orchard.accounts import services
from tests import make
from tests.client import client
from tests.page import check_page

pytestmark = pytest.mark.usefixtures("sqlite_database")


@pytest.mark.parametrize(("lang", "marked"), [("zh_CN", "zh-CN"), ("en", "en")])
@pytest.mark.parametrize("big", ["0", "1"])
def test_every_page_of_the_doors_is_whole(lang, marked, big):
    with db.transaction() as session:
        card = services.make_card(session, make.account(session), now=make.NOW)
    with clock.frozen_at(make.NOW):
        browser = client()
        browser.set_cookie("lang", lang)
        browser.set_cookie("big", big)
        for path in ("/sign-in", f"/in/{card}"):
            check_page(browser.get(path).text, lang=marked)
        check_page(browser.post_form("/sign-in", {"phone": "", "secret": ""}).text, lang=marked)
        check_page(browser.post_form("/sign-in", {"phone": "1", "secret": "2"}).text, lang=marked)
        check_page(browser.post_form(f"/in/{'q' * 48}").text, lang=marked)
        browser.post_form(f"/in/{card}")
        check_page(browser.get("/in").text, lang=marked)
        check_page(browser.post_form("/in", {"secret": "12"}).text, lang=marked)
        browser.post_form("/in", {"secret": "193746"})
        page = check_page(browser.get("/account").text, lang=marked)
        assert ("big" in page.of("html")[0].get("class", "")) is (big == "1")


def test_the_account_page_shows_ones_own_things_and_no_whole_phone():
    with db.transaction() as session:
        caller, token = make.signed_in(session, number="+8613812345678")
        services.audit(
            session, "accounts.granted", caller.account_id, now=make.NOW, by=None, reason="grower"
        )
        services.audit(session, "tasks.switched", caller.account_id, now=make.NOW, by=None)
        services.audit(session, "accounts.granted", "somebody else", now=make.NOW, by=None)
    with clock.frozen_at(make.NOW):
        text = check_page(client(token).get("/account").text).text
    assert "138****5678" in text
    assert "13812345678" not in text
    assert "果农 · 竹溪镇" in text
    assert text.count("给了你一个身份") == 1
    assert "有过别的变动" in text
