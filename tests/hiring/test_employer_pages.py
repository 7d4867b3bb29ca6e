"""Employers on their pages: opened, verified, recognised and corrected."""

import pytest

from orchard import db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account, Employer, Grant
from orchard.accounts.rules import EmployerKind, Role, SecretKind
from orchard.hiring.models import RecognitionEvent
from orchard.ids import new_id
from tests import make
from tests.access.state import changed, digest
from tests.client import client
from tests.hiring.filling import Firm, offer
from tests.hiring.reading import count, shown, stored

pytestmark = pytest.mark.usefixtures("morning")


def test_a_grower_opens_his_household_with_a_pin_and_hires_at_once(database):
    with db.transaction() as session:
        who, token = make.signed_in(session)
        account = session.get_one(Account, who.account_id)
        account.secret_kind = SecretKind.PIN
        session.add(account)
    grower = client(token)
    assert grower.get("/openings/new").location == "/employers/new"
    assert "刘洪家" in grower.get("/employers/new").text
    form = {"id": str(new_id()), "name": "刘洪家", "village_code": make.VILLAGE}
    answer = grower.post_form("/employers/new", form)
    assert answer.location == f"/employers/{form['id']}"
    assert grower.post_form("/employers/new", form).location == answer.location
    assert count(Grant) == 2
    text = shown(grower.get(answer.location))
    assert "还没核实" in text
    assert "请人干活" in text
    assert grower.post_form("/openings/new", offer()).status_code == 303
    assert "刘洪家的工人" in shown(grower.get(f"/employers/{form['id']}/workers"))
    second = {**form, "id": str(new_id()), "name": "刘洪二家"}
    assert "你已经开过自家的用工户了" in shown(grower.post_form("/employers/new", second), 422)
    company = {**form, "id": str(new_id()), "kind": "company"}
    assert grower.post_form("/employers/new", company).status_code == 422
    assert count(Employer) == 1


def test_a_household_of_another_town_is_refused(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session)
    before = digest()
    form = {"id": str(new_id()), "name": "刘洪家", "village_code": make.OTHER_VILLAGE}
    assert "这个村不在你这里" in shown(client(token).post_form("/employers/new", form), 422)
    assert not changed(before)


def test_the_town_opens_verifies_recognises_and_corrects(database):
    firm = Firm()
    form = {
        "id": str(new_id()),
        "name": "和谐车间",
        "kind": "workshop",
        "village_code": make.VILLAGE,
    }
    shown(firm.town.get("/employers/new"))
    page = firm.town.post_form("/employers/new", form).location
    assert "镇上核实过" in shown(firm.town.get(page))
    assert firm.elsewhere.post_form("/employers/new", {**form, "id": new_id()}).status_code == 422
    assert firm.elsewhere.post_form(f"{page}/verify").status_code == 404
    unverified = f"/employers/{firm.employer.id}"
    assert firm.town.post_form(f"{unverified}/verify").status_code == 303
    assert firm.town.post_form(f"{unverified}/verify").status_code == 303
    watch = {"id": str(new_id()), "kind": "under_watch", "on_day": "2026-11-01"}
    assert "先认定" in shown(firm.town.post_form(f"{page}/steps", watch), 422)
    for kind, day in (("recognised", "2025-03-01"), ("under_watch", "2026-11-01")):
        step = {"id": str(new_id()), "kind": kind, "on_day": day}
        assert firm.town.post_form(f"{page}/steps", step).status_code == 303
        assert firm.town.post_form(f"{page}/steps", step).status_code == 303
    assert "观察期，2026年11月1日起" in shown(firm.anybody.get(page))
    assert "观察期" in shown(firm.town.get("/employers"))
    assert firm.boss.post_form(f"{page}/steps", watch).status_code == 403
    plantation = firm.town.post_form(f"{unverified}/steps", {**watch, "id": new_id()})
    assert "只有就业帮扶车间才有认定" in shown(plantation, 422)


WATCH = {"kind": "under_watch", "on_day": "2026-11-01"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "praised"}, "kind"),
        ({}, "kind"),  # a rule's refusal: nothing was recognised before
        ({"on_day": ""}, "on_day"),
        ({"on_day": "1.11.2026"}, "on_day"),
        ({"kind": "recognised", "on_day": "2026-11-24"}, "on_day"),  # a day to come
    ],
)
def test_a_refused_step_keeps_its_form_and_is_told_beside_its_field(sqlite_database, wrong, field):
    firm = Firm()
    with db.transaction() as session:
        workshop = make.employer(session, kind=EmployerKind.WORKSHOP)
    sent = {"id": str(new_id()), **WATCH, **wrong}
    answer = firm.town.post_form(f"/employers/{workshop.id}/steps", sent)
    shown(answer, 422)
    html = answer.text
    beside = html.split('<form method="post" action="/employers')[-1].split("</form>")[0]
    assert f'id="{field}-error"' in beside
    assert html.count('-error"') == html.count(f'{field}-error"')
    assert f'href="#f-{field}"' in html
    assert f'value="{sent["on_day"]}"' in beside
    chosen = f'value="{sent["kind"]}"'
    is_known = sent["kind"] in ("recognised", "under_watch")
    assert any(chosen in part and " checked" in part for part in beside.split("<input")) == is_known
    assert f'name="id" value="{sent["id"]}"' in beside
    assert count(RecognitionEvent) == 0


def test_a_manager_corrects_name_and_village_within_the_town(database):
    firm = Firm()
    page = f"/employers/{firm.employer.id}"
    shown(firm.boss.get(f"{page}/edit"))
    seen = {"seen_name": "竹溪基地", "seen_village_code": make.VILLAGE}
    new = {"name": "竹溪果园", "village_code": "500154118202", **seen}
    assert firm.boss.post_form(f"{page}/edit", new).status_code == 303
    assert firm.boss.post_form(f"{page}/edit", new).status_code == 303
    stale = firm.boss.post_form(f"{page}/edit", {**new, "name": "别的名字"})
    assert "竹溪果园" in shown(stale, 409)
    away = {**new, "village_code": make.OTHER_VILLAGE, "seen_name": "竹溪果园"}
    away["seen_village_code"] = "500154118202"
    assert firm.boss.post_form(f"{page}/edit", away).status_code == 422
    assert firm.stranger.get(f"{page}/edit").status_code == 404
    assert firm.stranger.post_form(f"{page}/edit", new).status_code == 404
    assert stored(Employer, firm.employer.id).name == "竹溪果园"
    assert firm.town.get(f"{page}/edit").status_code == 200
    assert firm.elsewhere.get(f"{page}/edit").status_code == 404


def test_who_manages_nothing_is_told_so(sqlite_database):
    with db.transaction() as session:
        two = make.employer(session), make.employer(session, name="第二基地")
        account = make.account(session, Role.MANAGER, employer_id=two[0].id)
        accounts.grant(session, account, Role.MANAGER, now=make.NOW, employer_id=two[1].id)
        token = accounts.begin_session(session, account, now=make.NOW)
    text = shown(client(token).get("/workers"))
    assert "第二基地" in text
    assert "竹溪基地" in text
