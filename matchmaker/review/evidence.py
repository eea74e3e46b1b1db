"""What a decision may rest on: the proposal's own text, its attachments, and what others said of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.answers import is_answered
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import SECTIONS, Question
from matchmaker.proposals.service import answers_of
from matchmaker.review import panel
from matchmaker.review.circulation_models import CirculationRequest
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel import CriterionEvidence

_NO_EVIDENCE = frozenset(
    {
        Question.OPEN_UNTIL_ON,
        Question.PREFERRED_FORM,
        Question.DIVISION_IDS,
        Question.PUBLISHES_PLAN,
        Question.PUBLISHES_BUDGET,
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that can be pointed at. ``key`` names it for good; ``group`` is its heading in a list."""

    key: str
    label: str
    group: str


def sources_of(proposal: Proposal) -> dict[str, Source]:
    """Return all that a decision about the proposal can point at, by key, in reading order."""
    found = [source for find in _FINDERS for source in find(proposal)]
    return {source.key: source for source in found}


def scores_of(proposal: Proposal) -> dict[str, str]:
    """Return the panel's figures in words by the criterion's key; nothing while there are none."""
    found = panel.evidence_for(proposal)
    return {
        criterion.key: _score_in_words(one, found.sheets)
        for criterion, one in zip(criteria_of(proposal), found.criteria, strict=True)
        if one.mean is not None
    }


def words_of_panel(proposal: Proposal) -> dict[str, str]:
    """Return what the panel's meeting said under each criterion, by key; criteria without words are left out."""
    found = panel.evidence_for(proposal)
    words = zip(criteria_of(proposal), found.criteria, strict=True)
    return {criterion.key: one.reason for criterion, one in words if one.reason}


def answers_to_circulation(proposal: Proposal) -> Sequence[CirculationRequest]:
    """Return the questions to divisions that were answered, in the order in which they were sent."""
    rows = select(CirculationRequest).where(
        CirculationRequest.proposal_id == proposal.id, CirculationRequest.answers.any()
    )
    return db.session.scalars(rows.order_by(CirculationRequest.id)).all()


def _score_in_words(one: CriterionEvidence, sheets: int) -> str:
    mean = f"{float(one.mean or 0):.1f}"
    return _("平均%(mean)s点（%(most)s点満点、%(sheets)s人）", mean=mean, most=one.most_score, sheets=sheets)


def _of_text(proposal: Proposal) -> Iterable[Source]:
    answers = answers_of(proposal)
    for section in SECTIONS:
        for question in section.questions:
            if question not in _NO_EVIDENCE and is_answered(answers[question]):
                label = _("提案の「%(question)s」", question=question.label)
                yield Source(f"text:{question.value}", label, _("提案の内容"))


def _of_attachments(proposal: Proposal) -> Iterable[Source]:
    for file in proposal.attachments:
        label = _("添付ファイル「%(name)s」", name=file.file_name)
        yield Source(f"attachment:{file.public_id}", label[:200], _("添付ファイル"))


def _of_circulation(proposal: Proposal) -> Iterable[Source]:
    for request in answers_to_circulation(proposal):
        if request.answer is not None:
            words = {"division": request.division.name, "answer": request.answer.code.label}
            label = _("関係課の意見：%(division)s（%(answer)s）", **words)
            yield Source(f"circulation:{request.id}", label, _("関係課の意見"))


def _of_panel(proposal: Proposal) -> Iterable[Source]:
    found = panel.evidence_for(proposal)
    if found.mean is not None:
        words = {"mean": f"{float(found.mean):.1f}", "sheets": found.sheets}
        yield Source("panel:scores", _("審査委員の採点（%(sheets)s人、平均%(mean)s点）", **words), _("審査会"))
    if found.decision is not None and found.decision.outcome is not None:
        label = _("審査会の判断：%(outcome)s", outcome=found.decision.outcome.label)
        yield Source("panel:decision", label, _("審査会"))


_FINDERS: tuple[Callable[[Proposal], Iterable[Source]], ...] = (
    _of_panel,
    _of_circulation,
    _of_text,
    _of_attachments,
)
