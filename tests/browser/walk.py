"""The demonstration county behind a real server, and every page that a role can reach in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlmodel import Session, select
from werkzeug.exceptions import HTTPException

from orchard import clock, db, settings
from orchard.accounts import services as accounts
from orchard.accounts.models import Account
from orchard.accounts.rules import Role
from orchard.app import create_app
from orchard.cli.demo import build
from orchard.demo.cast import cast
from orchard.synth import names
from tests.make import NOW
from tests.server import Browser, Server, running, signed_in

LINK = re.compile(r'href="(/[^"#]*)')
NOT_PAGES = ("static", "display.", "health.", "api_")


@dataclass
class County:
    """A served county; app knows its addresses."""

    server: Server
    app: Flask
    somebody: UUID  # who has an account; the first in a town's list of people may have none

    @property
    def url(self) -> str:
        """Return where it is served."""
        return f"http://{self.server.host}:{self.server.port}"

    def endpoint(self, path: str) -> str | None:
        """Return the name of the page at a path, or None where nothing is."""
        try:
            name, _ = self.app.url_map.bind("localhost").match(path.partition("?")[0])
        except HTTPException:
            return None
        return str(name)

    def pages(self) -> set[str]:
        """Return the names of all pages that a browser can open."""
        found = {
            rule.endpoint for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())
        }
        return {name for name in found if not name.startswith(NOT_PAGES)}


@contextmanager
def demonstration(folder: Path) -> Iterator[County]:
    """Build the demonstration county in a folder, at the tests' fixed moment, and serve it."""
    settings.use(settings.Settings(data_dir=folder, secret_key="test"))
    try:
        with clock.frozen_at(NOW), db.in_county(settings.get().counties[0]):
            build()
            with db.reading() as session:
                somebody = _account_of(Role.GROWER, session).person_id
        with running() as server:
            yield County(server, create_app(), somebody)
    finally:
        db.dispose()
        settings.use(None)


def visitor(county: County, role: Role | None) -> Browser:
    """Return a connection of the printed person of a role, or of nobody."""
    if role is None:
        return Browser(county.server)
    with db.in_county(settings.get().counties[0]), db.transaction() as session:
        token = accounts.begin_session(session, _account_of(role, session), now=NOW)
    return signed_in(county.server, token)


def _account_of(role: Role, session: Session) -> Account:
    person = next(one for one in cast().shown if one.role == role)
    return session.exec(select(Account).where(Account.phone == names.phone(person.phone))).one()


def reachable(county: County, visitor: Browser) -> dict[str, str]:
    """Follow every link from the first page on; return one path for each page found."""
    found: dict[str, str] = {}
    waiting = [visitor.get("/").location or "/", f"/people/{county.somebody}"]
    while waiting:
        path = waiting.pop(0)
        name = county.endpoint(path)
        if name is None or name in found or name not in county.pages():
            continue
        answer = visitor.get(path)
        assert answer.status < 500, f"{path} is broken"
        if answer.status == 200 and "<html" in answer.text:
            found[name] = path
            waiting += [href.replace("&amp;", "&") for href in LINK.findall(answer.text)]
        elif answer.status == 303:
            waiting.append(answer.location)
    return found
