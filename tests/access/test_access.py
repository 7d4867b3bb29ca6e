"""Roles x endpoints x records, generated: whoever knocks where he may not learns nothing."""

import re
import shutil
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from orchard import clock, db, settings
from orchard.web.permissions import ALLOWED, PUBLIC
from tests import make
from tests.access.cases import CASES, REACH, ROOMS, SUBJECTS, values_for
from tests.access.cast import ANONYMOUS, CANARY, CANARY_PHONE, ENDED, NEIGHBOURS, WHO, Cast, fill
from tests.access.state import Watch, changed, digest
from tests.client import api, client

FINE = {200, 201, 303}
READS = {"GET", "HEAD", "OPTIONS"}
GET_WRITES = {"session", "audit_line"}
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}(\.[A-Z0-9]+\.[0-9-]+)?")
TOKENS = re.compile(r'name="csrf_token" value="[^"]*"')
PHONE = re.compile(  # no part of a figure
    rf"(?<!\d)(?<!\d\.)((00|\+)?86)?(139)?{CANARY_PHONE[-8:]}(?!\d)"
)


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory):
    """Build the cast once; every knock that may write gets a fresh copy of it."""
    folder = tmp_path_factory.mktemp("access")
    settings.use(settings.Settings(data_dir=folder, secret_key="test"))
    shutil.copy(sqlite_template, folder / "orchard.db")
    application = client().application
    with clock.frozen_at(make.NOW):
        with db.transaction() as session:
            cast = fill(session, [room.fill for room in ROOMS])
        db.dispose()
        shutil.copy(folder / "orchard.db", folder / "kept.db")
        stage = Stage(folder, application, cast)
        stage.reset()
        stage.before = digest()
        yield stage
    db.dispose()
    settings.use(None)


class Stage:
    """The application, the cast, and a database that can be put back as it was before."""

    before: dict[str, str]

    def __init__(self, folder: Path, application, cast: Cast) -> None:
        self.folder, self.application, self.cast = folder, application, cast

    def reset(self) -> None:
        """Put the database back as it was."""
        db.dispose()
        for path in self.folder.glob("orchard.db*"):
            path.unlink()
        shutil.copy(self.folder / "kept.db", self.folder / "orchard.db")
        self.watch = Watch()

    def written(self) -> set[str]:
        """Return the tables that differ from before, if anybody committed since last asked."""
        return changed(self.before) if self.watch.changed() else set()

    def knock(self, who: str, rule: Rule, method: str, subject: str):
        """Send one request as somebody."""
        endpoint = str(rule.endpoint)
        values = values_for(self.cast, set(rule.arguments), subject, endpoint)
        with self.application.test_request_context():
            path = self.application.url_map.bind("localhost").build(endpoint, values, method=method)
        body = CASES[endpoint].body(self.cast, subject)
        if path.startswith("/api/"):
            headers = api(self.cast.bearers[who]) if who != ANONYMOUS else {}
            json = {"json": body} if method not in READS else {}
            return client(app=self.application).open(path, method=method, headers=headers, **json)
        browser = client(self.cast.sessions.get(who), app=self.application)
        if method in READS:
            return browser.open(path, method=method)
        return browser.post_form(path, body)


def rules() -> list[tuple[str, str]]:
    """Return every (endpoint, method) of the application."""
    settings.use(settings.Settings(data_dir=Path("/nowhere"), secret_key="test"))
    try:
        found = client().application.url_map.iter_rules()
        return sorted(
            (str(rule.endpoint), method)
            for rule in found
            for method in rule.methods or ()
            if method not in ("HEAD", "OPTIONS")
        )
    finally:
        settings.use(None)


RULES = rules()


def rule_of(stage: Stage, endpoint: str, method: str) -> Rule:
    return next(
        rule
        for rule in stage.application.url_map.iter_rules(endpoint)
        if method in (rule.methods or ())
    )


def test_every_endpoint_has_a_case_and_every_case_an_endpoint():
    assert {endpoint for endpoint, _ in RULES} == set(CASES)


def test_the_cases_agree_with_the_permission_table():
    assert {name for name, case in CASES.items() if case.kind == "open"} == set(PUBLIC)
    assert {name for name, case in CASES.items() if case.kind != "open"} == set(ALLOWED)


CLOSED = [rule for rule in RULES if CASES.get(rule[0]) and CASES[rule[0]].kind != "open"]
NAMES = "{0[0]}-{0[1]}".format


@pytest.mark.parametrize("rule", CLOSED, ids=NAMES)
def test_who_may_not_is_refused_alike_and_nothing_is_written(stage, rule):
    endpoint, method = rule
    stage.reset()
    bodies = {}
    for who, subject in knocks(endpoint):
        expected = refusal(endpoint, who, subject)
        if expected is None:
            continue
        answer = stage.knock(who, rule_of(stage, endpoint, method), method, subject)
        assert answer.status_code == expected, (who, subject, answer.text[-300:])
        if expected == 303:
            assert answer.location == "/sign-in"
        bodies.setdefault((who, expected), set()).add(plain(answer))
        tells_nothing(answer)
    assert all(len(alike) == 1 for alike in bodies.values()), bodies
    assert stage.written() <= (GET_WRITES if method == "GET" else {"sign_in_attempt"})


@pytest.mark.parametrize("rule", CLOSED, ids=NAMES)
def test_who_may_gets_in_and_reads_write_nothing(stage, rule):
    endpoint, method = rule
    stage.reset()
    case, got_in, is_touched = CASES[endpoint], 0, False
    for who, subject in knocks(endpoint):
        if refusal(endpoint, who, subject) is not None:
            continue
        if is_touched:
            stage.reset()
        answer = stage.knock(who, rule_of(stage, endpoint, method), method, subject)
        fine = FINE | ({422, 409} if case.may_refuse else set())
        assert answer.status_code in fine, (who, subject, answer.text[-300:])
        is_touched = method != "GET" and answer.status_code in FINE
        got_in += answer.status_code in FINE
        if who != "district":
            tells_nothing(answer)
        if who not in ("secretary", "district"):
            assert NEIGHBOURS not in answer.text, who
    assert got_in or endpoint in {
        "tasks.undo",
        "api_tasks.undo",
        "accounts.prove",
        "accounts.secret",
        "api_visits.put_photo",  # its body is an image; see tests/visits/test_api.py
    }
    if method == "GET":
        assert stage.written() <= GET_WRITES


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule[0] in PUBLIC], ids=NAMES)
def test_what_is_open_answers_everybody_without_a_fault(stage, rule):
    endpoint, method = rule
    stage.reset()
    for who in WHO:
        answer = stage.knock(who, rule_of(stage, endpoint, method), method, "unknown")
        assert answer.status_code not in (401, 403, 500, 502), (who, answer.status_code)
        tells_nothing(answer)
        if method == "GET":
            assert stage.written() <= GET_WRITES


def knocks(endpoint: str) -> list[tuple[str, str]]:
    subjects = SUBJECTS.get(CASES[endpoint].kind, ("own",))
    return [(who, subject) for who in WHO for subject in subjects]


def refusal(endpoint: str, who: str, subject: str) -> int | None:
    """Return the status that the tables demand, or None where he may get in."""
    if who in (ANONYMOUS, ENDED):
        return 401 if endpoint.startswith("api_") else 303
    if who not in ALLOWED[endpoint]:
        return 403
    kind = CASES[endpoint].kind
    if kind in REACH and subject not in REACH[kind].get(who, set()):
        return 404
    return None


def plain(answer) -> str:
    """Return a body without what differs from request to request."""
    text = answer.get_data(as_text=True).replace(make.DADE, "-").replace(make.ZHUXI, "-")
    return TOKENS.sub("", IDS.sub("-", text.replace("500154999", "-")))


def tells_nothing(answer) -> None:
    """Fail when anything of the other town's people stands in body or headers."""
    told = answer.get_data(as_text=True) + str(answer.headers)
    assert CANARY not in told
    assert not PHONE.search(told)


@pytest.mark.parametrize(
    "told", ["+8613999998888", "008613999998888", "13999998888.", ".99998888", "tel:99998888 <b>"]
)
def test_the_strangers_phone_is_found_however_it_is_written(told):
    assert PHONE.search(told)


@pytest.mark.parametrize("told", ["_sum 0.1511830999988888", "1.7960304799998888e+09", "999988880"])
def test_a_measured_figure_is_not_taken_for_a_phone(told):
    assert not PHONE.search(told)
