"""Whose request it is, a technician reads while it is his, and no longer (access matrix: asg)."""

import pytest

from orchard import clock, db
from orchard.accounts import services as accounts
from orchard.accounts.models import Account
from orchard.accounts.rules import Role
from orchard.errors import NotVisible
from orchard.visits import aftercare, queries, reports, services, sight
from orchard.visits.models import Prescription, VisitPhoto
from orchard.visits.rules import Outcome, PhotoOf, PhotoState
from tests import make
from tests.client import client
from tests.visits.asking import DAY, ask, recorded, taken, technician
from tests.visits.browsing import check, program

PHONE = "+8613912345678"
SHOWN = ("139 1234 5678", "13912345678", PHONE, "刘洪")


@pytest.fixture
def town(still):
    """A grower's request that nobody took; two technicians of his town: pages and programs."""
    with db.transaction() as session:
        grower = make.caller(session, of=make.person(session, phone=PHONE))
        request = ask(session, grower, make.plot(session, grower))
        hands = []
        for name in ("周明清", "宋学文"):
            named = make.person(session, name=name)
            who, token = make.signed_in(session, Role.TECHNICIAN, of=named)
            hands.append((client(token), program(session, who)))
    return request, *hands


def told(hand, request):
    """Return what of the grower's name and phone a technician reads of a request."""
    page, call = hand
    shown = [page.get("/requests"), page.get(f"/visits/{request.id}")]
    for answer in shown:
        check(answer)
    shown += [call("GET", "/visit-requests/pool"), call("GET", f"/visit-requests/{request.id}")]
    assert [answer.status_code for answer in shown] == [200] * 4
    texts = [str(answer.get_json(silent=True) or answer.text) for answer in shown]
    return {one for one in SHOWN for text in texts if one in text}


def test_the_pool_says_where_and_what_and_whose_only_to_who_took_it(town):
    request, mine, other = town
    page, here = mine[0], f"/visits/{request.id}"
    assert told(mine, request) == set()
    for path in ("/requests", here):
        text = page.get(path).text
        for words in ("屋后坡", "有虫", "刘*"):
            assert words in text, (path, words)
        assert "tel:" not in text
    assert f"/plots/{request.plot_id}" in page.get(here).text
    assert page.post_form(f"{here}/take").status_code == 303
    assert {"刘洪", PHONE} <= told(mine, request)
    assert "tel:" in page.get(here).text
    assert told(other, request) == set()


def test_a_closed_request_is_his_for_30_days(session, grower, expert):
    request, _ = recorded(session, grower, expert)
    photo = VisitPhoto(
        request_id=request.id,
        of=PhotoOf.RECORD,
        by_id=expert.account_id,
        state=PhotoState.READY,
        sha256="0" * 64,
        made_at=make.NOW,
    )
    session.add(photo)
    session.flush()
    for days, is_his in ((29, True), (30, False)):
        now = make.NOW + days * DAY
        line = queries.line_for(session, expert, request.id, now)
        assert (line.holder == "刘洪") is line.is_plain is is_his
        assert sight.may_read_report(session, expert, request, now) is is_his
        assert (reports.report_for(session, expert, request, now) is not None) is is_his
        assert bool(reports.photos_of(session, expert, request, now)) is is_his
        if is_his:
            assert reports.photo_for(session, expert, photo.id, now).id == photo.id
            continue
        with pytest.raises(NotVisible):
            reports.photo_for(session, expert, photo.id, now)
        (row,) = reports.prescriptions_of(session, request.id)
        with pytest.raises(NotVisible):
            aftercare.follow_up(session, expert, row.id, outcome=Outcome.APPLIED, why=None, now=now)
        assert session.get_one(Prescription, row.id).outcome is None
        assert reports.photos_of(session, grower, request, now)


@pytest.mark.parametrize("close", [services.cancel, services.answer])
def test_what_was_answered_or_taken_back_ends_in_the_same_way(session, grower, expert, close):
    request = taken(session, grower, expert)
    if close is services.cancel:
        close(session, grower, request.id, now=make.NOW)
    else:
        close(session, expert, request.id, "先清园", now=make.NOW)
    for days, is_his in ((29, True), (30, False)):
        line = queries.line_for(session, expert, request.id, make.NOW + days * DAY)
        assert line.is_plain is is_his


def test_an_open_request_stays_his_however_long_it_takes(session, grower, expert):
    request = taken(session, grower, expert)
    assert queries.line_for(session, expert, request.id, make.NOW + 90 * DAY).is_plain
    other = technician(session, name="宋学文")
    assert not queries.line_for(session, other, request.id, make.NOW).is_plain


def test_the_page_of_an_old_visit_still_opens_and_says_no_more_than_the_town_reads(people):
    grower, _, _, expert, desk = people
    with db.transaction() as session:
        request, _ = recorded(session, grower, expert)
    here = f"/visits/{request.id}"
    now = desk.get(here).text
    with clock.frozen_at(make.NOW + 31 * DAY):
        with db.transaction() as session:
            account = session.get_one(Account, expert.account_id)
            token = accounts.begin_session(session, account, now=clock.now())
        answer = client(token).get(here)
    check(answer)
    for words in ("叶背有红蜘蛛", "刘洪", "tel:"):
        assert words in now
        assert words not in answer.text
    assert "刘*" in answer.text
