"""The database: models' base, types, and the only connection pattern that loses nothing.

On SQLite the driver must not open transactions by itself: a read begins with ``BEGIN``, a write with
``BEGIN IMMEDIATE``. Otherwise two writers that read first lose updates without an error. On PostgreSQL a read is
``READ ONLY`` and a write locks the rows it changes (``locked``).
"""

from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import pysqlite3
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, MetaData, String, event, select
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.types import TypeDecorator

WAL_RESET_BUG_FIXED_IN = (3, 51, 3)

is_writing: ContextVar[bool] = ContextVar("is_writing", default=False)
"""True only inside ``foundation.transaction.transaction``."""


class WriteOutsideTransaction(RuntimeError):
    """A change was attempted outside ``transaction()``: a programming error, never shown."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Tenths(TypeDecorator[Decimal]):
    """A figure with one decimal, stored exactly as an integer number of tenths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * 10).to_integral_exact())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 10


class ByValue(TypeDecorator[StrEnum]):
    """An enum stored by its value, so that a stored row can be read without the code."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__(40)
        self.enum = enum

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.enum(value)


class Model(DeclarativeBase):
    """The base of all tables; constraints get readable names."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime()}


db = SQLAlchemy(metadata=Model.metadata)


class Counter(Model):
    """The last number given in a series, for numbers without gaps or doubles."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


def next_number(series: str) -> int:
    """Take the next number of a series; the row stays locked until the transaction ends."""
    counter = db.session.scalar(select(Counter).where(Counter.series == series).with_for_update())
    if counter is None:
        counter = _first_counter(series)
    counter.last += 1
    db.session.flush()
    return counter.last


def _first_counter(series: str) -> Counter:
    """Make the series' row; when another writer made it first, wait for theirs."""
    insert: Any
    if db.engine.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    db.session.execute(insert(Counter).values(series=series, last=0).on_conflict_do_nothing())
    return db.session.scalars(select(Counter).where(Counter.series == series).with_for_update()).one()


def insert_new(model: Any, rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose key is new, inside the caller's transaction; return how many they were."""
    if not rows:
        return 0
    insert: Any
    if db.engine.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    # The rows are parameters: one statement with all values in it takes seconds to be put together.
    statement = insert(model.__table__).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    done = db.session.connection().execute(statement, rows)
    return int(done.rowcount)


Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """Read a row again and keep others from changing it until the transaction ends."""
    db.session.refresh(row, with_for_update={"of": type(row)})
    return row


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine settings for a database address. Errors: RuntimeError when SQLite is too old for WAL.

    Parameters stay out of error texts, which go to the log: they hold what people typed.
    """
    if not url.startswith("sqlite"):
        return {
            "pool_size": 8,
            "max_overflow": 4,
            "pool_timeout": 5,
            "pool_pre_ping": True,
            "hide_parameters": True,
            "connect_args": {"connect_timeout": 3, "options": "-c statement_timeout=8000 -c lock_timeout=8000"},
        }
    if pysqlite3.sqlite_version_info < WAL_RESET_BUG_FIXED_IN:
        raise RuntimeError(f"SQLite {pysqlite3.sqlite_version} can corrupt a WAL database; 3.51.3 or newer is needed")
    return {
        "module": pysqlite3,
        "connect_args": {"timeout": 15},
        "pool_size": 8,
        "max_overflow": 4,
        "pool_timeout": 5,
        "hide_parameters": True,
    }


def install(app: Flask) -> None:
    """Attach the connection pattern to the application's engine."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing.get() else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if not is_writing.get():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


@event.listens_for(Session, "before_flush")
def _refuse_flush_outside_transaction(session: Session, _context: object, _instances: object) -> None:
    if not is_writing.get() and (session.new or session.dirty or session.deleted):
        raise WriteOutsideTransaction("write inside transaction()")


@event.listens_for(Session, "do_orm_execute")
def _refuse_statement_outside_transaction(state: ORMExecuteState) -> None:
    if not is_writing.get() and (state.is_insert or state.is_update or state.is_delete):
        raise WriteOutsideTransaction("write inside transaction()")
