"""What is run as it was prepared answers as SQLAlchemy does, on both databases."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, bindparam, event, func, literal, select
from sqlalchemy.exc import OperationalError, StatementError

from orchard import clock, db, prepared
from orchard.accounts import queries as accounts
from orchard.accounts.models import Account, Grant, Person
from orchard.accounts.rules import Role
from orchard.ledger import JobRun, RunState
from tests import make

NOW = datetime(2026, 3, 1, 4, 5, 6, 789, tzinfo=UTC)
_PERSON, _GRANT = db.table_of(Person), db.table_of(Grant)
_A, _G, _P, _J = (db.table_of(model).c for model in (Account, Grant, Person, JobRun))
STATEMENTS = [
    select(
        _P.id, _P.name, _P.phone, _P.created_at, _P.phone.is_not(None).label("reachable")
    ).order_by(_P.id),
    select(_A.id, _P.name, _G.role, _G.place_code, _G.ended_at)
    .join(_PERSON, _P.id == _A.person_id)
    .outerjoin(_GRANT, (_G.account_id == _A.id) & _G.ended_at.is_(None))
    .where(_A.id == bindparam("id", type_=_A.id.type)),
    select(_J.job, _J.state, _J.slot)
    .where(_J.slot >= bindparam("since", type_=_J.slot.type), _J.state == RunState.RUNNING)
    .order_by(_J.slot.desc())
    .limit(2),
    select(func.count(), literal("x").label("x")).where(_P.name.in_(["刘洪", "向明"])),
    select(_P.name).where(_P.id.in_(bindparam("ids", expanding=True))).order_by(_P.id),
]


@pytest.fixture
def values(database):
    with db.transaction() as session:
        people = [make.person(session, name=name) for name in ("刘洪", "向明", "无号")]
        account = make.account(session, Role.TECHNICIAN)
        for hours in range(3):
            slot = NOW + timedelta(hours=hours)
            row = JobRun(job=f"j{hours}", slot=slot, state=RunState.RUNNING, claimed_by="me")
            row.heartbeat_at = row.started_at = slot
            session.add(row)
    return {"id": account.id, "since": NOW, "ids": [people[0].id, people[2].id]}


@pytest.mark.parametrize("place", range(len(STATEMENTS)))
def test_rows_are_the_same_with_the_same_names_and_kinds(values, place):
    with db.reading() as session:
        found = db.rows(session, STATEMENTS[place], values)
        wanted = session.connection().execute(STATEMENTS[place], values).all()
    assert [tuple(row) for row in found] == [tuple(row) for row in wanted]
    assert [list(map(type, row)) for row in found] == [list(map(type, row)) for row in wanted]
    assert found
    assert list(found[0]._fields) == list(wanted[0]._fields)


def test_a_missing_value_is_an_error(database):
    with db.reading() as session, pytest.raises((KeyError, StatementError)):
        db.rows(session, STATEMENTS[1], {})


def test_a_value_that_cannot_be_stored_is_an_error(database):
    with db.reading() as session, pytest.raises((AttributeError, StatementError)):
        db.rows(session, STATEMENTS[1], {"id": "no uuid"})


def test_what_sqlite_refuses_is_told_as_elsewhere(sqlite_database):
    statement = select(_P.name)
    with db.reading() as session:
        db.rows(session, statement, {})
    with db.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE person RENAME TO gone")
    with db.reading() as session, pytest.raises(OperationalError, match="no such table"):
        db.rows(session, statement, {})


def test_several_reads_see_one_state(sqlite_database):
    counted = select(func.count(_P.id))
    with db.reading() as session:
        ((before,),) = db.rows(session, counted, {})
        with db.engine_for(db.county()).execution_options(writes=True).begin() as other:
            row = {"id": uuid4(), "name": "后来", "village_code": make.VILLAGE}
            other.execute(db.table_of(Person).insert(), row | {"created_at": clock.now()})
        ((after,),) = db.rows(session, counted, {})
    with db.reading() as session:
        ((later,),) = db.rows(session, counted, {})
    assert (after, later) == (before, before + 1)


def test_who_counts_queries_counts_these(sqlite_database):
    counted = []

    def note(_connection, _cursor, statement, *_rest):
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with db.reading() as session:
            accounts.caller_of_session(session, "nobody", now=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len([text for text in counted if text.startswith("SELECT account.id")]) == 1


def test_only_what_depends_on_its_values_is_left_to_sqlalchemy():
    ready = [prepared.prepare(statement) is not None for statement in STATEMENTS]
    assert ready == [True, True, True, False, False]


def test_a_writer_sees_what_it_has_written(database):
    with db.transaction() as session:
        session.add(Person(name="才写", village_code=make.VILLAGE, created_at=NOW))
        named = select(_P.name).where(_P.name == "才写")
        assert [tuple(row) for row in db.rows(session, named, {})] == [("才写",)]
