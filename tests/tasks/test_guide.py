"""Every row of the calendar has its page of guidance, whole in both languages."""

import pytest

from orchard import clock, db, words
from orchard.tasks.rules import calendar
from tests import make
from tests.client import client
from tests.page import check_page


@pytest.mark.parametrize("code", calendar().rows)
def test_every_row_has_a_guidance_page_in_both_languages(sqlite_database, code):
    with db.transaction() as session:
        _, token = make.signed_in(session)
    row = calendar().rows[code]
    browser = client(token)
    with clock.frozen_at(make.NOW):
        chinese = check_page(browser.get(f"/guide/{code}").text)
        browser.get("/display?lang=en")
        check_page(browser.get(f"/guide/{code}").text, "en")
    assert len([1 for name, _ in chinese.tags if name == "ol"]) == 1
    assert "小雪 第2天" in chinese.text
    for key in (f"source.{row.source}", f"confidence.{row.confidence}", f"gate.{code}"):
        assert words.text("zh_CN", f"tasks.{key}") in chinese.text
    assert ("这一项没核实，请问农技员" in chinese.text) == (row.confidence == "L")
