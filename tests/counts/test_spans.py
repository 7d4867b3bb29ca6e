"""Spans that are odd, half or narrow: told what is wrong, and never more than a page may tell."""

import pytest

from tests.client import client
from tests.counts.town import tiles
from tests.engines import slow_on
from tests.page import check_page

pytestmark = slow_on("postgres")  # what the pages call is tested on both

ODD = ("from=0001-01-01&to=0001-01-02", "from=9999-12-30&to=9999-12-31")


@pytest.mark.parametrize("who", ["secretary", "district"])
def test_a_wrong_or_half_span_is_told_beside_its_field_and_makes_no_file(town, who):
    browser = client(town.tokens[who])
    for wrong in (*ODD, "from=2026-11-20", "to=2026-11-20", "from=x&to=x"):
        answer = browser.get(f"/counts?{wrong}")
        assert answer.status_code == 422, wrong
        page = check_page(answer.text)
        assert [tag for tag in page.of("input") if tag.get("aria-invalid") == "true"]
        sent = browser.get(f"/counts/export?{wrong}")
        assert sent.status_code == 422
        assert sent.mimetype == "text/html"
        assert "Content-Disposition" not in sent.headers


def test_the_district_is_told_that_it_sees_whole_months_and_seasons_only(town):
    browser = client(town.tokens["district"])
    answer = browser.get("/counts?from=2026-11-03&to=2026-11-12")
    assert answer.status_code == 422
    assert "这里只能看整月、整季的数。" in check_page(answer.text).text
    assert browser.get("/counts?from=2026-11-01&to=2026-11-30").status_code == 200


@pytest.mark.parametrize("who", ["secretary", "district"])
def test_the_first_and_the_last_period_have_a_page(town, who):
    for code in ("2000-01", "2000-SS", "2099-12", "2099-AW"):
        answer = client(town.tokens[who]).get(f"/counts?period={code}")
        assert answer.status_code == 200, code
        assert tiles(answer.text)[0] == "0"


def test_a_month_shows_the_status_of_the_town_and_of_no_employer(town):
    text = client(town.tokens["secretary"]).get("/counts?period=2026-11").text
    assert tiles(text)[-1] == "8"
    assert text.count('<td class="number">–</td>') == 3  # a season shows it for two of them
