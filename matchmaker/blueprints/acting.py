"""What a press of a button does: one act in one transaction, and a sentence that says how it ended."""

from collections.abc import Callable
from datetime import datetime

from flask import flash

from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction


def acted(take: Callable[[datetime], object], done: str) -> bool:
    """Take the act, say ``done`` or why it was refused, and return whether it was taken."""
    try:
        with transaction():
            take(clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return False
    flash(done, "success")
    return True
