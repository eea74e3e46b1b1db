"""The records of a proposal as fields, and their copies with what is kept back blackened."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from matchmaker.documents.typesetting import typeset
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.levels import WithholdingReason
from matchmaker.proposals.answers import plain
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import division_names
from matchmaker.proposals.questions import Question
from matchmaker.proposals.reading import readable
from matchmaker.proposals.service import answers_of
from matchmaker.review import panel
from matchmaker.review.disclosure_models import DisclosureItem, DisclosureRequest, RecordKind
from matchmaker.review.documents import Paper
from matchmaker.review.evidence import answers_to_circulation
from matchmaker.review.models import Decision, DecisionStage

HEADER = ("提案", "文書", "項目", "内容", "不開示の理由")

BLACK = "■■■■■■"
"""Stands in a table for what is kept back."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. ``usual`` is the reason for which it is kept back unless somebody decides otherwise."""

    key: str
    label: str
    text: str
    usual: WithholdingReason | None = None


@dataclass(frozen=True, slots=True)
class CopiedField:
    """One field of a copy: its text, or, kept back, an empty one and the reason."""

    label: str
    text: str
    reason: WithholdingReason | None


def fields_of(proposal: Proposal, kind: RecordKind) -> list[Field]:
    """Return the fields of a record, empty ones left out."""
    return [field for field in _FIELDS[kind](proposal) if field.text]


def copy_of(item: DisclosureItem) -> list[CopiedField]:
    """Return a record as it is handed out: of what is kept back not a character is in it."""
    reasons = {row.field_key: row.reason for row in item.redactions}
    return [
        CopiedField(field.label, "" if field.key in reasons else field.text, reasons.get(field.key))
        for field in fields_of(item.proposal, item.kind)
    ]


def rows_of(request: DisclosureRequest) -> list[Sequence[str]]:
    """Return the copies of all records as rows of a table."""
    return [
        (
            item.proposal.public_number,
            item.kind.label,
            field.label,
            BLACK if field.reason else field.text,
            field.reason.label if field.reason else "",
        )
        for item in request.items
        for field in copy_of(item)
    ]


def paper_of(request: DisclosureRequest) -> Paper:
    """Return the copies of all records in one PDF; one that was not decided says that it is a draft."""
    decided = request.verdict is not None and request.decided_at is not None
    content = {
        "title": _("開示する文書の写し（%(number)s）", number=request.number),
        "note": request.verdict.label if request.verdict and decided else _("案（まだ決定していません）"),
        "records": [
            {
                "title": f"{item.proposal.public_number}　{item.kind.label}",
                "fields": [
                    {
                        "label": field.label,
                        "text": field.text,
                        "reason": _("不開示：%(reason)s", reason=field.reason.label) if field.reason else "",
                    }
                    for field in copy_of(item)
                ],
            }
            for item in request.items
        ],
    }
    return Paper(typeset("disclosure", content), f"{request.number}_{_('開示文書')}.pdf")


def _of_proposal(proposal: Proposal) -> Iterator[Field]:
    organisation, names = proposal.organisation, division_names()
    yield Field("organisation", _("提案した団体"), organisation.name)
    yield Field("contact_name", _("担当者"), organisation.contact_name, WithholdingReason.PERSONAL)
    contact = "\n".join(one for one in (organisation.contact_email, organisation.contact_phone) if one)
    yield Field("contact", _("連絡先"), contact, WithholdingReason.PERSONAL)
    for question, value in answers_of(proposal).items():
        yield Field(question.value, question.label, readable(question, plain(value), names), _USUAL.get(question))


def _of_circulation(proposal: Proposal) -> Iterator[Field]:
    for request in answers_to_circulation(proposal):
        for number, answer in enumerate(request.answers, start=1):
            where = _("%(division)s（%(number)s回目）", division=request.division.name, number=number)
            key = f"answer-{answer.id}"
            yield Field(f"{key}-code", _("%(where)sの見解", where=where), answer.code.label)
            yield Field(f"{key}-comment", _("%(where)sの理由", where=where), answer.comment)
            yield Field(f"{key}-name", _("%(where)sの返事をした人", where=where), answer.answered_by.name)
            yield Field(
                f"{key}-contact", _("%(where)sの連絡先", where=where), answer.contact, WithholdingReason.OPERATIONS
            )


def _of_scores(proposal: Proposal) -> Iterator[Field]:
    view = panel.view_of(proposal)
    for number, line in enumerate(view.lines, start=1):
        who = _("委員%(number)s", number=number)
        if line.sheets:
            name = line.assignment.judge.name
            yield Field(f"judge-{line.assignment.id}", _("%(who)sの名前", who=who), name, WithholdingReason.OPERATIONS)
        for sheet in line.sheets:
            words = {"who": who, "stage": sheet.stage.label}
            for entry in sheet.entries:
                label = _("%(who)s・%(stage)s・%(name)s", name=entry.name, **words)
                text = f"{entry.score}／{entry.most_score}\n{entry.reason}".strip()
                yield Field(f"sheet-{sheet.id}-{entry.position}", label, text)
            yield Field(f"sheet-{sheet.id}-comment", _("%(who)s・%(stage)s・全体の意見", **words), sheet.comment)
    for meeting in view.decisions:
        outcome = meeting.outcome.label if meeting.outcome else _("審査会は開いていません")
        yield Field(f"meeting-{meeting.id}", _("審査会の判断"), f"{outcome}\n{meeting.reason}")
        for reason in meeting.reasons:
            label = _("審査会の判断・%(name)s", name=reason.name)
            yield Field(f"meeting-{meeting.id}-{reason.position}", label, reason.reason)


def _of_decision(proposal: Proposal) -> Iterator[Field]:
    rows = select(Decision).where(Decision.proposal_id == proposal.id).order_by(Decision.id)
    for decision in db.session.scalars(rows):
        key, day = f"decision-{decision.id}", japanese_date(day_of(decision.drafted_at))
        where = _("%(day)sの起案", day=day)
        usual = None if decision.stage is DecisionStage.RELEASED else WithholdingReason.DELIBERATION
        yield Field(f"{key}-outcome", _("%(where)s・結果", where=where), decision.outcome.label, usual)
        yield Field(f"{key}-reason", _("%(where)s・理由", where=where), decision.reason, usual)
        yield Field(f"{key}-next", _("%(where)s・これから行うこと", where=where), decision.next_step, usual)
        for ground in decision.grounds:
            label = _("%(where)s・%(name)s", where=where, name=ground.criterion_name)
            text = f"{ground.finding}\n{'、'.join(ground.sources)}"
            yield Field(f"{key}-ground-{ground.position}", label, text, usual)
        if decision.letter is not None:
            yield Field(f"{key}-letter", _("%(where)s・通知文", where=where), decision.letter.body, usual)


_USUAL = {Question.BUDGET_DETAIL: WithholdingReason.CORPORATE}
"""What of a proposal's text is usually kept back; people decide each time."""

_FIELDS: dict[RecordKind, Callable[[Proposal], Iterator[Field]]] = {
    RecordKind.PROPOSAL: _of_proposal,
    RecordKind.CIRCULATION: _of_circulation,
    RecordKind.SCORES: _of_scores,
    RecordKind.DECISION: _of_decision,
}
