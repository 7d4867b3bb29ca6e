"""Whatever an answer holds, an element is taken or refused with a reason: nothing else."""

import copy
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchard.weather import acceptance, services
from orchard.weather.digest import digest_of
from orchard.weather.queries import Cell
from orchard.weather.rules import Asked, NoForecast, Reason
from orchard.weather.series import pack, unpack
from orchard.weather.stored import from_text, to_text
from tests.weather import answers
from tests.weather.answers import NOW, pull
from tests.weather.corpus import apply

ASKED = [Asked(*point) for point in apply.ASKED.values()]
GOOD = apply.good()
HUGE = 10**400
NUMBERS = st.integers() | st.floats(allow_nan=False) | st.sampled_from([HUGE, -HUGE, 1e308, 5e-324])
SCALARS = st.none() | st.booleans() | NUMBERS | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def paths(node, here=()):
    """Yield every place of a document, of long series only a few."""
    yield here
    if isinstance(node, dict):
        for key in node:
            yield from paths(node[key], (*here, key))
    elif isinstance(node, list):
        for index in range(len(node)) if len(node) < 9 else (0, 1, 100):
            yield from paths(node[index], (*here, index))


PLACES = st.sampled_from(list(paths(GOOD)))


def harmed(changes):
    document = copy.deepcopy(GOOD)
    for path, value in changes:
        holder = document
        try:
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = value
        except (IndexError, KeyError, TypeError):
            continue  # an earlier change took this place away
    return document


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(PLACES, VALUES), min_size=1, max_size=3))
def test_any_harm_ends_in_values_or_a_reason(changes):
    body = json.dumps(harmed(changes)).encode()
    try:
        answer = acceptance.parse(body, 2)
    except NoForecast as refusal:
        assert refusal.reason in Reason
        return
    for index, asked in enumerate(ASKED):
        try:
            found = acceptance.element_at(answer, index, asked, apply.NOW)
        except NoForecast as refusal:
            assert refusal.reason in Reason
            continue
        assert unpack(pack(found)) == found
        told = digest_of(found, asked.elevation_m)
        assert from_text(to_text(told), None) == told


@pytest.mark.parametrize("key", ["latitude", "longitude", "elevation", "location_id"])
@pytest.mark.parametrize("value", [HUGE, -HUGE, 1e308, "1", [], {}, True])
def test_no_identity_however_huge_breaks_the_judging(key, value):
    answer = copy.deepcopy(GOOD)
    answer[0][key] = value
    with pytest.raises(NoForecast):
        acceptance.element_at(answer, 0, ASKED[0], apply.NOW)


def test_an_answer_of_half_a_million_hours_is_refused_at_once():
    answer = copy.deepcopy(GOOD)
    answer[0]["hourly"]["time"] += [0] * 500_000
    with pytest.raises(NoForecast) as caught:
        acceptance.element_at(answer, 0, ASKED[0], apply.NOW)
    assert caught.value.reason == Reason.TIME


def test_a_million_brackets_are_not_even_parsed():
    with pytest.raises(NoForecast) as caught:
        acceptance.parse(b"[" + b"[]," * 500_000 + b"[]]", 2)
    assert caught.value.detail == "too many brackets"


@pytest.mark.parametrize(
    "reason", ['"\\ud800 x"', '"a\\u0000b"', "1", "[[1]]", '"' + "x" * 9999 + '"', "9" * 4000]
)
def test_any_reason_of_a_server_can_be_stored(database, reason):
    answers.make_plots()
    before = answers.seed()
    answers.pull_body(f'{{"error": true, "reason": {reason}}}'.encode(), NOW)
    row = answers.stored()["A"]
    assert (row["reason"], row["hours"]) == ("error-object", before["A"]["hours"])
    assert len(row["detail"]) <= 500
    with answers.server("ok"):
        assert pull(NOW + timedelta(hours=1))["fresh"] == 2


def test_a_bad_element_costs_only_its_own_cell():
    cells = [Cell(str(index), asked, 0, 100) for index, asked in enumerate(ASKED)]
    answer = harmed([((0, "latitude"), HUGE)])
    outcome = services.judge(answer, cells, {}, now=NOW)
    assert [row["key"] for row in outcome.fresh] == ["1"]
    assert [(row["key"], row["reason"]) for row in outcome.stale] == [("0", "place")]
