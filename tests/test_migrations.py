"""Each revision goes up, down and up again on a filled database, and never half of it."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import Enum, Table, inspect, text
from sqlmodel import SQLModel

from orchard import db, revision, schema, settings
from orchard.cli import main
from tests import postgres
from tests.engines import slow_on

ROWS = 3
# Optional columns that a CHECK wants to be filled; all other optional ones stay empty.
NEEDED = {("account_grant", "place_code"), ("plot", "grower_id")}
KILLED_AT_FIRST = "0003_plots"  # revision of the filled database whose upgrade is killed


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request, tmp_path):
    """Put an empty database in force, without any table."""
    chosen = {"data_dir": tmp_path, "secret_key": "test"}
    if request.param == "sqlite":
        settings.use(settings.Settings(**chosen))
        yield request.param
    else:
        with postgres.server() as url:
            settings.use(settings.Settings(database_url=url, **chosen))
            yield request.param
            db.dispose()
    db.dispose()
    settings.use(None)


def _fill() -> None:
    """Put rows into every table that is there, into the columns that it has at this revision."""
    schema.load_models()
    made: dict[str, list[dict[str, object]]] = {}
    with db.transaction() as session:
        there = _tables(session)
        for table in SQLModel.metadata.sorted_tables:
            if table.name in there:
                rows = [_row(table, number, made) for number in range(ROWS)]
                made[table.name] = rows
                columns = there[table.name] & rows[0].keys()
                session.execute(table.insert(), [{c: row[c] for c in columns} for row in rows])


def _row(table: Table, number: int, made) -> dict[str, object]:
    values = {column.name: _value(table, column, number) for column in table.columns}
    for key in table.foreign_key_constraints:
        parents = made.get(key.referred_table.name)
        for column, element in zip(key.columns, key.elements, strict=True):
            if values[column.name] is not None and parents:
                values[column.name] = parents[number][element.column.name]
    return values


def _value(table: Table, column, number: int) -> object:
    if column.nullable and (table.name, column.name) not in NEEDED:
        return None
    if isinstance(column.type, Enum):
        return column.type.enums[number if column.primary_key else 0]
    kind = getattr(column.type, "impl_instance", column.type).python_type
    return {
        UUID: UUID(int=(sum(table.name.encode()) << 64) + number),
        str: f"{number}" * 6,
        int: number + 1 if column.primary_key else number % 2 + 1,  # half days end at 2
        float: number + 0.5,
        bool: True,
        bytes: b"%d" % number,
        date: date(2026, 11, 23 + number),
        datetime: datetime(2026, 11, 23, number, tzinfo=UTC),
    }[kind]


def _tables(session) -> dict[str, set[str]]:
    """Return the tables that are there and their columns."""
    inspector = inspect(session.connection())
    paths = [None] if session.get_bind().dialect.name == "sqlite" else _schemas()
    return {
        name: {column["name"] for column in inspector.get_columns(name, path)}
        for path in paths
        for name in inspector.get_table_names(path)
    }


def _schemas() -> list[str]:
    return ["shared", f"county_{db.county()}"]


def _rows() -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, in an order that does not depend on the table's."""
    with db.reading() as session:
        return {
            name: sorted(
                (dict(row) for row in session.execute(text(f"SELECT * FROM {name}")).mappings()),
                key=str,
            )
            for name in _tables(session).keys() - {"alembic_version"}
        }


def _assert_untouched(before, after) -> None:
    """Compare what both states have: the columns that a revision did not touch keep their rows."""
    for name in before.keys() & after.keys():
        if before[name] and after[name]:
            both = before[name][0].keys() & after[name][0].keys()
            kept = [[{c: row[c] for c in both} for row in rows[name]] for rows in (before, after)]
            assert sorted(kept[0], key=str) == sorted(kept[1], key=str), name


@slow_on("postgres", "empty")
def test_every_revision_goes_up_down_and_up_on_a_filled_database(empty):
    steps = ["base", *revision.known()]
    schema.upgrade()
    _fill()
    before = _rows()
    assert before and all(len(rows) == ROWS for rows in before.values())
    for older, newer in reversed(list(zip(steps, steps[1:], strict=False))):
        schema.downgrade(older)
        assert revision.current(db.county()) == older.replace("base", "")
        down = _rows()
        _assert_untouched(before, down)
        assert all(down.values()), "a row was lost on the way down"
        schema.upgrade(newer)
        up = _rows()
        _assert_untouched(down, up)
        assert all(up[name] for name in down)
        schema.downgrade(older)
    schema.upgrade()
    assert schema.differences(db.county()) == []


@slow_on("postgres", "empty")
def test_an_objection_that_the_older_schema_does_not_know_keeps_its_place(empty):
    schema.upgrade()
    _fill()
    with db.transaction() as session:
        session.execute(text("UPDATE pay_answer SET state = 'objected', reason = 'not_received'"))
    schema.downgrade("0012_visit_messages")
    assert {row["reason"] for row in _rows()["pay_answer"]} == {"other"}
    schema.upgrade()
    assert schema.differences(db.county()) == []


@slow_on("postgres", "empty")
def test_db_check_tells_a_good_schema_from_an_old_and_a_changed_one(empty):
    check = ["db", "check"]
    assert CliRunner().invoke(main, check).exit_code == 1
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    assert CliRunner().invoke(main, check).output == "schema and models agree\n"
    with db.transaction() as session:
        session.execute(text("ALTER TABLE person ADD COLUMN shoe_size INTEGER"))
    done = CliRunner().invoke(main, check)
    assert done.exit_code == 1
    assert "shoe_size" in done.output


def test_there_is_one_line_of_revisions_with_short_names():
    known = revision.known()
    script = ScriptDirectory.from_config(schema.config(revision.Target("all", "")))
    assert [each.revision for each in script.walk_revisions()] == known[::-1]
    assert script.get_heads() == [revision.head()]
    assert all(len(name) <= 32 for name in known)  # alembic_version.version_num


KILLER = """
import os, signal, sys
from sqlalchemy import Engine, event
from orchard import schema
left = int(sys.argv[1])
@event.listens_for(Engine, "after_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
schema.upgrade()
"""


def _upgrade_and_die(number: int) -> bool:
    """Upgrade in a process that is killed after so many statements; False when it lived on."""
    chosen = settings.get()
    address = {"ORCHARD_DATA_DIR": str(chosen.data_dir), "ORCHARD_DATABASE_URL": chosen.url}
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(number)], env=os.environ | address, check=False
    )
    return done.returncode == -signal.SIGKILL


def _killed_at(numbers) -> int:
    """Kill upgrades of a filled database; each leaves the old schema whole or the new one."""
    schema.upgrade(KILLED_AT_FIRST)
    _fill()
    before, kills = _rows(), 0
    for number in numbers:
        db.dispose()
        if not _upgrade_and_die(number):
            break
        kills += 1
        at = revision.current(db.county())
        after = _rows()
        _assert_untouched(before, after)
        if at == KILLED_AT_FIRST:
            assert after.keys() == before.keys()
        else:
            assert schema.differences(db.county()) == []
            schema.downgrade(KILLED_AT_FIRST)
    schema.upgrade()
    assert schema.differences(db.county()) == []
    assert CliRunner().invoke(main, ["db", "check"]).exit_code == 0
    _assert_untouched(before, _rows())
    return kills


@slow_on("postgres", "empty")
def test_an_upgrade_killed_half_way_leaves_no_half_schema(empty):
    assert _killed_at((9,)) == 1


@pytest.mark.campaign
def test_an_upgrade_killed_after_each_of_its_statements_leaves_no_half_schema(empty):
    assert _killed_at(range(1, 200)) >= 10
