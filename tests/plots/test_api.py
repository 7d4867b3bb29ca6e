"""Plots as JSON: the same services, the same rules, decimals as strings."""

import pytest
from sqlmodel import func, select

from orchard import clock, db
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.plots.models import Plot
from tests import make
from tests.access.state import changed, digest
from tests.client import api, client
from tests.crowd import at_once

PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


def bearer(role: Role = Role.GROWER, **values) -> dict[str, str]:
    from orchard.accounts.models import ApiToken
    from orchard.accounts.services import new_token, token_hash

    secret = new_token()
    with db.transaction() as session:
        account = make.account(session, role, **values)
        session.add(
            ApiToken(account_id=account.id, token_hash=token_hash(secret), made_at=make.NOW)
        )
    return api(secret)


def body(**values):
    return {
        "id": str(new_id()),
        "name": "桥头那块",
        "village_code": make.VILLAGE,
        "area_mu": "6.5",
        "variety": "chunjin",
        **values,
    }


def test_a_plot_is_made_read_corrected_and_ended(sqlite_database):
    program, head, sent = client(), bearer(), body(lat=31.2, lon=108.4)
    made = program.post("/api/v1/plots", json=sent, headers=head)
    assert (made.status_code, made.json["area_mu"], made.json["version"]) == (201, "6.50", 1)
    assert program.post("/api/v1/plots", json=sent, headers=head).json == made.json
    path = f"/api/v1/plots/{sent['id']}"
    assert program.get(path, headers=head).json == made.json
    newer = program.put(path, json={**sent, "version": 1, "area_mu": "7.25"}, headers=head)
    assert (newer.status_code, newer.json["area_mu"], newer.json["version"]) == (200, "7.25", 2)
    stale = program.put(path, json={**sent, "version": 1, "area_mu": "8"}, headers=head)
    assert (stale.status_code, stale.content_type) == (409, PROBLEM)
    assert stale.json["code"] == "errors.conflict"
    assert stale.json["kept"]["area_mu_x100"] == 725
    history = program.get(f"{path}/history", headers=head).json["changes"]
    assert [(one["version"], one["after"].get("area_mu")) for one in history] == [
        (2, "7.25"),
        (1, None),
    ]
    assert program.post(f"{path}/end", json={"version": 2}, headers=head).json["ended"]
    assert program.get(path, headers=head).status_code == 404
    assert program.post("/api/v1/plots", json=sent, headers=head).status_code == 409


def test_refusals_name_the_field_in_the_callers_language(sqlite_database):
    program, head = client(), bearer()
    before = digest()
    wrong = program.post("/api/v1/plots", json=body(area_mu=6.5, name=""), headers=head)
    assert (wrong.status_code, wrong.content_type) == (422, PROBLEM)
    assert set(wrong.json["errors"]) == {"area_mu", "name"}
    rule = program.post("/api/v1/plots", json=body(variety="apple"), headers=head)
    assert set(rule.json["errors"]) == {"variety"}
    for broken in (b"", b"[", b"[]", b"null", b'{"id":1,"id":2}', b'{"area_mu":NaN}', b"\xff"):
        answer = program.post(
            "/api/v1/plots", data=broken, headers={**head, "Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), broken
        assert answer.content_type == PROBLEM
    assert changed(before) == set()


def test_an_unknown_and_a_foreign_plot_answer_alike(sqlite_database):
    program, head = client(), bearer()
    with db.transaction() as session:
        foreign = make.plot(session, make.person(session)).id
    answers = [program.get(f"/api/v1/plots/{id}", headers=head) for id in (foreign, new_id())]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].data == answers[1].data


def test_one_body_sent_fifty_times_at_once_is_one_plot(database):
    head, sent = bearer(), body()
    app = client().application
    answers = at_once(50, lambda: client(app=app).post("/api/v1/plots", json=sent, headers=head))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    with db.reading() as session:
        assert session.exec(select(func.count()).select_from(Plot)).one() == 1


def test_the_list_is_paged_and_positions_are_for_their_owner(sqlite_database):
    office = bearer(Role.SECRETARY)
    with db.transaction() as session:
        grower = make.person(session)
        for number in range(60):
            make.plot(session, grower, name=f"地{number:02d}", lat=31.2, lon=108.4)
    program = client()
    first = program.get("/api/v1/plots", headers=office).json
    assert (len(first["plots"]), first["has_after"]) == (50, True)
    edge = first["plots"][-1]["id"]
    rest = program.get(f"/api/v1/plots?after={edge}", headers=office).json
    assert (len(rest["plots"]), rest["has_before"], rest["has_after"]) == (10, True, False)
    one = first["plots"][0]
    assert (one["lat"], one["lon"], one["has_own_position"], one["holder"]) == (
        None,
        None,
        True,
        "刘*",
    )


def test_places_and_varieties_are_read(sqlite_database):
    program, head = client(), bearer(Role.WORKER)
    towns = program.get("/api/v1/places/towns", headers=head).json["towns"]
    assert len(towns) == 40
    villages = program.get(f"/api/v1/places/towns/{make.ZHUXI}/villages", headers=head).json
    assert make.VILLAGE in {one["code"] for one in villages["villages"]}
    assert program.get("/api/v1/places/towns/500154999/villages", headers=head).status_code == 404
    assert program.get("/api/v1/places/towns/x/villages", headers=head).status_code in (404, 422)
    assert len(program.get("/api/v1/varieties", headers=head).json["varieties"]) >= 10


def test_a_token_of_nobody_or_of_another_county_opens_nothing(sqlite_database):
    program = client()
    for head in (
        {},
        api("nobody"),
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eA=="},
        {"Authorization": "Bearer 500154.é".encode().decode("latin-1")},
    ):
        answer = program.get("/api/v1/plots", headers=head)
        assert (answer.status_code, answer.content_type) == (401, PROBLEM)


def test_the_description_is_whole(sqlite_database):
    described = client().get("/api/v1/openapi.json").json
    assert described["openapi"].startswith("3.1")
    for path in ("/api/v1/plots", "/api/v1/plots/{plot_id}", "/api/v1/people", "/api/v1/me"):
        for operation in described["paths"][path].values():
            assert {"401", "403", "404", "409", "422", "503"} <= set(operation["responses"])
            told = next(code for code in operation["responses"] if code in ("200", "201"))
            assert operation["responses"][told]["content"]["application/json"]["schema"]
