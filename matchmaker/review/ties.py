"""Ties (利害関係) between judges and proposers: read from the records, declared by the judge, and what follows.

A tie is looked for before any text is opened. Whoever has one is recused (回避): ``proposals.recusals`` then keeps them
from everything that is not public, and their score sheets stay on record without counting.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.divisions import line_of, successors
from matchmaker.directory.models import Division, Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.notices import service as notices
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import Recusal, RecusalSource, TieKind
from matchmaker.proposals.status import CollaborationForm
from matchmaker.review.panel_models import PanelAffiliation, PanelAssignment, TieDeclaration

FUNDED = frozenset({CollaborationForm.COMMISSION, CollaborationForm.SUBSIDY, CollaborationForm.COST_SHARE})
"""Forms in which the prefecture's money goes to the NPO."""


class TieNeedsWords(DomainError):
    """A tie was declared without its kind or its words."""

    def __init__(self) -> None:
        super().__init__(_("利害関係の種類を選び、どんな関係かを書いてください。"))


class TieStands(DomainError):
    """A recusal cannot be lifted while the records still show the tie."""


class RecusalOver(DomainError):
    """The recusal was lifted already."""

    def __init__(self) -> None:
        super().__init__(_("この回避は、すでに取り消されています。"))


@dataclass(frozen=True, slots=True)
class Tie:
    """One tie that the records show: in words, and the record that shows it."""

    kind: TieKind
    words: str
    record: str = ""


@dataclass(frozen=True, slots=True)
class _Bodies:
    """What a judge belongs to: organisations by id or by name, and divisions by id under all their names."""

    organisation_ids: frozenset[int]
    names: frozenset[str]
    division_ids: frozenset[int]

    def is_party(self, partner: ProjectPartner) -> bool:
        return partner.organisation_id in self.organisation_ids or search_form(partner.name) in self.names


Ties = dict[tuple[int, int], list[Tie]]
"""Ties by judge and proposal (their ids); pairs without a tie are not there."""


def statement_of(judge: User, proposal: Proposal) -> str:
    """Return the words that a judge without ties puts their name to."""
    return _(
        "私（%(judge)s）は、提案 %(number)s「%(title)s」（%(organisation)s）について、役員・会員、勤務先、委託・補助、"
        "いっしょに行った事業、家族・親族、競合する団体のいずれの利害関係もないことを申告します。",
        judge=judge.name,
        number=proposal.public_number,
        title=proposal.title,
        organisation=proposal.organisation.name,
    )


def computed(judges: Sequence[User], proposals: Sequence[Proposal]) -> Ties:
    """Return the ties that the records show, in a fixed number of queries.

    Ended memberships count as current ones do. Projects count however old they are, unless they were refused.
    """
    bodies = _bodies_of(judges)
    projects = _projects_with(proposals)
    found: Ties = {}
    for judge in judges:
        for proposal in proposals:
            ties = [*_own_ties(judge, bodies[judge.id], proposal), *_project_ties(bodies[judge.id], proposal, projects)]
            if ties:
                found[judge.id, proposal.id] = ties
    return found


def declare(
    assignment: PanelAssignment, *, kind: TieKind | None, words: str, actor: User, at: datetime
) -> Recusal | None:
    """Store what the judge says about ties; one that is declared, or that the records show, recuses them.

    ``kind`` None says that there is none. Errors: TieNeedsWords.
    """
    proposal = locked(assignment.proposal)
    locked(assignment)
    if kind is not None and not words.strip():
        raise TieNeedsWords
    db.session.add(
        TieDeclaration(
            assignment_id=assignment.id,
            has_tie=kind is not None,
            kind=kind,
            words=words if kind else "",
            statement=statement_of(actor, proposal)
            if kind is None
            else _("私（%(judge)s）は、利害関係があることを申告します。", judge=actor.name),
            declared_at=at,
        )
    )
    audit.record(
        "panel:tie:declare", proposal.public_number, actor_id=actor.id, at=at, kind=kind.value if kind else "none"
    )
    if kind is not None:
        return recuse(proposal, actor, RecusalSource.DECLARED, Tie(kind, words), actor=actor, at=at)
    shown = computed([actor], [proposal]).get((actor.id, proposal.id))
    return recuse(proposal, actor, RecusalSource.COMPUTED, shown[0], actor=None, at=at) if shown else None


def recuse(
    proposal: Proposal, judge: User, source: RecusalSource, tie: Tie, *, actor: User | None, at: datetime
) -> Recusal:
    """Keep a person out of a proposal; whoever is out already stays so. Errors: TieNeedsWords."""
    locked(proposal)
    if not tie.words.strip():
        raise TieNeedsWords
    standing = find_standing(proposal, judge)
    if standing is not None:
        return standing
    recusal = Recusal(
        proposal_id=proposal.id,
        user_id=judge.id,
        source=source,
        kind=tie.kind,
        reason=tie.words,
        record=tie.record,
        recused_at=at,
        recused_by_id=actor.id if actor else None,
    )
    db.session.add(recusal)
    _exclude_sheets(proposal, judge, tie, at=at)
    db.session.flush()
    audit.record(
        "panel:recusal:begin",
        proposal.public_number,
        actor_id=actor.id if actor else None,
        at=at,
        judge=judge.id,
        kind=tie.kind.value,
        by=source.value,
    )
    _tell_office(proposal, judge, at=at)
    return recusal


def lift(recusal: Recusal, *, reason: str, actor: User, at: datetime) -> None:
    """Let a person judge again after a recusal by mistake; their sheets count again.

    Errors: RecusalOver; TieStands while the records show the tie; TieNeedsWords without a reason.
    """
    proposal = locked(recusal.proposal)
    locked(recusal)
    if recusal.lifted_at is not None:
        raise RecusalOver
    if not reason.strip():
        raise TieNeedsWords
    shown = computed([recusal.user], [proposal]).get((recusal.user_id, proposal.id))
    if shown:
        raise TieStands(
            _(
                "記録に利害関係があるため、取り消せません（%(words)s）。先に、もとの記録を直してください。",
                words=shown[0].words,
            )
        )
    recusal.lifted_at, recusal.lifted_by_id, recusal.lift_reason = at, actor.id, reason
    for assignment in _assignments(proposal, recusal.user_id):
        for sheet in assignment.sheets:
            sheet.excluded_at, sheet.exclude_reason = None, ""
    db.session.flush()
    audit.record("panel:recusal:lift", proposal.public_number, actor_id=actor.id, at=at, judge=recusal.user_id)


def recuse_by_records(judges: Sequence[User], proposals: Sequence[Proposal], *, at: datetime) -> Ties:
    """Look through the records and recuse everybody of whom they show a tie; return what they show."""
    found = computed(judges, proposals)
    people, texts = {one.id: one for one in judges}, {one.id: one for one in proposals}
    for (judge_id, proposal_id), ties in sorted(found.items()):
        recuse(texts[proposal_id], people[judge_id], RecusalSource.COMPUTED, ties[0], actor=None, at=at)
    return found


def find_standing(proposal: Proposal, judge: User) -> Recusal | None:
    """Return the recusal of a person that stands, if there is one."""
    return db.session.scalar(
        select(Recusal).where(
            Recusal.proposal_id == proposal.id, Recusal.user_id == judge.id, Recusal.lifted_at.is_(None)
        )
    )


def list_of(proposals: Iterable[Proposal]) -> list[Recusal]:
    """Return all recusals of proposals, lifted ones too, the oldest first."""
    return list(
        db.session.scalars(
            select(Recusal)
            .where(Recusal.proposal_id.in_([one.id for one in proposals]))
            .options(selectinload(Recusal.user))
            .order_by(Recusal.id)
        )
    )


def enter_affiliation(
    judge: User,
    *,
    kind: TieKind,
    name: str,
    division: Division | None,
    actor: User,
    at: datetime,
) -> PanelAffiliation:
    """Note what a judge works for or is an officer of: a division, or an organisation by its registered name."""
    known = select(Organisation.id).where(Organisation.name == name, Organisation.name != "").limit(1)
    row = PanelAffiliation(
        judge_id=judge.id,
        kind=kind,
        name=division.name if division else name,
        organisation_id=None if division else db.session.scalar(known),
        division_id=division.id if division else None,
        entered_at=at,
        entered_by_id=actor.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("office:panel-affiliation:enter", f"user {judge.id}", actor_id=actor.id, at=at, kind=kind.value)
    return row


def end_affiliation(row: PanelAffiliation, *, actor: User, at: datetime) -> None:
    """Say that an affiliation is over; ending it twice changes nothing."""
    locked(row)
    if row.ended_at is None:
        row.ended_at = at
        audit.record("office:panel-affiliation:end", f"user {row.judge_id}", actor_id=actor.id, at=at)


def list_affiliations(judges: Iterable[User]) -> dict[int, list[PanelAffiliation]]:
    """Return the current affiliations by judge."""
    found: dict[int, list[PanelAffiliation]] = defaultdict(list)
    rows = db.session.scalars(
        select(PanelAffiliation)
        .where(PanelAffiliation.judge_id.in_([one.id for one in judges]), PanelAffiliation.ended_at.is_(None))
        .order_by(PanelAffiliation.id)
    )
    for row in rows:
        found[row.judge_id].append(row)
    return found


def _bodies_of(judges: Sequence[User]) -> dict[int, _Bodies]:
    affiliations, follows = list_affiliations(judges), successors(on=clock.today())
    found = {}
    for judge in judges:
        rows = affiliations.get(judge.id, [])
        organisations = [one.organisation for one in judge.memberships]
        found[judge.id] = _Bodies(
            organisation_ids=frozenset(
                [one.id for one in organisations] + [one.organisation_id for one in rows if one.organisation_id]
            ),
            names=frozenset(
                search_form(name) for name in [one.name for one in organisations] + [one.name for one in rows]
            ),
            division_ids=frozenset(
                same
                for division in [*(one.division for one in judge.staff_roles), *(one.division for one in rows)]
                if division is not None
                for same in line_of(division.id, follows)
            ),
        )
    return found


def _own_ties(judge: User, bodies: _Bodies, proposal: Proposal) -> list[Tie]:
    proposer = proposal.organisation
    if any(one.organisation_id == proposer.id for one in judge.memberships):
        words = _("「%(name)s」のメンバーとして登録されています（以前の登録をふくみます）", name=proposer.name)
        return [Tie(TieKind.OFFICER, words, proposer.number)]
    if proposer.id in bodies.organisation_ids or search_form(proposer.name) in bodies.names:
        words = _("所属の記録に「%(name)s」があります", name=proposer.name)
        return [Tie(TieKind.EMPLOYER, words, proposer.number)]
    return []


def _project_ties(bodies: _Bodies, proposal: Proposal, projects: Iterable[Project]) -> list[Tie]:
    ties = []
    for project in projects:
        if not any(_is(partner, proposal) for partner in project.partners):
            continue
        shared = [one.name for one in project.divisions if one.id in bodies.division_ids]
        others = [one.name for one in project.partners if not _is(one, proposal) and bodies.is_party(one)]
        named = {"title": project.title, "number": project.number}
        if shared and project.form in FUNDED:
            words = _(
                "「%(body)s」が、この団体と%(form)sの事業「%(title)s」（%(number)s）を行いました",
                body=shared[0],
                form=project.form.label if project.form else "",
                **named,
            )
            ties.append(Tie(TieKind.FUNDING, words, project.number))
        elif shared or others:
            words = _(
                "「%(body)s」が、この団体と協働事業「%(title)s」（%(number)s）を行いました",
                body=(shared or others)[0],
                **named,
            )
            ties.append(Tie(TieKind.JOINT_PROJECT, words, project.number))
    return ties


def _is(partner: ProjectPartner, proposal: Proposal) -> bool:
    """Whether the partner is the organisation that proposes; partners of old projects are known by name only."""
    proposer = proposal.organisation
    if partner.organisation_id is not None:
        return partner.organisation_id == proposer.id
    return search_form(partner.name) == search_form(proposer.name)


def _projects_with(proposals: Sequence[Proposal]) -> list[Project]:
    proposers = {one.organisation_id for one in proposals}
    if not proposers:
        return []
    # Names are compared in their search form, which no database knows: partners without a record come along.
    concerned = select(ProjectPartner.project_id).where(
        or_(ProjectPartner.organisation_id.in_(proposers), ProjectPartner.organisation_id.is_(None))
    )
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.id.in_(concerned), Project.status != ProjectStatus.REFUSED)
            .order_by(Project.id)
        )
    )


def _assignments(proposal: Proposal, judge_id: int) -> Sequence[PanelAssignment]:
    return db.session.scalars(
        select(PanelAssignment).where(PanelAssignment.proposal_id == proposal.id, PanelAssignment.judge_id == judge_id)
    ).all()


def _exclude_sheets(proposal: Proposal, judge: User, tie: Tie, *, at: datetime) -> None:
    reason = _("利害関係（%(kind)s）がわかったため、集計から外しました。", kind=tie.kind.label)
    for assignment in _assignments(proposal, judge.id):
        for sheet in assignment.sheets:
            if sheet.submitted_at is not None and sheet.excluded_at is None:
                sheet.excluded_at, sheet.exclude_reason = at, reason


def _tell_office(proposal: Proposal, judge: User, *, at: datetime) -> None:
    """Whoever gave the proposal to the judge has to find another one. The mail says no more than is needed for that."""
    assignment = next((one for one in _assignments(proposal, judge.id) if one.ended_at is None), None)
    if assignment is not None:
        office = assignment.assigned_by
        notices.tell(
            office,
            "panel_recused",
            at=at,
            judge=judge.name,
            number=proposal.public_number,
        )
