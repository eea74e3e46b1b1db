"""Proposals as rows of label and text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from matchmaker.accounts.models import User
from matchmaker.blueprints.proposals.forms import AnswersForm
from matchmaker.foundation import clock
from matchmaker.permissions.levels import Reader
from matchmaker.proposals import publication, queries
from matchmaker.proposals.answers import Answers, plain
from matchmaker.proposals.completeness import missing_answers, state_of
from matchmaker.proposals.differences import Change, difference
from matchmaker.proposals.models import Proposal, ProposalVersion
from matchmaker.proposals.questions import ALWAYS_PUBLIC, BUDGET, PLAN, SECTIONS, Question, section_of
from matchmaker.proposals.reading import readable
from matchmaker.proposals.service import answers_of
from matchmaker.proposals.status import ProposalStatus, PublicStage, public_stage, shown_status

TONES = {
    ProposalStatus.DRAFT: "neutral",
    ProposalStatus.SUBMITTED: "info",
    ProposalStatus.RETURNED_FOR_FIX: "warning",
    ProposalStatus.INELIGIBLE: "danger",
    ProposalStatus.LAPSED: "warning",
    ProposalStatus.ACCEPTED: "info",
    ProposalStatus.CIRCULATED: "info",
    ProposalStatus.SHORTLISTED: "info",
    ProposalStatus.NOT_SHORTLISTED: "neutral",
    ProposalStatus.PRESENTED: "info",
    ProposalStatus.SCORED: "info",
    ProposalStatus.HELD: "warning",
    ProposalStatus.DECISION_DRAFTED: "info",
    ProposalStatus.DECIDED: "info",
    ProposalStatus.ADOPTED: "success",
    ProposalStatus.REFERRED: "info",
    ProposalStatus.REJECTED: "neutral",
    ProposalStatus.WITHDRAWN: "neutral",
}

STAGE_TONES = {
    PublicStage.SEEKING: "neutral",
    PublicStage.REVIEW: "info",
    PublicStage.ADOPTED: "success",
    PublicStage.REFERRED: "info",
    PublicStage.REJECTED: "neutral",
}
"""Apart from ``TONES``: a tone of its own would tell what the word does not."""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the task list."""

    label: str
    url: str
    hint: str
    state: str


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One's own proposal in a list."""

    proposal: Proposal
    tags: list[tuple[str, str]]
    next_step: str
    action: str
    url: str


@dataclass(frozen=True, slots=True)
class VersionShown:
    """One version: who kept it when, and what it changed."""

    number: int
    at: Any
    by: str
    changes: list[tuple[str, list[Change]]]


def status_shown(proposal: Proposal, reader: User | None) -> tuple[str, str]:
    """Return the word for where the proposal stands, and its tone, as the reader may know it."""
    if queries.reviews(reader, proposal):
        return proposal.status.label, TONES[proposal.status]
    if queries.is_own(reader, proposal):
        shown = shown_status(proposal.status)
        return shown.label, TONES[shown]
    stage = public_stage(proposal.status)
    return stage.label, STAGE_TONES[stage]


def rows_of_own(proposals: Iterable[Proposal]) -> list[OwnRow]:
    """Return one's own proposals, each with what to do next."""
    today = clock.today()
    rows = []
    for proposal in proposals:
        status = shown_status(proposal.status)
        tags = [(status.label, TONES[status])]
        if queries.is_open(proposal, today):
            tags.append((_("公開中"), "success"))
        elif queries.is_public(proposal):
            tags.append((_("公開中（募集は終了）"), "neutral"))
        elif proposal.is_published:
            tags.append((_("団体の確認待ち（まだ公開されていません）"), "warning"))
        rows.append(OwnRow(proposal, tags, *_next_step(proposal)))
    return rows


def _next_step(proposal: Proposal) -> tuple[str, str, str]:
    """What to do now in one sentence, and the button for it, if there is one."""
    number = proposal.public_number
    edit_url = url_for("proposals.edit", number=number)
    if proposal.status is ProposalStatus.DRAFT:
        missing = len(missing_answers(answers_of(proposal), on=clock.today()))
        if not missing:
            return _("提出できます。"), _("確認して提出する"), url_for("proposals.check", number=number)
        return _("提出まで、あと%(count)s項目です。", count=missing), _("つづきを書く"), edit_url
    if proposal.status is ProposalStatus.RETURNED_FOR_FIX:
        return _("事務局から修正の依頼があります。直して、もう一度提出してください。"), _("修正する"), edit_url
    show_url = url_for("proposals.show", number=number)
    if shown_status(proposal.status) in (ProposalStatus.SUBMITTED, ProposalStatus.ACCEPTED):
        return _("いまは、することはありません。結果はメールで知らせます。"), _("内容を見る"), show_url
    at_rest = {
        ProposalStatus.LAPSED: _(
            "修正の期限が過ぎたため、休止しています。続けたいときは、NPO担当課に連絡してください。"
        ),
        ProposalStatus.WITHDRAWN: _("取り下げた提案です。"),
    }
    if proposal.status in at_rest:
        return at_rest[proposal.status], _("内容を見る"), show_url
    return _("結果と理由を見られます。"), _("結果を見る"), show_url


def tags_of(proposal: Proposal) -> list[tuple[str, str]]:
    """Return the words above a proposal in a public list."""
    words = [status_shown(proposal, None)]
    if queries.is_open(proposal, clock.today()):
        words.append((_("受付中"), "success"))
    return words


def issue_of(proposal: Proposal) -> str:
    """Return what the proposal is about, as far as everybody may read it."""
    is_open = publication.is_shown(proposal, Question.ISSUE, Reader.PUBLIC, clock.today())
    return proposal.issue if is_open else ""


def places_of(proposal: Proposal) -> str:
    """Return where it takes place, on one line."""
    return readable(Question.PLACE_CODES, sorted(proposal.place_codes), {})


def tasks_of(proposal: Proposal) -> list[Task]:
    """Return the five sections with how far each is."""
    answers, today = answers_of(proposal), clock.today()
    return [
        Task(
            part.label,
            url_for("proposals.section", number=proposal.public_number, section=part.number),
            part.hint,
            state_of(part, answers, on=today),
        )
        for part in SECTIONS
    ]


def missing_links(proposal: Proposal) -> list[dict[str, str]]:
    """Return what a submission today lacks, each with the address of its field."""
    return [
        {"message": missing.message, "url": _field_url(proposal, missing.field)}
        for missing in missing_answers(answers_of(proposal), on=clock.today())
    ]


def all_answers(proposal: Proposal) -> list[tuple[str, list[dict[str, str]]]]:
    """Return every answer by section, each with the address at which it can be changed."""
    rows = _in_words(answers_of(proposal))
    return [
        (
            part.label,
            [
                {"label": question.label, "value": rows[question], "url": _field_url(proposal, question)}
                for question in part.questions
            ],
        )
        for part in SECTIONS
    ]


def answers_for(reader: User | None, proposal: Proposal) -> list[tuple[str, list[dict[str, str]]]]:
    """Return the answers that a reader may see: all, or what is public; empty ones only to those who see all."""
    rows = _in_words(answers_of(proposal))
    if queries.sees_everything(reader, proposal):
        groups: list[tuple[str, Iterable[Question]]] = [(part.label, part.questions) for part in SECTIONS]
        return [
            (label, [{"label": one.label, "value": rows[one]} for one in questions if one is not Question.TITLE])
            for label, questions in groups
        ]
    part, today = publication.reader_for(reader, proposal), clock.today()
    public = [(_("どんな提案か"), ALWAYS_PUBLIC), (_("計画"), PLAN), (_("予算"), BUDGET)]
    shown = [
        (
            label,
            [
                {"label": one.label, "value": rows[one]}
                for one in questions
                if rows[one] and publication.is_shown(proposal, one, part, today)
            ],
        )
        for label, questions in public
    ]
    return [(label, items) for label, items in shown if items]


def conflict_of(form: AnswersForm, saved: Proposal, *, what: str, version: str, edit_url: str) -> dict[str, Any]:
    """Return what the conflict page needs: both texts, and how to save one's own after all."""
    names = queries.division_names()
    mine, theirs = _in_words(form.answers(), names), _in_words(answers_of(saved), names)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "version"}]
    return {
        "what": what,
        "by": queries.last_saved_by(saved),
        "at": saved.saved_at,
        "fields": [
            {
                "label": question.label,
                "mine": text,
                "theirs": theirs[question],
                "changes": difference(theirs[question], text),
            }
            for question, text in mine.items()
            if text != theirs[question]
        ],
        "edit_url": edit_url,
        "resend": {"url": request.path, "values": [*typed, ("version", version)]},
    }


def versions_shown(versions: Iterable[ProposalVersion], before: Mapping[int, ProposalVersion]) -> list[VersionShown]:
    """Return versions with what each changed against the one before it."""
    versions = list(versions)
    divisions = queries.division_names()
    people = queries.names_of({version.saved_by_id for version in versions if version.saved_by_id})
    return [
        VersionShown(
            number=version.number,
            at=version.saved_at,
            by=people.get(version.saved_by_id or 0, ""),
            changes=_changes(version, before.get(version.number), divisions),
        )
        for version in versions
    ]


def _changes(
    version: ProposalVersion, older: ProposalVersion | None, divisions: Mapping[int, str]
) -> list[tuple[str, list[Change]]]:
    old = older.content if older else {}
    changed = []
    for question in Question:
        new_value, old_value = version.content.get(question.value), old.get(question.value)
        if new_value == old_value or (older is None and not new_value):
            continue
        before = readable(question, old_value, divisions) if older else ""
        changed.append((question.label, difference(before, readable(question, new_value, divisions))))
    return changed


def _in_words(answers: Answers, names: Mapping[int, str] | None = None) -> dict[Question, str]:
    known = queries.division_names() if names is None else names
    return {question: readable(question, plain(value), known) for question, value in answers.items()}


def _field_url(proposal: Proposal, question: Question) -> str:
    return url_for(
        "proposals.section",
        number=proposal.public_number,
        section=section_of(question).number,
        _anchor=question.value,
    )
