"""Finds every form that a role can reach, by opening pages as it does and reading their HTML."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag

from werkzeug.exceptions import HTTPException

from orchard.accounts.rules import Role
from tests.client import Client, client
from tests.robust.cast import Cast

TYPED = frozenset({"text", "tel", "search", "number", "date", "password", "email", "textarea"})
CHOSEN = frozenset({"hidden", "radio", "checkbox", "select"})
PAGES_OF_ONE_KIND = 2


@dataclass
class Form:
    """One form: where it stands, where it goes, and its fields with their kinds and values."""

    page: str
    action: str
    method: str
    kinds: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    endpoint: str = ""
    role: Role | None = None

    def names(self, kinds: frozenset[str]) -> list[str]:
        """Return the fields of some kinds; the token is no field of a person."""
        return [name for name, kind in self.kinds.items() if kind in kinds and name != "csrf_token"]


class Reader(HTMLParser):
    """Collects the forms and links of one page."""

    def __init__(self, page: str, html: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link, a form or a field."""
        has = {name: value or "" for name, value in attrs}
        if tag == "a" and has.get("href", "").startswith("/"):
            self.links.append(urldefrag(has["href"])[0])
        if tag == "form":
            method = has.get("method", "get").upper()
            self._form = Form(self.page, has.get("action") or self.page, method)
            self.forms.append(self._form)
        if self._form is not None:
            self._note(tag, has, self._form)

    def _note(self, tag: str, has: dict[str, str], form: Form) -> None:
        name = has.get("name", "")
        if tag == "select":
            self._select = name
            form.kinds[name] = "select"
        elif tag == "option" and self._select:
            if "selected" in has or not form.values.get(self._select):
                form.values[self._select] = has.get("value", "")
        elif tag == "textarea":
            form.kinds[name] = "textarea"
            form.values.setdefault(name, "")
        elif tag == "input" and name:
            kind = form.kinds[name] = has.get("type", "text")
            if kind not in ("radio", "checkbox") or "checked" in has or name not in form.values:
                form.values[name] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Note where a form or a list of options ends."""
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""


def clients(cast: Cast) -> dict[Role | None, Client]:
    """Return a browser per role, and one that nobody is signed in with."""
    first = client()
    made: dict[Role | None, Client] = {None: first}
    for role, token in cast.sessions.items():
        made[role] = client(token, app=first.application)
    return made


def found_by(role: Role | None, browser: Client) -> Iterator[Form]:
    """Yield every form that a role meets when it follows the links from all plain addresses."""
    adapter = browser.application.url_map.bind("")
    rules = browser.application.url_map.iter_rules()
    todo = ["/", *(rule.rule for rule in rules if "GET" in rule.methods and not rule.arguments)]
    seen: Counter[str] = Counter()
    done = set()
    while todo:
        path = todo.pop(0)
        endpoint = endpoint_of(adapter, path, "GET")
        if path in done or path.startswith("/api/") or seen[endpoint] >= PAGES_OF_ONE_KIND:
            continue
        done.add(path)
        seen[endpoint] += 1
        answer = browser.get(path)
        if answer.status_code == 303:
            todo.append(answer.location)
        if answer.mimetype != "text/html":
            continue
        page = Reader(path, answer.text)
        todo += page.links
        for form in page.forms:
            to = endpoint_of(adapter, form.action, form.method)
            yield replace(form, endpoint=to, role=role)


def endpoint_of(adapter: Any, path: str, method: str) -> str:
    """Return which endpoint an address leads to."""
    try:
        return str(adapter.match(path.partition("?")[0], method=method)[0])
    except HTTPException:
        return ""


def every_form(browsers: dict[Role | None, Client]) -> dict[tuple[str, Role | None], Form]:
    """Return one form for each endpoint and role."""
    found: dict[tuple[str, Role | None], Form] = {}
    for role, browser in browsers.items():
        for form in found_by(role, browser):
            found.setdefault((form.endpoint, role), form)
    return found
