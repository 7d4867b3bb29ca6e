"""A county is a schema on PostgreSQL and a file on SQLite; nobody ever sees another's rows."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel, func, select

from orchard import db, ledger, schema, settings
from orchard.accounts.models import Person
from orchard.places.models import Place
from orchard.places.rules import Level
from tests import make, postgres

FIRST, SECOND = "500154", "500101"
THREADS, TURNS = 12, 25


def _use_two(tmp_path, **values):
    settings.use(
        settings.Settings(
            counties=(FIRST, SECOND), data_dir=tmp_path, secret_key="test", pool_size=1, **values
        )
    )
    schema.upgrade()
    for code in (FIRST, SECOND):
        with db.in_county(code), db.transaction() as session:
            db.insert_all_once(
                session,
                Place,
                [
                    {"code": FIRST, "name": "开州区", "level": Level.COUNTY},
                    {"code": SECOND, "name": "万州区", "level": Level.COUNTY},
                ],
            )


@pytest.fixture
def two_on_postgres(tmp_path):
    """Two county schemas and a pool of two connections."""
    with postgres.server() as url:
        _use_two(tmp_path, database_url=url)
        yield url
        db.dispose()
        settings.use(None)


@pytest.fixture
def two_on_sqlite(tmp_path):
    """Two counties, each a file of its own."""
    _use_two(tmp_path)
    yield tmp_path
    db.dispose()
    settings.use(None)


def _write_and_read(turn: int) -> int:
    """Work in both counties by turns and return how many rows of another one were seen."""
    wrong = 0
    for number in range(TURNS):
        code = (FIRST, SECOND)[(turn + number) % 2]
        with db.in_county(code):
            with db.transaction() as session:
                make.person(session, name=code, village_code=code)
            with db.reading() as session:
                wrong += session.exec(
                    select(func.count()).select_from(Person).where(Person.name != code)
                ).one()
    return wrong


def _twelve_threads_see_only_their_county():
    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(_write_and_read, range(THREADS))) == 0
    for code in (FIRST, SECOND):
        with db.in_county(code), db.reading() as session:
            people = session.exec(select(func.count()).select_from(Person)).one()
            assert people == THREADS * TURNS // 2


def test_on_postgresql_twelve_threads_over_two_connections_see_no_wrong_row(two_on_postgres):
    _twelve_threads_see_only_their_county()
    assert db.engine_for(FIRST) is db.engine_for(SECOND)
    assert db.engine_for(FIRST).pool.size() + settings.get().pool_size == 2


def test_on_sqlite_twelve_threads_over_two_files_see_no_wrong_row(two_on_sqlite):
    _twelve_threads_see_only_their_county()
    assert sorted(path.name for path in two_on_sqlite.glob("*.db")) == [
        "orchard-500101.db",
        "orchard-500154.db",
    ]


def test_a_failed_write_leaves_the_next_one_in_its_own_county(two_on_postgres):
    for _ in range(4):
        with pytest.raises(ZeroDivisionError), db.in_county(FIRST), db.transaction() as session:
            make.person(session, village_code=FIRST)
            raise ZeroDivisionError
    with db.in_county(SECOND), db.reading() as session:
        assert session.exec(select(func.count()).select_from(Person)).one() == 0


def test_shared_tables_are_there_once_and_county_tables_in_each_schema(two_on_postgres):
    engine = create_engine(two_on_postgres)
    found = {name: set(inspect(engine).get_table_names(name)) for name in _schemas()}
    engine.dispose()
    scopes = {
        scope: {t.name for t in SQLModel.metadata.tables.values() if t.info["scope"] == scope}
        for scope in ("shared", "county")
    }
    assert found["shared"] - {"alembic_version"} == scopes["shared"]
    for code in (FIRST, SECOND):
        assert found[f"county_{code}"] - {"alembic_version"} == scopes["county"]


def _schemas() -> list[str]:
    return ["shared", f"county_{FIRST}", f"county_{SECOND}"]


def test_facts_of_one_county_are_not_the_others(two_on_sqlite):
    with db.in_county(FIRST), db.transaction() as session:
        ledger.note(session, "purpose", ledger.Purpose.DEMO)
    with db.in_county(SECOND), db.reading() as session:
        assert ledger.fact(session, "purpose") == ""


def test_every_table_says_its_scope_and_has_a_key():
    schema.load_models()
    for table in SQLModel.metadata.tables.values():
        assert table.info.get("scope") in {"county", "shared"}, table.name
        assert table.primary_key.columns, table.name
        assert table.schema is None, table.name


def test_foreign_keys_stay_inside_a_county_or_point_to_shared_tables():
    schema.load_models()
    for table in SQLModel.metadata.tables.values():
        for key in table.foreign_keys:
            there = key.column.table.info["scope"]
            assert there == "shared" or table.info["scope"] == "county", f"{table.name}: {key}"


def test_no_key_comes_from_a_sequence():
    schema.load_models()
    for table in SQLModel.metadata.tables.values():
        assert table.autoincrement_column is None, table.name
