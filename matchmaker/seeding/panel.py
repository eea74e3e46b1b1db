"""The demonstration's panel: invented judges, their sheets, and a day of presentations (``seeds/panel.json``)."""

import json
from datetime import timedelta
from typing import Any

from matchmaker.accounts.models import StaffRole, User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.review import panel, presentation, score_sheets, ties
from matchmaker.review.call_facts import opening_of
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel_models import PanelAssignment
from matchmaker.review.presentation import DayFacts
from matchmaker.review.presentation_times import Lengths
from matchmaker.review.score_sheets import Scored
from matchmaker.seeding.files import SEEDS
from matchmaker.seeding.journeys import BEGAN_BEFORE, STEP, Journeys, add_proposal


def add_panel(journeys: Journeys) -> None:
    """Give the demonstration's judge something to declare and score, beside colleagues who cannot sign in."""
    records = json.loads((SEEDS / "panel.json").read_text(encoding="utf-8"))
    judges = {entry["name"]: _add_judge(entry, journeys) for entry in records["judges"]}
    _add_judged(records["judged"], judges, journeys)
    _add_presentation(records["presented"], journeys)


def _add_judge(entry: dict[str, Any], journeys: Journeys) -> User:
    at = journeys.at - BEGAN_BEFORE
    serial = len(panel.list_judges())
    person = User(
        email=f"judge{serial}@demo.example",
        name=entry["name"],
        password_hash="",
        email_confirmed_at=at,
        is_demo=True,
        created_at=at,
    )
    person.staff_roles = [StaffRole(role=Role.PANEL, granted_at=at)]
    db.session.add(person)
    db.session.flush()
    ties.enter_affiliation(
        person,
        kind=TieKind.EMPLOYER,
        name=entry["affiliation"],
        division=None,
        actor=journeys.users[Role.NPO_OFFICE],
        at=at,
    )
    return person


def _add_judged(entry: dict[str, Any], judges: dict[str, User], journeys: Journeys) -> None:
    office, at = journeys.users[Role.NPO_OFFICE], journeys.at - STEP
    proposal = add_proposal(entry["proposal"], journeys, journeys.at - BEGAN_BEFORE + STEP)
    chosen = [journeys.users[Role.PANEL], *(judges[name] for name in entry["by"])]
    panel.assign(
        [proposal],
        {(judge.id, proposal.id) for judge in chosen},
        seen=set(),
        reason="",
        due_on=day_of(journeys.at) + timedelta(days=entry["due_in_days"]),
        actor=office,
        at=at,
    )
    for name in entry["by"]:
        assignment = _assignment(judges[name], proposal)
        ties.declare(assignment, kind=None, words="", actor=judges[name], at=at + timedelta(hours=1))
        if name in entry["sheets"]:
            _hand_in(assignment, entry["sheets"][name], journeys)


def _hand_in(assignment: PanelAssignment, written: dict[str, Any], journeys: Journeys) -> None:
    given = zip(criteria_of(assignment.proposal), written["scores"], written["reasons"], strict=True)
    score_sheets.submit(
        assignment,
        {criterion.key: Scored(score, reason) for criterion, score, reason in given},
        comment=written["comment"],
        opened_as=0,
        actor=assignment.judge,
        at=journeys.at - timedelta(days=1),
    )


def _assignment(judge: User, proposal: Proposal) -> PanelAssignment:
    found = panel.find_for_judge(judge, proposal.public_number)
    if found is None:
        raise ValueError(f"{judge.name} does not judge {proposal.public_number}")
    return found


def _add_presentation(entry: dict[str, Any], journeys: Journeys) -> None:
    office, at, day = journeys.users[Role.NPO_OFFICE], journeys.at - STEP, entry["day"]
    texts = [add_proposal(one, journeys, journeys.at - BEGAN_BEFORE + STEP) for one in entry["proposals"]]
    starts_at = opening_of(day_of(journeys.at) + timedelta(days=day["in_days"])) + timedelta(hours=day["hour"])
    planned = presentation.plan(DayFacts(day["title"], day["place"], starts_at, Lengths()), actor=office, at=at)
    presentation.place(planned, texts, actor=office, at=at)
    presentation.publish(planned, actor=office, at=at)
