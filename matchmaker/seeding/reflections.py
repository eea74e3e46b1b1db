"""Invented rounds of looking back: one that is public with its lessons, and one whose sheets are still awaited."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Role
from matchmaker.projects import reflection
from matchmaker.projects.models import Project
from matchmaker.projects.reflection import Answers
from matchmaker.projects.reflection_models import ReflectionRound
from matchmaker.projects.reflection_questions import ReflectionParty, ReflectionStage

_SPEAKERS = {
    ReflectionParty.NPO: Role.NPO,
    ReflectionParty.PREFECTURE: Role.DIVISION,
    ReflectionParty.COMPANY: Role.COMPANY,
}


def add(entry: Mapping[str, Any], users: Mapping[Role, User], *, at: datetime) -> None:
    """Walk one round as far as its entry goes."""
    project = db.session.scalars(select(Project).where(Project.title == entry["project"])).one()
    office, coordinator = users[Role.NPO_OFFICE], users[Role.COORDINATOR]
    began_at = at - timedelta(days=12)
    reflection.appoint(project, coordinator, actor=office, at=began_at)
    stage, due_on = ReflectionStage(entry["stage"]), day_of(at) + timedelta(days=14)
    round_ = reflection.begin(project, stage, due_on=due_on, actor=office, at=began_at)
    for party, words in entry["words"].items():
        side = ReflectionParty(party)
        actor, filled_at = users[_SPEAKERS[side]], began_at + timedelta(days=3)
        answers = Answers(entry["scores"].get(party, {}), words)
        reflection.save_sheet(round_, side, answers, version=0, actor=actor, at=filled_at)
        reflection.hand_in(round_, side, actor=actor, at=filled_at)
    if "summary" in entry:
        _publish(round_, entry, users, at=at)


def _publish(round_: ReflectionRound, entry: Mapping[str, Any], users: Mapping[Role, User], *, at: datetime) -> None:
    coordinator, talked_at = users[Role.COORDINATOR], at - timedelta(days=6)
    notes, lessons = entry["talk"], {int(section): words for section, words in entry["lessons"].items()}
    reflection.add_talk(round_, held_on=day_of(talked_at), notes=notes, actor=coordinator, at=talked_at)
    reflection.write_summary(
        round_, summary=entry["summary"], lessons=lessons, version=round_.version, actor=coordinator, at=talked_at
    )
    for side in reflection.handed_in_sides(round_):
        reflection.consent(round_, side, edition=1, actor=users[_SPEAKERS[side]], at=at - timedelta(days=5))
