"""The corpora of names and quantities, through the real form: stored equal, or refused."""

import csv
import json
from pathlib import Path

import pytest
from sqlmodel import select

from orchard import clock, db
from orchard.accounts.models import Person
from orchard.accounts.rules import Role
from orchard.ids import new_id
from orchard.plots.models import Plot
from orchard.units import mu_to_x100
from tests import make
from tests.client import client
from tests.page import Page, check_page
from tests.plots.filling import form

CORPUS = Path(__file__).parent.parent / "robust" / "corpora" / "strings"


@pytest.fixture(autouse=True)
def morning():
    with clock.frozen_at(make.NOW):
        yield


@pytest.fixture
def browser(sqlite_database):
    with db.transaction() as session:
        _, token = make.signed_in(session)
    return client(token)


def rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


AREAS = [
    row
    for row in rows("quantities.csv")
    if row["unit"] == "mu" or (row["expect"] == "invalid" and not row["unit"])
]


@pytest.mark.parametrize("row", AREAS, ids=lambda row: ascii(row["value"]))
def test_areas_are_read_as_the_corpus_says(browser, row):
    filled = form(area_mu=row["value"])
    answer = browser.post_form("/plots/new", filled)
    if row["expect"] in ("valid", "normalise"):
        assert answer.status_code == 303, row
        with db.reading() as session:
            plot = session.exec(select(Plot)).one()
        assert plot.area_mu_x100 == mu_to_x100(row["canonical"])
        return
    if row["expect"] == "policy" and answer.status_code == 303:
        with db.reading() as session:
            assert session.exec(select(Plot)).one().area_mu_x100 == mu_to_x100(row["canonical"])
        return
    assert answer.status_code == 422, row
    assert "area_mu-error" in answer.text


@pytest.mark.parametrize("value", ["300", "300。5亩"])
def test_a_number_without_a_unit_is_mu_and_a_broken_point_is_asked_again(browser, value):
    status = browser.post_form("/plots/new", form(area_mu=value)).status_code
    assert status == (303 if value == "300" else 422)


NAMES = rows("person-names.csv")


@pytest.mark.parametrize("row", NAMES, ids=lambda row: ascii(row["value"]))
def test_names_are_read_as_the_corpus_says(sqlite_database, row):
    with db.transaction() as session:
        _, token = make.signed_in(session, Role.SECRETARY)
    id = new_id()
    answer = client(token).post_form(
        "/people/new",
        {"id": id, "name": row["value"], "phone": "", "role": "grower", "place_code": make.VILLAGE},
    )
    if row["expect"] == "invalid":
        assert answer.status_code == 422, row
        assert "name-error" in answer.text
        check_page(answer.text)
        return
    assert answer.status_code in ((303, 422) if row["expect"] == "policy" else (303,)), row
    if answer.status_code == 303:
        with db.reading() as session:
            stored = session.get(Person, id).name
        assert _plain(stored) == _plain(row["value"])


def _plain(name: str) -> str:
    """Leave out what may be normalised: the middle dot's form and spaces."""
    for dot in "·•．‧・":
        name = name.replace(dot, "")
    return "".join(name.split())


def strings() -> list[str]:
    found = json.loads((CORPUS / "blns.json").read_text("utf-8"))
    for path in sorted(CORPUS.glob("fuzzdb-*.txt")):
        found += path.read_bytes().decode("utf-8", "replace").splitlines()
    return found


@pytest.mark.campaign  # tests/robust/test_text_fields.py types a share of them by default
def test_every_naughty_string_in_every_field_is_stored_equal_or_refused(browser):
    fields = (
        "name",
        "area_mu",
        "variety",
        "planted_year",
        "tree_count",
        "elevation_m",
        "lat",
        "lon",
        "village_code",
    )
    stored = 0
    for number, text in enumerate(strings()):
        field = fields[number % len(fields)]
        for target in {"name", field}:
            filled = form(**{target: text})
            answer = browser.post_form("/plots/new", filled)
            assert answer.status_code in (303, 422), (target, text)
            if answer.status_code == 303 and target == "name":
                stored += 1
                _is_equal(browser, filled)
    assert stored > 100


def _is_equal(browser, filled):
    import unicodedata

    with db.reading() as session:
        plot = session.exec(select(Plot).order_by(Plot.id.desc())).first()
    assert plot.name == unicodedata.normalize("NFC", filled["name"]).strip()
    page = Page(browser.get(f"/plots/{plot.id}").text)
    assert not page.faults
    assert " ".join(plot.name.split()) in " ".join(page.text.split())
