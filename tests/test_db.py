"""Transactions and counties: nothing lost, nothing nested, nobody in another county."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlmodel
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from orchard import db, ledger, settings
from orchard.accounts.models import Person
from orchard.turns import FairLock
from tests import make


def test_a_transaction_inside_a_transaction_is_an_error_at_once(database):
    with db.transaction(), pytest.raises(RuntimeError), db.transaction():
        pass
    with db.transaction() as session:
        ledger.note(session, "after", "works")


def test_what_was_said_in_a_failed_block_is_not_kept(database):
    with pytest.raises(ZeroDivisionError), db.transaction() as session:
        make.person(session)
        raise ZeroDivisionError
    with db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == 0


def count():
    with db.reading() as session:
        return session.execute(text("SELECT count(*) FROM person")).scalar_one()


def test_one_request_reads_over_one_connection_and_gives_it_back(database):
    pool = db.engine_for(db.county()).pool
    with db.one_reader():
        assert [count(), count(), pool.checkedout()] == [0, 0, 1]
        with db.one_reader():
            assert [count(), pool.checkedout()] == [0, 2]
        assert pool.checkedout() == 1
    assert pool.checkedout() == 0
    assert [count(), pool.checkedout()] == [0, 0]


def test_what_a_request_has_written_it_reads(database):
    with db.one_reader():
        assert count() == 0
        with db.transaction() as session:
            make.person(session)
            assert count() == 0
        assert count() == 1


def test_a_reader_inside_which_something_is_written_goes_on_with_the_new_state(database):
    pool = db.engine_for(db.county()).pool
    with db.one_reader():
        with db.reading() as session:
            seen = session.execute(text("SELECT count(*) FROM person")).scalar_one()
            with db.transaction() as writing:
                make.person(writing)
            assert session.execute(text("SELECT count(*) FROM person")).scalar_one() == seen + 1
        assert pool.checkedout() == 1
    assert pool.checkedout() == 0


def test_rows_and_entities_of_a_reader_see_one_state_until_something_is_written(database):
    people = select(func.count()).select_from(db.table_of(Person))
    pool = db.engine_for(db.county()).pool
    with db.one_reader(), db.reading() as session:
        assert [*db.rows(session, people, {})[0]] == [0]
        with db.transaction() as writing:
            make.person(writing)
            assert [*db.rows(writing, people, {})[0]] == [1]
        assert [*db.rows(session, people, {})[0]] == [1]
        assert len(session.exec(sqlmodel.select(Person)).all()) == 1
        assert pool.checkedout() == 1
    assert pool.checkedout() == 0


def test_a_statement_that_failed_does_not_stop_the_next_reading(database):
    with db.one_reader():
        with pytest.raises(DBAPIError), db.reading() as session:
            session.execute(text("SELECT nothing FROM nowhere"))
        assert count() == 0


def test_each_county_of_one_request_has_its_own_reader(sqlite_database):
    with db.one_reader():
        assert count() == 0
        settings.use(settings.get().model_copy(update={"counties": ("500154", "500101")}))
        with db.in_county("500101"), pytest.raises(DBAPIError, match="no such table"):
            count()


def test_a_row_whose_key_is_there_is_left_as_it_is(session):
    first = make.person(session, name="先来")
    again = Person(id=first.id, name="后到", created_at=make.NOW)
    assert not db.insert_once(session, again)
    session.expire_all()
    assert session.get(Person, first.id).name == "先来"


def test_a_row_whose_key_is_new_is_told_to_be_new(session):
    assert db.insert_once(session, Person(name="新来", created_at=make.NOW))


def test_twenty_threads_adding_lose_no_update(database):
    with db.transaction() as session:
        ledger.note(session, "sum", "0")

    def add(_turn: int) -> None:
        for _ in range(10):
            with db.transaction() as session:
                row = session.get(ledger.Installation, "sum", with_for_update=True)
                row.value = str(int(row.value) + 1)
                session.add(row)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(add, range(20)))
    with db.reading() as session:
        assert ledger.fact(session, "sum") == "200"


def test_every_sqlite_connection_is_safe(sqlite_database):
    engine = db.engine_for(db.county())
    open_ones = [engine.connect() for _ in range(6)]
    for connection in open_ones:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        connection.close()


def test_the_fair_lock_serves_whoever_waited_longest():
    lock, served = FairLock(), []
    lock.acquire(1)
    waiting = []
    for number in range(5):
        before = len(lock._waiting)
        thread = threading.Thread(target=lambda n=number: (lock.acquire(5), served.append(n)))
        thread.start()
        waiting.append(thread)
        while len(lock._waiting) == before:
            pass
    for number, thread in enumerate(waiting):
        lock.release()
        thread.join()
        assert served == list(range(number + 1))


def test_without_a_county_there_is_no_query(sqlite_database):
    settings.use(settings.get().model_copy(update={"counties": ("500154", "500101")}))
    with pytest.raises(db.NoCounty), db.reading() as session:
        session.execute(text("SELECT 1"))


def test_sampling_the_indexes_runs_on_both_and_tells_sqlite_their_size(database):
    with db.transaction() as session:
        for _ in range(3):
            make.person(session)
        db.weigh(session)
    if database == "sqlite":
        with db.reading() as session:
            known = text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'person'")
            assert session.execute(known).scalar_one() > 0
