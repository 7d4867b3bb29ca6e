"""Types one bad string after the other into one field of a form whose other fields are right."""

import unicodedata
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel
from werkzeug.test import TestResponse

from orchard import db
from orchard.accounts.models import Person
from orchard.ids import new_id
from orchard.plots.models import Plot
from tests.client import Client
from tests.page import Page
from tests.robust import pay, work
from tests.robust.forms import CHOSEN, Form, Reader

_number = count(1)
FIRST: dict[str, Callable[[], str]] = {  # what a person would type where the form is empty
    "area_mu": lambda: "2",
    "elevation_m": lambda: "300",
    "employer_id": lambda: "",
    "id": lambda: str(new_id()),
    "lat": lambda: "31.1",
    "lon": lambda: "108.28",
    "name": lambda: "好地方",
    "phone": lambda: f"138{next(_number):08d}",
    "secret": lambda: "never the right one",
    **pay.FIRST,
    **work.FIRST,
}
KEPT: dict[tuple[str, str], tuple[type[SQLModel], str]] = {  # free text: where it is stored
    ("accounts.create", "name"): (Person, "/people/"),
    ("plots.change", "name"): (Plot, "/plots/"),
    ("plots.create", "name"): (Plot, "/plots/"),
}
UNSEEN = frozenset({"secret", "id_number"})  # what was typed there is never shown again
TOLD_AT = {
    "lon": {"lat"},
    "note": {"quantity"},
    "phone": {"secret", "number"},
    "rate_yuan": {"quantity"},
}  # what is judged together is told at one of them
LEAVES_TRIES = frozenset({"accounts.enter", "accounts.use_number", "accounts.prove"}) | work.AUDITED
ACTIVE = frozenset({"script", "iframe", "object", "embed", "base", "style", "img", "form-action"})
FORBIDDEN = ("javascript:", "vbscript:", "data:", "http:", "https:", "//")


class Typist:
    """One form in one browser."""

    def __init__(self, browser: Client, form: Form) -> None:
        self.browser, self.form = browser, form
        self.values = dict(form.values)
        self.addresses = count(1)
        self.is_stale = form.endpoint in work.STALE

    def type(self, name: str, text: str) -> TestResponse:
        """Send the form with one bad field."""
        if self.is_stale:
            self.is_stale = False
            self.refresh()
        fixed = {key: make() for key, make in FIRST.items() if not self.values.get(key)}
        fresh = {"id": str(new_id())} if "id" in self.values else {}
        sent = {**self.values, **{k: v for k, v in fixed.items() if k in self.values}, **fresh}
        number = next(self.addresses)
        address = {"REMOTE_ADDR": f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        kind = "query_string" if self.form.method == "GET" else "data"
        return self.browser.open(
            self.form.action,
            method=self.form.method,
            environ_overrides=address,
            **{kind: {**sent, name: text}},
        )

    def refresh(self) -> None:
        """Open the form's page again: what it corrects has a new version."""
        pay.AGAIN.get(self.form.endpoint, int)()
        page = Reader(self.form.page, self.browser.get(self.form.page).text)
        self.values = next(dict(one.values) for one in page.forms if one.action == self.form.action)


def harmless(html: str) -> Page:
    """Return the parsed page after making sure that nothing typed acts in it."""
    page = Page(html)
    assert page.faults == []
    for tag, attributes in page.tags:
        assert tag not in ACTIVE, tag
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction"):
            assert not attributes.get(name, "").strip().lower().startswith(FORBIDDEN), attributes
    return page


def judge(typist: Typist, name: str, text: str, answer: TestResponse, wrote: bool) -> str:
    """Hold one answer against the rules; return what became of the string."""
    form = typist.form
    if answer.status_code == 303:
        stored(typist, name, text, answer)
        typist.refresh()
        return "stored"
    page = harmless(answer.text)
    assert page.of("html")[0]["lang"] == "zh-CN"
    if answer.status_code == 200 and (form.endpoint == "accounts.search" or form.method == "GET"):
        return "searched"
    assert not wrote, "refused, and something was written"
    kept = [one.get("type") for one in page.of("input") if one.get("name") == name]
    asks = form.endpoint == "workers.create" and kept == ["hidden"]  # who looks alike: the same?
    if asks or (answer.status_code == 200 and form.endpoint in work.SHOWS):
        return "shown"
    if form.method == "GET":  # an address that leads nowhere
        assert answer.status_code in (404, 414, 422), answer.status_code
        return "refused"
    if form.kinds[name] in CHOSEN:  # nobody types there: one sentence for the form is enough
        assert answer.status_code in (404, 409, 422), answer.status_code
        return "refused"
    assert answer.status_code in (422, 429), answer.status_code
    beside(page, name, text, form.kinds[name])
    return "refused"


def beside(page: Page, name: str, text: str, kind: str) -> None:
    """Make sure that the sentence stands beside its field, and that what was typed is kept."""
    by_name = {one["name"]: one for one in page.of("input", "textarea") if "name" in one}
    wrong = {key: one for key, one in by_name.items() if one.get("aria-invalid") == "true"}
    ids = {one.get("id") for one in page.of("p")}
    assert {name, *TOLD_AT.get(name, ())} & set(wrong), (name, list(wrong))
    for key, one in wrong.items():
        assert f"{key}-error" in one["aria-describedby"].split()
        assert f"{key}-error" in ids
    if name not in UNSEEN and kind != "textarea" and "\r" not in text:
        assert by_name[name]["value"] == text.replace("\x00", "\ufffd") or "\x00" in text


def stored(typist: Typist, name: str, text: str, answer: TestResponse) -> None:
    """Make sure that an accepted text came back as documented, and is shown as text."""
    where = KEPT.get((typist.form.endpoint, name))
    shown = harmless(typist.browser.get(answer.location).text)
    if where is None:
        return
    model, prefix = where
    record = UUID(answer.location.partition(prefix)[2].partition("/")[0].partition("?")[0])
    with db.reading() as session:
        kept: Any = session.get_one(model, record)
    wanted = unicodedata.normalize("NFC", text).strip()
    if model is Person:  # spaces and dots of a name have one form; an office sees it masked
        assert bare(kept.name) == bare(wanted)
        return
    assert kept.name == wanted
    assert any(wanted in part for part in shown.shown) or wanted in shown.text, wanted


def bare(name: str) -> str:
    """Return a name without spaces and with one kind of middle dot."""
    return "".join(name.split()).translate({ord(dot): "·" for dot in "•．‧・・"})
