"""Judges and what they do, for tests."""

from datetime import timedelta

from matchmaker.accounts.models import StaffRole, User
from matchmaker.directory.models import Division
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal
from matchmaker.review import panel, score_sheets, ties
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel_decisions import Meeting
from matchmaker.review.panel_models import PanelAssignment, ScoreSheet
from matchmaker.review.score_sheets import Scored
from matchmaker.review.workflow import OUTCOMES_FROM
from tests.support import records


def judge(name: str = "", *more: Role) -> User:
    """A judge; ``more`` are further roles of the same person."""
    person = records.staff(Role.PANEL, name=name)
    with transaction():
        for role in more:
            where = _division(name) if role is Role.DIVISION else None
            db.session.add(StaffRole(user_id=person.id, role=role, division_id=where, granted_at=records.LONG_AGO))
    db.session.expire_all()
    return person


def _division(name: str) -> int:
    division = Division(name=f"{name}の課", department="環境生活部", valid_from_on=clock.today())
    db.session.add(division)
    db.session.flush()
    return division.id


def assigned(proposal: Proposal, *judges: User, office: User, days: int = 14) -> list[PanelAssignment]:
    """The judges' assignments, made as the office makes them."""
    with transaction():
        now = panel.current_pairs([proposal])
        panel.assign(
            [proposal],
            now | {(one.id, proposal.id) for one in judges},
            seen=now,
            reason="",
            due_on=clock.today() + timedelta(days=days),
            actor=office,
            at=clock.now(),
        )
    rows = {row.judge_id: row for row in db.session.query(PanelAssignment).filter_by(proposal_id=proposal.id)}
    return [rows[one.id] for one in judges]


def declared(*assignments: PanelAssignment) -> None:
    """Each judge says that nothing ties them."""
    for assignment in assignments:
        with transaction():
            ties.declare(assignment, kind=None, words="", actor=assignment.judge, at=clock.now())


def given(proposal: Proposal, *scores: int | None, reason: str = "根拠がはっきりしている。") -> dict[str, Scored]:
    """Scores by criterion; the last one given stands for all that follow."""
    keys = [one.key for one in criteria_of(proposal)]
    filled = [*scores, *[scores[-1]] * (len(keys) - len(scores))]
    return {key: Scored(score, reason if score is not None else "") for key, score in zip(keys, filled, strict=False)}


def meeting(proposal: Proposal, *present: User, reason: str = "新しい協働の形と認めた。", dissent: str = "") -> Meeting:
    """Minutes that hold: everybody named was there, the first one may be against it."""
    [first, *_others] = criteria_of(proposal)
    return Meeting(
        outcome=OUTCOMES_FROM[proposal.status][0],
        held_on=clock.today(),
        chair="議長 一郎",
        quorum=1,
        present_ids=frozenset(one.id for one in present),
        reason=reason,
        reasons={first.key: "課題のとらえ方がよい。"},
        dissents={present[0].id: dissent} if dissent else {},
    )


def scored(assignment: PanelAssignment, *scores: int | None, opened_as: int = 0) -> ScoreSheet:
    """A sheet that was handed in."""
    with transaction():
        return score_sheets.submit(
            assignment,
            given(assignment.proposal, *(scores or (4,))),
            comment="",
            opened_as=opened_as,
            actor=assignment.judge,
            at=clock.now(),
        )
