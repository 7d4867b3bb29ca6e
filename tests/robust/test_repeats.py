"""The same form again is the same record: fifty times at once, or after an answer was lost."""

import http.client
import json
from collections.abc import Callable

import pytest

from orchard.accounts.rules import Role
from orchard.ids import new_id
from tests import make, server
from tests.crowd import each_at_once
from tests.engines import slow_on
from tests.robust import tables
from tests.robust.cast import Cast, fill
from tests.robust.cutting import cut
from tests.robust.load import Program
from tests.server import Answer, Browser, Server

TIMES = 50
PLOT = {"village_code": make.VILLAGE, "area_mu": "6.5", "variety": "chunjin", "name": "新坡"}
PERSON = {"name": "何小兰", "phone": "13900008888", "role": "grower", "place_code": make.VILLAGE}


def browser_of(running: Server, cast: Cast, role: Role) -> Browser:
    """Return a browser of its own with the session of one account."""
    return server.signed_in(running, cast.sessions[role])


@slow_on("postgres")
@pytest.mark.parametrize(
    ("path", "form", "role", "table"),
    [
        ("/plots/new", PLOT, Role.GROWER, "plot"),
        ("/people/new", PERSON, Role.SECRETARY, "person"),
    ],
)
def test_one_form_50_times_at_once_is_one_record(
    database: str, path: str, form: dict[str, str], role: Role, table: str
) -> None:
    cast = fill()
    with server.running() as running:
        first = browser_of(running, cast, role)
        sent = {**form, "id": str(new_id()), "csrf_token": first.token(path)}
        browsers = [Browser(running, dict(first.cookies)) for _ in range(TIMES)]
        before = tables.counts()
        answers = each_at_once(lambda browser: browser.post(path, sent), browsers)
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert sent["id"] in answers[0].location
    assert tables.counts()[table] == before[table] + 1


@slow_on("postgres")
def test_one_json_body_50_times_at_once_is_one_record(database: str) -> None:
    cast = fill()
    body = {**PLOT, "id": str(new_id())}
    with server.running() as running:
        programs = [Program(running, cast.bearers[Role.GROWER]) for _ in range(TIMES)]
        before = tables.counts()
        answers = each_at_once(lambda program: program.call("POST", "/plots", body), programs)
    assert {status for status, _ in answers} == {201}
    assert len({json.dumps(plot) for _, plot in answers}) == 1
    after = tables.counts()
    assert after["plot"] == before["plot"] + 1
    assert after["plot_change"] == before["plot_change"] + 1


@slow_on("postgres")
def test_an_answer_lost_after_the_commit_comes_again(database: str) -> None:
    cast = fill()
    grower, secretary = cast.bearers[Role.GROWER], cast.bearers[Role.SECRETARY]
    asked = [
        (grower, "POST", "/plots", {**PLOT, "id": str(new_id())}),
        (grower, "PUT", f"/plots/{cast.plot}", {**PLOT, "name": "改名坡", "version": 1}),
        (grower, "POST", f"/tasks/{cast.task}/done", None),
        (grower, "POST", f"/tasks/{cast.task}/undo", None),
        (secretary, "POST", "/people", {**PERSON, "id": str(new_id())}),
    ]
    with server.running() as running, cut(running) as port:
        for secret, method, path, body in asked:
            lost = Program(running, secret, port)
            assert_lost(lambda: lost.send(method, path, body))  # noqa: B023 - called at once
            stands = tables.state()
            status, _ = Program(running, secret).call(method, path, body)
            assert status in (200, 201), (path, status)
            assert tables.state() == stands, path


@slow_on("postgres")
def test_a_form_whose_answer_was_lost_leads_to_the_first_record(database: str) -> None:
    cast = fill()
    with server.running() as running, cut(running) as port:
        browser = browser_of(running, cast, Role.SECRETARY)
        sent = {**PERSON, "id": str(new_id()), "csrf_token": browser.token("/people/new")}
        lost = Browser(running, dict(browser.cookies), port=port)
        assert_lost(lambda: lost.post("/people/new", sent))
        stands = tables.state()
        again = browser.post("/people/new", sent)
    assert (again.status, sent["id"] in again.location) == (303, True)
    assert tables.state() == stands


def assert_lost(send: Callable[[], Answer]) -> None:
    """Send and get nothing back."""
    with pytest.raises((OSError, http.client.HTTPException)):
        send()
