"""The demonstration's call, its themes, and the talks before it (``seeds/demo.json``)."""

from datetime import datetime, timedelta
from typing import Any

from matchmaker.foundation.clock import day_of
from matchmaker.foundation.fiscal_year import fiscal_year_of
from matchmaker.permissions.grants import Role
from matchmaker.review import calls, consultation, joining
from matchmaker.review.call_facts import CallFacts, StageFacts, ThemeFacts, opening_of
from matchmaker.review.call_models import Call, StageKind
from matchmaker.review.consultation import Offered
from matchmaker.review.criteria_templates import template
from matchmaker.seeding.journeys import Journeys

WRITTEN_BEFORE = timedelta(days=45)


def add_calls(records: dict[str, Any], journeys: Journeys) -> None:
    """Store the call as it was published before it opened, the draft that is written for it, and the talks."""
    call = _add_call(records["call"], journeys)
    for entry in records["call"]["written_for"]:
        value = f"{call.number}/{call.themes[entry['theme']].number}"
        actor = journeys.users[Role.NPO]
        joining.choose(journeys.proposals[entry["proposal"]], value, actor=actor, at=journeys.at)
    for entry in records["consultations"]:
        _add_talk(entry, journeys)


def _add_call(entry: dict[str, Any], journeys: Journeys) -> Call:
    office, at, today = journeys.users[Role.NPO_OFFICE], journeys.at - WRITTEN_BEFORE, day_of(journeys.at)
    chosen = template(entry["criteria"])
    facts = CallFacts(
        title=entry["title"],
        aim=entry["aim"],
        eligibility=entry["eligibility"],
        publication_rules=entry["publication_rules"],
        accepts_free_theme=True,
        consultation_from_on=today + timedelta(days=entry["consultation_from_in_days"]),
        opens_on=today + timedelta(days=entry["opens_in_days"]),
        closes_on=today + timedelta(days=entry["closes_in_days"]),
        grace_minutes=entry["grace_minutes"],
        pass_percent=chosen.pass_percent,
        themes=tuple(
            ThemeFacts("", journeys.division.id, theme["title"], theme["issue"], theme["wish"])
            for theme in entry["themes"]
        ),
        stages=tuple(
            StageFacts(StageKind(kind), today + timedelta(days=days), place) for kind, days, place in entry["stages"]
        ),
        criteria=chosen.criteria,
    )
    call = calls.draft(facts, fiscal_year=fiscal_year_of(today), actor=office, at=at)
    calls.publish(call, actor=office, at=at)
    return call


def _add_talk(entry: dict[str, Any], journeys: Journeys) -> None:
    keeper = journeys.users[Role.DIVISION if entry["with"] == "division" else Role.NPO_OFFICE]
    starts_at = _hour(journeys, entry["in_days"], entry["hour"])
    division_id = journeys.division.id if entry["with"] == "division" else None
    offered_at = starts_at - timedelta(days=15)
    wanted = Offered(starts_at, 60, 1, entry["place"], entry["is_online"], 1, division_id)
    [slot] = consultation.offer(wanted, actor=keeper, at=offered_at)
    if "subject" not in entry:
        return
    proposal, member = journeys.proposals.get(entry.get("proposal", "")), journeys.users[Role.NPO]
    booked_at = offered_at + timedelta(days=1)
    talk = consultation.book(slot, proposal=proposal, subject=entry["subject"], actor=member, at=booked_at)
    if "note" in entry:
        consultation.note(talk, **entry["note"], actor=keeper, at=starts_at + timedelta(hours=2))


def _hour(journeys: Journeys, in_days: int, hour: int) -> datetime:
    return opening_of(day_of(journeys.at) + timedelta(days=in_days)) + timedelta(hours=hour)
