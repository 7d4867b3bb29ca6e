"""Every figure of the page opens its own people, and as many of them as it says."""

import re
from datetime import date
from html import unescape

import pytest
from sqlmodel import select

from orchard import db
from orchard.accounts.models import AuditLine
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.counts.town import DAY, SEASON, tick
from tests.engines import slow_on
from tests.page import check_page

LINK = re.compile(r'href="(/counts/people\?[^"]+)"[^>]*>')
FIELD = re.compile(r'name="(place|period|measure|employer)" value="([^"]*)"')
FREE = "from=2026-11-19&to=2026-11-21"
ROW = re.compile(r'<th scope="row">.*?</tr>', re.DOTALL)


@pytest.fixture
def far(town):
    """The town, with people from near and far and a person with two hires of one firm."""
    with db.transaction() as session:
        homes = [make.VILLAGE[:9] + "299", "500154100201", "500101"]
        for number, home in enumerate(homes):
            person = make.worker(session, name=f"远{number}")
            hire = make.hire(session, town.firms[0], person, registered_code=home)
            again = make.hire(session, town.firms[0], person, registered_code=home)
            tick(session, [hire.id])
            tick(session, [again.id], date(2026, 11, 21), 1)
    return town


def opened(browser, path: str) -> list[list[str]]:
    """Give a reason for a figure's people and return the cells of every row."""
    asked = browser.get(unescape(path))
    assert asked.status_code == 200, path
    check_page(asked.text)
    form = {**dict(FIELD.findall(asked.text)), "id": str(new_id()), "reason": "核对"}
    done = browser.post_form("/counts/people", form)
    assert done.status_code == 303, path
    text = browser.get(done.location).text
    check_page(text)
    return [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in ROW.findall(text)]


def shown(text: str) -> dict[str, float]:
    """Return the figures of the page's tiles that open people, by measure."""
    tile = re.compile(r'<div class="tile">.*?<b>([\d.]+)<i>.*?measure=(\w+)"', re.DOTALL)
    parts = text.split('<div class="tile">')
    found = (tile.search('<div class="tile">' + part) for part in parts[1:])
    return {one[2]: float(one[1]) for one in found if one}


@slow_on("postgres")
@pytest.mark.parametrize("query", [f"period={SEASON}", "period=2026-11", FREE])
def test_every_tile_opens_as_many_people_as_it_says(far, query):
    browser = client(far.tokens["secretary"])
    text = browser.get(f"/counts?{query}").text
    figures, links = shown(text), [unescape(link) for link in LINK.findall(text)]
    whole = {"persons", "person_workplaces", "hires", "person_days", "fte"}
    local = {"local_village", "local_town", "local_district"}
    assert figures.keys() == whole | local | (set() if query == FREE else {"lifted_out"})
    for measure, figure in figures.items():
        (path,) = (
            link
            for link in links
            if f"measure={measure}" in link
            and "employer" not in link
            and f"place={make.ZHUXI}&" in link
        )
        rows = opened(browser, path)
        employers, hires, days = (sum(float(row[at]) for row in rows) for at in (3, 4, 5))
        counted = {"person_workplaces": employers, "hires": hires, "person_days": days}
        counted["fte"] = round(days / 250, 2)
        assert counted.get(measure, len(rows)) == figure, measure
        if measure in whole:
            assert len(rows) == figures["persons"]


@slow_on("postgres")
@pytest.mark.parametrize("query", [f"period={SEASON}", FREE])
def test_the_figure_set_apart_and_every_row_open_their_people(far, query):
    browser = client(far.tokens["secretary"])
    text = browser.get(f"/counts?{query}").text
    (apart,) = (link for link in LINK.findall(text) if "unverified" in link)
    assert [row[0][0] for row in opened(browser, apart)] == ["张"]
    rows = [row for row in ROW.findall(text) if "employer=" in row or "place=" in row]
    assert len(rows) == (3 if query == FREE else 4)  # three employers, and one village
    for row in rows:
        figures = re.findall(r'<a href="([^"]+)">(\d+)<span', row)
        assert figures, row
        for path, figure in figures:
            assert len(opened(browser, path)) == int(figure), path
        persons = re.findall(r'<td class="number">(\d+)</td>', row)[0]
        assert len(opened(browser, LINK.findall(row)[-1])) == int(persons)


def test_any_days_are_written_down_and_open_no_status(far):
    browser = client(far.tokens["secretary"])
    days = f"{DAY}/{DAY}"
    body = {"id": str(new_id()), "place": make.ZHUXI, "period": days, "reason": "核对"}
    body["employer"] = str(far.firms[1].id)
    hidden = {**body, "employer": "", "measure": "lifted_out"}
    assert browser.post_form("/counts/people", hidden).status_code == 404
    assert browser.post_form("/counts/people", {**body, "measure": "hires"}).status_code == 303
    with db.reading() as session:
        line = session.exec(select(AuditLine).where(AuditLine.action == "counts.people")).one()
    assert line.subject == f"{days}:hires:{far.firms[1].id.hex}"
    assert client(far.tokens["other"]).post_form("/counts/people", body).status_code == 404
    elsewhere = {**body, "employer": str(far.other_firm), "measure": "persons"}
    assert browser.post_form("/counts/people", elsewhere).status_code == 404


@pytest.mark.parametrize(
    "days",
    ["2026-11-21/2026-11-20", "2026-11-20/", "x/y", "1999-01-01/2026-11-20", "a/b/c", "2026-11-20"],
)
def test_days_that_are_none_are_refused_with_a_sentence(town, days):
    browser = client(town.tokens["secretary"])
    assert browser.get(f"/counts/people?period={days}").status_code == 422
