"""Queue a message in the same transaction as its cause."""

from datetime import datetime
from typing import Any, Protocol

from flask import current_app

from matchmaker.foundation.database import db
from matchmaker.foundation.text import tidy_line
from matchmaker.notices.models import Notice


class Person(Protocol):
    """Somebody with an account."""

    @property
    def id(self) -> int: ...
    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...


def tell(person: Person, kind: str, *, at: datetime, unsubscribe_path: str = "", **values: Any) -> Notice:
    """Write one mail to somebody with an account; the template gets the name beside ``values``."""
    return queue(
        kind,
        to_email=person.email,
        to_user_id=person.id,
        at=at,
        unsubscribe_path=unsubscribe_path,
        name=person.name,
        **values,
    )


def queue(
    kind: str,
    *,
    to_email: str,
    at: datetime,
    to_user_id: int | None = None,
    unsubscribe_path: str = "",
    **values: Any,
) -> Notice:
    """Write one mail into the outbox. ``unsubscribe_path``: where mail programs may stop mails of this kind.

    The template ``notices/<kind>.txt`` has the subject on its first line, then an empty line, then the text. It gets
    ``values`` and ``base_url``; addresses of pages come from the settings only, never from a request.
    """
    # Not render_template: a mail knows nothing of the request or of the person who is signed in.
    template = current_app.jinja_env.get_template(f"notices/{kind}.txt")
    base_url = current_app.config["BASE_URL"]
    rendered = template.render(base_url=base_url, **values)
    subject, _, body = rendered.strip().partition("\n")
    notice = Notice(
        kind=kind,
        to_email=to_email,
        to_user_id=to_user_id,
        subject=tidy_line(subject)[:200],
        body=body.strip() + "\n",
        unsubscribe_url=f"{base_url}{unsubscribe_path}" if unsubscribe_path else "",
        queued_at=at,
        next_try_at=at,
        tries=0,
    )
    db.session.add(notice)
    return notice
