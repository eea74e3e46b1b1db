"""Demonstration accounts: everybody knows their password, so they may exist nowhere else."""

from flask import Flask
from sqlalchemy import exists, inspect, select
from sqlalchemy.exc import OperationalError

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db


class DemoAccountsInProduction(RuntimeError):
    """The production database holds accounts whose password is public."""


def is_loaded() -> bool:
    """Say whether the database holds demonstration accounts."""
    return bool(db.session.scalar(select(exists().where(User.is_demo.is_(True)))))


def refuse_in_production(app: Flask) -> None:
    """Keep a production application from starting on a demonstration database.

    A database without tables has no accounts; one that cannot be reached is told of by each page, and the sign-in
    refuses demonstration accounts by itself. Errors: DemoAccountsInProduction.
    """
    if not app.config["IS_PRODUCTION"]:
        return
    with app.app_context():
        try:
            has_demo = inspect(db.engine).has_table(User.__tablename__) and is_loaded()
        except OperationalError:
            return
        finally:
            db.session.remove()
            # Server processes are forked after this: they must not share the connection.
            db.engine.dispose()
    if has_demo:
        raise DemoAccountsInProduction("the database holds demonstration accounts; production needs its own")
