"""The only commit and the only rollback."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm.exc import StaleDataError

from matchmaker.foundation.database import db, is_writing
from matchmaker.foundation.errors import EditConflict


@contextmanager
def transaction() -> Iterator[None]:
    """Run one act: everything inside is stored together or not at all.

    What was read before is read again inside, under the write lock. A refusal (DomainError) undoes the act.
    Errors: EditConflict when somebody else saved the same record first; RuntimeError when acts are nested.
    """
    if is_writing.get():
        raise RuntimeError("transactions do not nest")
    db.session.rollback()
    mark = is_writing.set(True)
    try:
        yield
        db.session.commit()
    except StaleDataError as stale:
        db.session.rollback()
        raise EditConflict from stale
    except BaseException:
        db.session.rollback()
        raise
    finally:
        is_writing.reset(mark)


def end_reading() -> None:
    """Let go of what a long command has read, so that it neither holds an old view nor a failed statement.

    Errors: RuntimeError inside an act.
    """
    if is_writing.get():
        raise RuntimeError("an act ends with its block")
    db.session.rollback()
