"""Who sends something else under the same id reads a sentence and his form, no columns."""

from io import BytesIO

from orchard import db
from orchard.ids import new_id
from orchard.visits.models import VisitRequest
from tests.visits.asking import ask
from tests.visits.browsing import check, form, jpeg, one


def test_a_page_of_a_conflict_shows_no_names_of_columns(people):
    grower, plot, page, _, _ = people
    with db.transaction() as session:
        request = ask(session, grower, plot)
    photo_id = str(new_id())

    def send(edge):
        sent = {"photo_id": photo_id, "photo": (BytesIO(jpeg(edge)), "x.jpg")}
        return page.post_form(f"/visits/{request.id}/photo", sent)

    assert send(40).status_code == 303
    answer = send(41)
    assert answer.status_code == 409
    check(answer)
    assert "sha256" not in answer.text
    assert "两份" not in answer.text


def test_the_form_of_a_request_comes_back_under_a_new_id(people):
    _, plot, page, _, _ = people
    told = form(plot)
    assert page.post_form("/visits/new", told).status_code == 303
    answer = page.post_form("/visits/new", {**told, "problem": "fruit"})
    assert answer.status_code == 409
    check(answer)
    assert "这张表已经报过一次" in answer.text
    assert told["id"] not in answer.text
    assert told["photo_id"] not in answer.text
    assert one(VisitRequest).problem == "insects"
