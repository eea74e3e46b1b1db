"""Papers of the review: the letter of a decision, and the file of its whole draft (起案) in one PDF."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.attachments import service as attachments
from matchmaker.attachments.models import Attachment
from matchmaker.attachments.sniffing import PDF_AND_PICTURES
from matchmaker.audit import service as audit
from matchmaker.documents.typesetting import Attached, typeset
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.answers import plain
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import division_names
from matchmaker.proposals.questions import SECTIONS
from matchmaker.proposals.reading import readable
from matchmaker.proposals.service import answers_of
from matchmaker.review import letters, panel, queries, reconsideration
from matchmaker.review.criteria import criteria_of
from matchmaker.review.decision_models import Letter
from matchmaker.review.evidence import answers_to_circulation, scores_of
from matchmaker.review.models import Decision
from matchmaker.review.reconsideration_models import Reconsideration

NOT_ANSWERED = "未入力"

CONTACT = "問合せ先　三重県環境生活部 NPO担当課"
"""Printed under each letter."""


CARRIED_BYTES = 60 * attachments.MEBIBYTE
"""All files inside one pack: it is made in memory, and has to fit into a mail box."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One PDF and the name under which it is kept."""

    content: bytes
    file_name: str


def letter_paper(proposal: Proposal, decision: Decision, letter: Letter) -> Paper:
    """Return a letter on A4, as it is sent; one that was not sent says that it is a draft."""
    content = typeset(
        "letter",
        {
            "number": letter.document_number or _("（案）"),
            "day": japanese_date(letter.dated_on) if letter.dated_on else _("（通知の日）"),
            "addressee": proposal.organisation.name,
            "sender": letter.sender,
            "subject": letter.subject,
            "body": letter.body,
            "instruction": letters.instruction_of(decision, letter),
            "contact": CONTACT,
        },
    )
    return Paper(content, _file_name(_("通知文"), proposal))


def answer_paper(proposal: Proposal, asked: Reconsideration) -> Paper:
    """Return the answer to a request to reconsider. Errors: ValueError while there is none."""
    if asked.decided_at is None or asked.verdict is None:
        raise ValueError("the request is not answered")
    content = typeset(
        "letter",
        {
            "number": asked.document_number or "",
            "day": japanese_date(day_of(asked.decided_at)),
            "addressee": proposal.organisation.name,
            "sender": letters.SENDER,
            "subject": _("協働事業の提案の再検討の結果について（回答）"),
            "body": "\n\n".join([asked.verdict.label, asked.answer]),
            "instruction": "",
            "contact": CONTACT,
        },
    )
    return Paper(content, _file_name(_("再検討の回答"), proposal))


def pack_paper(user: User, proposal: Proposal, decision: Decision) -> Paper:
    """Return the whole file of a draft in one PDF: proposal, opinions, scores, decision, letter, and its files inside.

    Contacts of people are printed only for those who write to them.
    """
    content = typeset("pack", pack_content(user, proposal, decision), attached=_attached(proposal))
    return Paper(content, _file_name(_("起案"), proposal))


def pack_content(user: User, proposal: Proposal, decision: Decision) -> dict[str, Any]:
    """Return what the file of a draft holds for this person, as plain values."""
    words = {"number": proposal.public_number, "outcome": decision.outcome.label}
    return {
        "title": _("起案：提案 %(number)s の%(outcome)sについて", **words),
        "cover": _cover(decision),
        "note": _("この書類には、公開していない内容がふくまれています。取り扱いに注意してください。"),
        "parts": [part for part in _parts(user, proposal, decision) if part["rows"] or part["text"] or part["parts"]],
    }


def record_copy(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Write down that somebody took a copy of the whole file."""
    audit.record("office:draft:print", proposal.public_number, actor_id=actor.id, at=at)


def _parts(user: User, proposal: Proposal, decision: Decision) -> list[dict[str, Any]]:
    inside = _inside(proposal)
    return [
        _part(_("判断の理由と根拠"), text=decision.reason, parts=_grounds(decision)),
        _part(_("提案した団体"), rows=_organisation(user, proposal)),
        _part(_("提案の内容"), parts=_sections(proposal), starts_page=True),
        _part(
            _("添付ファイル"),
            rows=[
                _file_row(number, file, number in inside) for number, file in enumerate(proposal.attachments, start=1)
            ],
        ),
        _part(_("関係課の意見（回付への返事）"), rows=_circulation(proposal)),
        *_panel(proposal),
        _part(_("再検討の求め"), parts=_requests(proposal)),
        _part(_("これまでの経過"), rows=_history(user, proposal)),
        *_letter_parts(decision),
    ]


def _inside(proposal: Proposal) -> dict[int, Attachment]:
    """Return the files that the pack carries, by their place among all.

    PDF and pictures that are there, as long as all together stay small; others are named with their digest.
    """
    found, room = {}, CARRIED_BYTES
    for number, file in enumerate(proposal.attachments, start=1):
        is_there = attachments.path_of(file.stored_name).is_file()
        if file.media_type in PDF_AND_PICTURES and file.size_bytes <= room and is_there:
            found[number] = file
            room -= file.size_bytes
    return found


def _attached(proposal: Proposal) -> list[Attached]:
    return [
        Attached(f"{number}_{file.file_name}", file.media_type, attachments.path_of(file.stored_name))
        for number, file in _inside(proposal).items()
    ]


def _file_row(number: int, file: Attachment, is_inside: bool) -> dict[str, str]:
    """The digest lets anybody prove which file the draft rested on, wherever it is kept."""
    inside = _("このPDFの中に入っています（PDFを見るソフトの「添付ファイル」から開けます）")
    where = inside if is_inside else _("別に保管しています")
    return _row(str(number), f"{file.file_name}\n{where}\nSHA-256：{file.sha256[:32]}\n{file.sha256[32:]}")


def _part(
    title: str,
    *,
    text: str = "",
    rows: list[dict[str, str]] | None = None,
    parts: list[dict[str, Any]] | None = None,
    starts_page: bool = False,
) -> dict[str, Any]:
    return {"title": title, "text": text, "rows": rows or [], "parts": parts or [], "starts_page": starts_page}


def _row(label: str, value: str) -> dict[str, str]:
    return {"label": label, "value": value or NOT_ANSWERED}


def _cover(decision: Decision) -> list[dict[str, str]]:
    proposal, drafter, decider = decision.proposal, decision.drafted_by, decision.decided_by
    drafted = _("%(name)s（%(day)s）", name=drafter.name, day=japanese_date(day_of(decision.drafted_at)))
    decided = _("まだ決裁されていません")
    if decider is not None and decision.decided_at is not None:
        decided = _("%(name)s（%(day)s）", name=decider.name, day=japanese_date(day_of(decision.decided_at)))
    return [
        _row(_("提案"), f"{proposal.public_number}　{proposal.title}"),
        _row(_("提案した団体"), proposal.organisation.name),
        _row(_("段階"), decision.stage.label),
        _row(_("結果"), decision.outcome.label),
        _row(_("起案"), drafted),
        _row(_("決裁"), decided),
        _row(
            _("通知"),
            japanese_date(day_of(decision.released_at)) if decision.released_at else _("まだ通知していません"),
        ),
    ]


def _grounds(decision: Decision) -> list[dict[str, Any]]:
    return [
        _part(
            ground.criterion_name,
            rows=[_row(_("判断"), ground.finding), _row(_("もとにしたもの"), "\n".join(ground.sources))],
        )
        for ground in decision.grounds
    ]


def _organisation(user: User, proposal: Proposal) -> list[dict[str, str]]:
    organisation = proposal.organisation
    rows = [
        _row(_("名前"), organisation.name),
        _row(_("種類"), organisation.legal_form.label),
        _row(_("法人番号"), organisation.corporate_number or _("なし")),
        _row(_("紹介"), organisation.description),
    ]
    if user.may(Permission.PROPOSAL_SCREEN):
        contact = [organisation.contact_name, organisation.contact_email, organisation.contact_phone]
        rows.append(_row(_("連絡先"), "\n".join(one for one in contact if one)))
    return rows


def _sections(proposal: Proposal) -> list[dict[str, Any]]:
    answers, names = answers_of(proposal), division_names()
    return [
        _part(
            f"{section.number}. {section.label}",
            rows=[
                _row(question.label, readable(question, plain(answers[question]), names))
                for question in section.questions
            ],
        )
        for section in SECTIONS
    ]


def _circulation(proposal: Proposal) -> list[dict[str, str]]:
    return [
        _row(
            request.division.name,
            "\n".join(
                f"{japanese_date(day_of(answer.answered_at))}　{answer.code.label}\n{answer.comment}".strip()
                for answer in request.answers
            ),
        )
        for request in answers_to_circulation(proposal)
    ]


def _panel(proposal: Proposal) -> list[dict[str, Any]]:
    """The figures without the judges' names, and what the meeting decided."""
    found = panel.evidence_for(proposal)
    scores = scores_of(proposal)
    figures = [_row(one.name, scores[one.key]) for one in criteria_of(proposal) if one.key in scores]
    parts = [_part(_("審査委員の採点"), rows=figures)]
    meeting = found.decision
    if meeting is not None:
        rows = [
            _row(_("判断"), meeting.outcome.label if meeting.outcome else _("審査会は開いていません")),
            _row(_("理由"), meeting.reason),
            *(_row(one.name, one.reason) for one in meeting.reasons),
        ]
        if meeting.held_on is not None:
            rows.insert(0, _row(_("開いた日"), japanese_date(meeting.held_on)))
        parts.append(_part(_("審査会の判断"), rows=rows))
    return parts


def _requests(proposal: Proposal) -> list[dict[str, Any]]:
    found = []
    for asked in reconsideration.list_of(proposal):
        rows = [_row(point.criterion_name, point.reason) for point in asked.points]
        rows.append(_row(_("回答"), asked.answer if asked.decided_at else _("まだ回答していません")))
        found.append(_part(_("%(day)sの求め", day=japanese_date(day_of(asked.asked_at))), rows=rows))
    return found


def _history(user: User, proposal: Proposal) -> list[dict[str, str]]:
    return [
        _row(japanese_date(day_of(entry.at)), "\n".join(one for one in (entry.label, entry.actor, entry.reason) if one))
        for entry in queries.history_for(user, proposal)
    ]


def _letter_parts(decision: Decision) -> list[dict[str, Any]]:
    letter = decision.letter
    if letter is None:
        return []
    rows = [
        _row(_("文書番号"), letter.document_number or _("通知のときに付きます")),
        _row(_("件名"), letter.subject),
        _row(_("発信者"), letter.sender),
    ]
    return [
        _part(_("通知文"), rows=rows, parts=[_part(_("本文"), text=letter.body)], starts_page=True),
        _part(_("公表文"), text=letter.public_text),
    ]


def _file_name(kind: str, proposal: Proposal) -> str:
    return f"{proposal.public_number}_{kind}.pdf"
