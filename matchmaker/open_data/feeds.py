"""What is new, as feeds: proposals as Atom, calls and their deadlines as iCalendar."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select

from matchmaker.foundation.clock import JAPAN, day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import public_clause
from matchmaker.review.call_models import Call

NEWEST = 30


def newest_proposals() -> list[Proposal]:
    """Return the public proposals that were saved last."""
    query = select(Proposal).where(public_clause()).order_by(Proposal.saved_at.desc(), Proposal.id.desc())
    return list(db.session.scalars(query.limit(NEWEST)))


def calls_calendar(base_url: str, *, at: datetime) -> bytes:
    """Return a calendar (RFC 5545) of the published calls: opening, deadline, and the days of the stages.

    A cancelled call stays, marked as cancelled, so that programs which have read it take it back.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Kyoso Matching//Calls//JA")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("協創マッチングの募集"))
    host = base_url.split("//", 1)[-1]
    query = select(Call).where(Call.published_at.is_not(None)).order_by(Call.opens_at, Call.id)
    for call in db.session.scalars(query):
        address = f"{base_url}/calls/{call.number}"
        for name, event in _events(call).items():
            event.add("uid", f"{call.number}-{name}@{host}")
            event.add("dtstamp", at.astimezone(UTC))
            event.add("url", address)
            if call.cancelled_at is not None:
                event.add("status", "CANCELLED")
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(call: Call) -> dict[str, Event]:
    opens, closes = Event(), Event()
    opens.add("summary", _("募集開始：%(title)s", title=call.title))
    opens.add("dtstart", day_of(call.opens_at))
    opens.add("dtend", day_of(call.opens_at) + timedelta(days=1))
    closes.add("summary", _("募集の締め切り：%(title)s", title=call.title))
    closes.add("dtstart", call.closes_at.astimezone(JAPAN) - timedelta(hours=1))
    closes.add("dtend", call.closes_at.astimezone(JAPAN))
    found = {"opens": opens, "closes": closes}
    for stage in call.stages:
        event = Event()
        event.add("summary", f"{stage.kind.label}：{call.title}")
        event.add("dtstart", stage.held_on)
        event.add("dtend", stage.held_on + timedelta(days=1))
        if stage.place:
            event.add("location", stage.place)
        found[stage.kind.value] = event
    return found
