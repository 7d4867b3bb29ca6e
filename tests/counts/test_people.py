"""The people behind a figure: opened only after a reason, masked, of one's own town."""

from datetime import timedelta

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import AuditLine
from orchard.ids import new_id
from tests import make
from tests.client import client
from tests.counts.town import SEASON
from tests.page import check_page

REASON = "核对上报的数"


def audited() -> list[tuple[str, str, str]]:
    with db.reading() as session:
        lines = session.exec(select(AuditLine).where(AuditLine.action == "counts.people")).all()
    return [(line.subject, line.place_code, line.reason) for line in lines]


def opening(**more) -> dict[str, str]:
    return {
        "id": str(new_id()),
        "place": make.ZHUXI,
        "period": SEASON,
        "measure": "persons",
        "employer": "",
        "reason": REASON,
        **more,
    }


def test_people_are_shown_masked_and_only_after_a_reason_that_is_kept(town):
    browser = client(town.tokens["secretary"])
    asked = browser.get("/counts/people?measure=lifted_out")
    check_page(asked.text)
    assert audited() == []
    missing = browser.post_form("/counts/people", opening(reason=" "))
    assert missing.status_code == 422
    check_page(missing.text)
    without = {name: text for name, text in opening(reason="").items() if name != "measure"}
    assert browser.post_form("/counts/people", without).status_code == 422
    assert audited() == []
    done = browser.post_form("/counts/people", opening(measure="lifted_out"))
    assert done.status_code == 303
    page = browser.get(done.location)
    check_page(page.text)
    assert page.text.count('<th scope="row">') == 8
    assert "张*" in page.text and "张秀英" not in page.text
    assert "139****5000" in page.text and make.phone(5000)[3:] not in page.text
    assert audited() == [(f"{SEASON}:lifted_out:", make.ZHUXI, REASON)]


def test_the_list_goes_page_by_page_and_names_nobody_in_its_addresses(town, monkeypatch):
    monkeypatch.setattr("orchard.counts.people.ROWS", 5)
    browser = client(town.tokens["secretary"])
    first = browser.post_form("/counts/people", opening()).location
    texts = [browser.get(f"{first}?page={number}").text for number in (1, 2, 3)]
    assert [text.count('<th scope="row">') for text in texts] == [5, 5, 2]
    assert ["page=3" in text for text in texts] == [False, True, False]
    assert not [one for one in town.people for text in texts if str(one.id) in text]


@pytest.mark.parametrize(
    ("more", "rows"),
    [({}, 12), ({"measure": "local_town"}, 12), ({"place": make.VILLAGE}, 12), ("employer", 6)],
)
def test_every_figure_opens_its_own_people(town, more, rows):
    browser = client(town.tokens["secretary"])
    given = {"employer": str(town.firms[1].id)} if more == "employer" else more
    done = browser.post_form("/counts/people", opening(**given))
    assert browser.get(done.location).text.count('<th scope="row">') == rows


def test_the_same_look_is_written_down_once_and_another_under_its_id_is_a_conflict(town):
    browser, form = client(town.tokens["secretary"]), opening()
    assert browser.post_form("/counts/people", form).status_code == 303
    assert browser.post_form("/counts/people", form).status_code == 303
    assert len(audited()) == 1
    changed = browser.post_form("/counts/people", {**form, "reason": "别的原因"})
    assert changed.status_code == 409
    assert len(audited()) == 1


def test_a_look_belongs_to_who_gave_the_reason_and_ends_by_itself(town):
    browser = client(town.tokens["secretary"])
    where = browser.post_form("/counts/people", opening()).location
    assert client(town.tokens["other"]).get(where).status_code == 404
    assert client(town.tokens["district"]).get(where).status_code == 403
    with clock.frozen_at(make.NOW + timedelta(minutes=29)):
        assert browser.get(where).status_code == 200
        assert browser.get("/counts").status_code == 200  # the session stays awake
    with clock.frozen_at(make.NOW + timedelta(minutes=31)):
        assert browser.get(where).status_code == 404


def test_no_people_are_opened_of_another_town_or_by_status_of_one_row(town):
    browser = client(town.tokens["secretary"])
    for more in (
        {"place": make.DADE},
        {"place": "500154"},
        {"employer": str(town.other_firm)},
        {"employer": str(town.firms[0].id), "measure": "lifted_out"},
        {"place": make.VILLAGE, "measure": "lifted_out"},
    ):
        assert browser.post_form("/counts/people", opening(**more)).status_code == 404
    assert client(town.tokens["other"]).post_form("/counts/people", opening()).status_code == 404
    assert client(town.tokens["grower"]).post_form("/counts/people", opening()).status_code == 403
    assert audited() == []
