"""The JSON interface answers as its own description says, whatever Schemathesis thinks up."""

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import orchard
from orchard import clock
from orchard.accounts.rules import Role
from orchard.app import create_app
from orchard.web.permissions import ALLOWED
from tests import make
from tests.client import api
from tests.robust.cast import Cast, fill
from tests.robust.interface import filled

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 1  # of each operation and mode in a short run
CAMPAIGN = int(os.environ.get("ORCHARD_CAMPAIGN_EXAMPLES", "200"))


@pytest.fixture
def cast(sqlite_database: Path) -> Any:
    """Return who calls, in a county whose clock stands."""
    with clock.frozen_at(make.NOW):
        yield fill()


def try_all(cast: Cast, examples: int) -> Counter[int]:
    """Let Schemathesis call every operation; count what was answered."""
    app, answered = create_app(), Counter[int]()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    adapter = app.url_map.bind("")
    found = [each.ok() for each in schema.get_all_operations()]
    assert len(found) >= 25
    for operation in found:
        path = filled(operation.path, cast)
        endpoint = adapter.match(path, method=operation.method.upper())[0]
        role = next(role for role in cast.bearers if role in ALLOWED[endpoint])
        signed = {**api(cast.bearers[role]), "Accept-Encoding": "identity"}
        for mode in GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)
            answered += try_one(strategy, signed, known(cast), examples)
    return answered


def known(cast: Cast) -> dict[str, str]:
    """Return what stands in an address in half of the cases, so that the body is looked at."""
    return {
        "plot_id": cast.plot,
        "token": cast.task,
        "town": make.ZHUXI,
        "person_id": str(cast.callers[Role.WORKER].person_id),
        "request_id": cast.visit,
        "prescription_id": cast.prescription,
        "line_id": cast.line,
        "payment_id": cast.payment,
        **cast.work,
    }


def try_one(
    strategy: strategies.SearchStrategy[Any],
    signed: dict[str, str],
    there: dict[str, str],
    examples: int,
) -> Counter[int]:
    """Call one operation with what is thought up; the first disagreement is raised."""
    answered = Counter[int]()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, is_there=strategies.booleans())
    def call(case: Any, is_there: bool) -> None:
        for name in set(case.path_parameters or {}) & set(there) if is_there else ():
            case.path_parameters[name] = there[name]
        case.headers.pop("Authorization", None)  # its own invention would win
        answer = case.call(headers=signed)
        case.validate_response(answer, checks=CHECKS)
        answered[answer.status_code] += 1

    call()
    return answered


def test_every_operation_answers_as_described(cast: Cast, say: Callable[[str], None]) -> None:
    answered = try_all(cast, EXAMPLES)
    say(f"Schemathesis: {answered.total()} calls, answers {dict(sorted(answered.items()))}")
    assert {200, 404, 422} <= set(answered)
    assert answered[401] < answered.total() / 3  # negative cases also leave the token out


@pytest.mark.campaign
def test_every_operation_answers_as_described_many_times(
    cast: Cast, say: Callable[[str], None]
) -> None:
    answered = try_all(cast, CAMPAIGN)
    say(f"Schemathesis: {answered.total()} calls, answers {dict(sorted(answered.items()))}")


def test_the_description_is_public_and_whole(cast: Cast) -> None:
    app = create_app()
    described = app.test_client().get("/api/v1/openapi.json").get_json()
    assert described["openapi"].startswith("3.1")
    told = {
        (method.upper(), path) for path, methods in described["paths"].items() for method in methods
    }
    served = {
        (method, filled_rule(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.endpoint != "api_doc.openapi"
    }
    assert told == served


def filled_rule(rule: str) -> str:
    """Return a rule as the description writes it."""
    return rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}")


def test_no_two_answers_or_bodies_share_a_name():
    """The description names them without their room: a second one would hide the first."""
    named = Counter(
        name
        for path in Path(orchard.__file__).parent.glob("*/*.py")
        for name in re.findall(r"(?m)^class (\w+(?:Out|In|Body))\b", path.read_text("utf-8"))
    )
    assert [name for name, times in named.items() if times > 1] == []
