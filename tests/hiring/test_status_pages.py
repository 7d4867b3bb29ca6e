"""A person's status on its pages: read for a reason, told to nobody else."""

import pytest

from orchard import db
from orchard.accounts.models import Person
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.hiring.filling import Firm, offer
from tests.hiring.reading import shown

pytestmark = pytest.mark.usefixtures("morning")


def test_a_status_is_read_by_the_own_town_for_a_reason_and_by_oneself(database):
    firm = Firm()
    page = f"/statuses/{firm.worker.person_id}"
    form = {
        "id": str(new_id()),
        "kind": "lifted_out",
        "from_on": "2024-01-01",
        "until_on": "",
        "reason": "名册录入",
    }
    assert "看一次记一次" in shown(firm.town.get(page))
    assert shown(firm.town.post_form(page, {"reason": " "}), 422)
    assert firm.town.post_form(f"{page}/write", form).status_code == 303
    assert firm.town.post_form(f"{page}/write", form).status_code == 303
    before = digest()
    assert "脱贫人口" not in firm.town.get(page).text
    assert "2024年1月1日起" in shown(firm.town.post_form(page, {"reason": "核对季度数"}))
    assert changed(before) == {"audit_line"}
    assert "脱贫人口" in shown(firm.hand.get("/my-status"))
    assert "没有登记" in shown(firm.fellow.get("/my-status"))
    before = digest()
    for who, status in ((firm.elsewhere, 404), (firm.boss, 403), (firm.fellow, 403)):
        assert who.get(page).status_code == status
        assert who.post_form(page, {"reason": "想看"}).status_code == status
        assert who.post_form(f"{page}/write", form).status_code == status
    assert firm.boss.get("/my-status").status_code == 403
    assert not changed(before)


def test_no_page_of_an_employer_or_fellow_tells_a_status(sqlite_database):
    firm, sent = Firm(), offer()
    with db.transaction() as session:
        who = session.get(Person, firm.worker.person_id)
        made = make.hire(session, firm.employer, who)
        make.status(session, who)
    firm.boss.post_form("/openings/new", sent)
    firm.hand.post_form(f"/openings/{sent['id']}/apply")
    people = f"/employers/{firm.employer.id}/workers"
    pages = [people, f"{people}/{who.id}", f"{people}/{who.id}/edit", "/hires", "/openings"]
    pages += [f"/hires/{made.id}", f"/hires/{made.id}/edit", f"/openings/{sent['id']}"]
    for reader in (firm.boss, firm.fellow, firm.stranger):
        for page in pages:
            text = reader.get(page).text
            for word in ("脱贫", "监测", "lifted", "monitored"):
                assert word not in text, page


def test_periods_of_one_kind_do_not_overlap_and_their_days_are_corrected(database):
    firm = Firm()
    page = f"/statuses/{firm.worker.person_id}/write"
    first = {
        "id": str(new_id()),
        "kind": "monitored",
        "from_on": "2022-01-01",
        "until_on": "2022-06-30",
        "reason": "名册录入",
    }
    assert firm.town.post_form(page, first).status_code == 303
    second = {**first, "id": str(new_id()), "from_on": "2022-06-30", "until_on": ""}
    assert "和已有的一段重叠了" in shown(firm.town.post_form(page, second), 422)
    assert firm.town.post_form(page, {**second, "from_on": "2022-07-01"}).status_code == 303
    assert firm.town.post_form(page, {**first, "until_on": "2021-12-31"}).status_code == 422
    assert firm.town.post_form(page, {**first, "from_on": "2026-11-24"}).status_code == 422
    assert firm.town.post_form(page, {**first, "until_on": "2022-05-31"}).status_code == 303
    assert firm.town.post_form(page, {**first, "kind": "lifted_out"}).status_code == 409
