"""ID numbers stand in clear nowhere: file, WAL, backup, log, page, interface, message, address."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from orchard import clock, db, settings
from orchard.backup.services import back_up
from orchard.errors import FieldRefused
from orchard.hiring.models import Hire
from orchard.ids import new_id
from orchard.wages import identity, sealing
from orchard.wages.models import IdNumber
from orchard.web.parked import SECRET
from tests import make, server
from tests.client import client
from tests.jobs import night
from tests.server import Browser
from tests.wages.earning import NUMBER, OTHER_NUMBER, TODAY, firm, worked_line, works

CANARIES = (NUMBER, OTHER_NUMBER, NUMBER[:17], NUMBER[6:14] + "0002", NUMBER[3:14])
OPENS = "/work/id-number/full"  # the one page that shows it, to its owner after the secret


def made():
    with db.transaction() as session:
        here = firm(session)
        worked_line(session, here)
    return here


def nowhere(*texts: str | bytes) -> None:
    for text in texts:
        raw = text if isinstance(text, bytes) else text.encode()
        for canary in CANARIES:
            assert canary.encode() not in raw
            assert canary.encode("utf-16-le") not in raw


def test_no_number_in_clear_in_file_wal_backup_page_or_interface(sqlite_database, tmp_path):
    with clock.frozen_at(make.NOW):
        here, other = made(), made()
        worker, manager = client(here.worker_token), client(here.token)
        person = f"/pay/{here.hire.person_id}"
        told = [
            worker.post_form("/work/id-number", {"id_number": NUMBER}),
            worker.post_form("/work/id-number", {"id_number": f"{NUMBER}1"}),
            manager.post_form(f"{person}/id-number", {"id_number": OTHER_NUMBER}),
            worker.post_form("/work/id-number", {"id_number": OTHER_NUMBER}),
            client(other.token).post_form(
                f"/pay/{other.hire.person_id}/id-number", {"id_number": OTHER_NUMBER}
            ),
            client().put(
                f"/api/v1/people/{other.hire.person_id}/id-number",
                json={"id_number": OTHER_NUMBER, "hand_over": True},
                headers=other.bearer,
            ),
            client().put(
                f"/api/v1/people/{here.hire.person_id}/id-number",
                json={"id_number": OTHER_NUMBER},
                headers=here.worker_bearer,
            ),
            *[worker.get(path) for path in ("/work", "/work/id-number", "/account", "/messages")],
            *[manager.get(path) for path in ("/pay", person, f"{person}/id-number")],
        ]
        nowhere(*[answer.get_data() + str(answer.headers).encode() for answer in told])
        assert OTHER_NUMBER in worker.get(OPENS).text
        wal = sqlite_database.with_name("orchard.db-wal")
        assert wal.exists()
        nowhere(sqlite_database.read_bytes(), wal.read_bytes())
        back_up(tmp_path / "kept.zip", now=make.NOW)
        with zipfile.ZipFile(tmp_path / "kept.zip") as archive:
            nowhere(*[archive.read(name) for name in archive.namelist()])
            assert not [name for name in archive.namelist() if "key" in name]


def test_no_number_in_the_log_or_in_what_is_parked(sqlite_database):
    with clock.frozen_at(make.NOW):
        here = made()
        with server.running() as running:
            token = Browser(running).token("/sign-in")
            stranger = Browser(running)
            stranger.post("/work/id-number", {"csrf_token": token, "id_number": NUMBER})
            worker = server.signed_in(running, here.worker_token)
            form = {"csrf_token": worker.token("/work/id-number"), "id_number": NUMBER}
            assert worker.post("/work/id-number", form).status == 303
            assert worker.post("/work/id-number", {**form, "id_number": NUMBER[:-1]}).status == 422
            assert running.stop() == 0
            nowhere(running.log.read_bytes())
    assert "id_number" in SECRET


def test_a_sealed_number_opens_with_its_key_for_its_person_only(sqlite_database):
    here = made()
    key, sealed = sealing.seal(NUMBER, here.hire.person_id)
    assert sealing.seal(NUMBER, here.hire.person_id)[1] != sealed  # never the same twice
    assert sealing.unseal(key, sealed, here.hire.person_id) == NUMBER
    for wrong in (
        (key, sealed, new_id()),
        ("0" * 16, sealed, here.hire.person_id),
        (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), here.hire.person_id),
    ):
        with pytest.raises(sealing.KeyMissing):
            sealing.unseal(*wrong)
    assert sealing.number_hash(NUMBER) != sealing.number_hash(OTHER_NUMBER)


def use(folder: Path, keys: str) -> None:
    settings.use(settings.Settings(data_dir=folder, secret_key="test", field_keys=keys))


def test_keys_are_changed_without_losing_a_number(sqlite_database, tmp_path):
    use(tmp_path, "first-key")
    here = made()
    with db.transaction() as session:
        identity.write_number(
            session, here.worker, here.hire.person_id, NUMBER, now=make.NOW, today=TODAY
        )
        before = session.exec(select(IdNumber)).one().model_dump()
    use(tmp_path, "second-key, first-key")
    with db.transaction() as session:
        lost = make.worker(session)
        row = {"key_id": "0" * 16, "sealed": b"0" * 40, "keyed_hash": "0" * 64}
        session.add(
            IdNumber(person_id=lost.id, **row, masked=before["masked"], written_at=make.NOW)
        )
    assert night.run("id-numbers") == {"sealed": 1, "unopened": 1}
    assert night.run("id-numbers") == {"sealed": 0, "unopened": 1}
    with db.transaction() as session:
        assert session.get_one(IdNumber, lost.id).sealed == row["sealed"]
        kept = session.get_one(IdNumber, here.hire.person_id)
        assert kept.key_id != before["key_id"]
        assert kept.keyed_hash == before["keyed_hash"] == sealing.number_hash(NUMBER)
        assert sealing.unseal(kept.key_id, kept.sealed, kept.person_id) == NUMBER
        other = firm(session)
        worked_line(session, other)
        with pytest.raises(FieldRefused, match="wages.id.elsewhere"):
            identity.write_number(
                session, other.worker, other.hire.person_id, NUMBER, now=make.NOW, today=TODAY
            )
    use(tmp_path, "third-key")
    with db.reading() as session, pytest.raises(sealing.KeyMissing):
        identity.own_number(session, with_session(here), now=make.NOW)


def with_session(here):
    """Return the worker as his running session makes him."""
    from orchard.accounts.queries import caller_of_session
    from orchard.accounts.services import token_hash

    with db.reading() as session:
        found = caller_of_session(session, token_hash(here.worker_token), now=make.NOW)
    assert found is not None
    return found[0]


def test_two_who_give_one_number_at_once_one_keeps_it(database):
    from tests.crowd import at_once

    with clock.frozen_at(make.NOW):
        firms = [made() for _ in range(8)]
        app, turn = client().application, iter(firms)

        def give():
            browser = client(next(turn).worker_token, app=app)
            return browser.post_form("/work/id-number", {"id_number": NUMBER}).status_code

        assert sorted(at_once(8, give)) == [303] + [422] * 7
    with db.reading() as session:
        assert len(session.exec(select(IdNumber)).all()) == 1


def test_the_office_counts_who_has_no_number(session):
    here = firm(session)
    works(session, here.hire)
    hires = col(Hire.employer_id) == here.firm.id
    assert identity.missing_numbers(session, hires) == 0
    worked_line(session, here, TODAY - timedelta(9))
    assert identity.missing_numbers(session, hires) == 1
    identity.write_number(
        session, here.worker, here.hire.person_id, NUMBER, now=make.NOW, today=TODAY
    )
    assert identity.missing_numbers(session, hires) == 0
