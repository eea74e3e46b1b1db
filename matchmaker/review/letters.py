"""Letters (通知文): composed from a decision, edited by people, numbered when they are sent."""

from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import code, fiscal_year_of, japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import steps
from matchmaker.review.decision_models import Letter
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import Outcome

SENDER = "三重県環境生活部 NPO担当課長"
"""Who signs; the office can change it in each letter."""

ASK_WITHIN_BUSINESS_DAYS = 10
"""How long after a result its proposer may ask to reconsider it."""

RECONSIDERED = frozenset({Outcome.REJECT, Outcome.REFER, Outcome.NOT_SHORTLIST})
"""Results that the proposer may ask to have reconsidered."""

SOMEBODY = "（担当者）"
"""Stands for a person in the public text."""


class LetterMissing(DomainError):
    """A result may not be told without its letter."""

    def __init__(self, number: str) -> None:
        super().__init__(
            _("提案 %(number)s の通知文がまだありません。通知文を作ってから通知してください。", number=number)
        )


class LetterClosed(DomainError):
    """The letter may not be changed any more, or not by this person."""


class NamesAPerson(DomainError):
    """The public text holds a person's name or contact."""

    def __init__(self, word: str) -> None:
        super().__init__(
            _(
                "公表文に、個人の名前か連絡先（%(word)s）が入っています。だれのことか分からない書き方に直してください。",
                word=word,
            )
        )


def compose(decision: Decision, *, at: datetime) -> Letter:
    """Write the letter of a decision that has none, from what the decision says; return it."""
    proposal = decision.proposal
    letter = Letter(
        decision_id=decision.id,
        subject=_("協働事業の提案の審査結果について（通知）"),
        body=body_of(decision),
        sender=SENDER,
        public_text=without_persons(_public_words(decision), proposal),
        edited_at=at,
    )
    db.session.add(letter)
    db.session.flush()
    db.session.refresh(decision, ["letter"])
    return letter


def body_of(decision: Decision) -> str:
    """Return the text that follows from a decision: result, reason, criteria with evidence, and what comes next."""
    proposal = decision.proposal
    submitted_on = japanese_date(day_of(proposal.submitted_at or decision.drafted_at))
    opening = _(
        "%(day)sに提出された提案「%(title)s」（%(number)s）について、審査の結果を次のとおり決定したので、お知らせします。",
        day=submitted_on,
        title=proposal.title,
        number=proposal.public_number,
    )
    parts = [
        (_("結果"), decision.outcome.label),
        (_("理由"), decision.reason),
        (_("審査基準ごとの判断"), _grounds_in_words(decision)),
        (_("待っていること"), _hold_in_words(decision)),
        (_("協議の仲介・ほかの助成"), _referral_in_words(decision)),
        (_("これから行うこと"), decision.next_step),
    ]
    numbered = enumerate(((label, text) for label, text in parts if text), start=1)
    return "\n\n".join([opening, *(f"{number} {label}\n{text}" for number, (label, text) in numbered)])


def edit(
    letter: Letter,
    *,
    subject: str,
    body: str,
    sender: str,
    public_text: str,
    version: int,
    actor: User,
    at: datetime,
) -> None:
    """Change a letter that was not sent. Until the decision the drafters write, from then on only those who decide.

    Errors: LetterClosed, EditConflict, NamesAPerson.
    """
    decision = _decision_of(letter)
    locked(decision.proposal)
    locked(letter)
    require_editable(decision, actor)
    if letter.version != version:
        raise EditConflict
    _require_no_person(public_text, decision.proposal)
    letter.subject, letter.body, letter.sender, letter.public_text = subject, body, sender, public_text
    letter.edited_by_id, letter.edited_at = actor.id, at
    audit.record("office:letter:edit", decision.proposal.public_number, actor_id=actor.id, at=at, letter=letter.id)


def compose_missing(decision: Decision, *, actor: User, at: datetime) -> Letter:
    """Write the letter of a decision that was drafted without one. Errors: LetterClosed."""
    locked(decision.proposal)
    locked(decision)
    require_editable(decision, actor)
    if decision.letter is not None:
        raise LetterClosed(_("この起案には、すでに通知文があります。"))
    letter = compose(decision, at=at)
    audit.record("office:letter:compose", decision.proposal.public_number, actor_id=actor.id, at=at, letter=letter.id)
    return letter


def is_editable(decision: Decision, actor: User) -> bool:
    """Say whether the person may change the letter now."""
    try:
        require_editable(decision, actor)
    except LetterClosed:
        return False
    return True


def require_editable(decision: Decision, actor: User) -> None:
    """Errors: LetterClosed."""
    if decision.stage is DecisionStage.DRAFTED and actor.may(Permission.DECISION_DRAFT):
        return
    if decision.stage is DecisionStage.DECIDED and actor.may(Permission.DECISION_DECIDE):
        return
    if decision.stage is DecisionStage.DECIDED:
        raise LetterClosed(_("決裁がすんだ通知文は、決裁者だけが直せます。"))
    if decision.stage is DecisionStage.DRAFTED:
        raise LetterClosed(
            _("決裁の前の通知文は、起案する人だけが直せます。直してほしいところは、差し戻しの理由に書いてください。")
        )
    raise LetterClosed(_("この通知文は、もう直せません。"))


def send(decision: Decision, *, at: datetime) -> Letter:
    """Give the letter its number and day. Errors: LetterMissing."""
    letter = db.session.scalar(select(Letter).where(Letter.decision_id == decision.id))
    if letter is None:
        raise LetterMissing(decision.proposal.public_number)
    letter.document_number, letter.dated_on = next_document_number(at), day_of(at)
    return letter


def next_document_number(at: datetime) -> str:
    """Take the next document number (文書番号) of the fiscal year."""
    fy = fiscal_year_of(day_of(at))
    return f"協創第{code(fy)}-{next_number(f'letter-{fy}')}号"


def ask_until_on(told_on: date) -> date:
    """Return the last day on which the proposer may ask to reconsider a result that was told on a day."""
    return add_business_days(told_on, ASK_WITHIN_BUSINESS_DAYS)


def instruction_of(decision: Decision, letter: Letter) -> str:
    """Return the sentence on reconsideration (教示); "" for results that cannot be reconsidered."""
    if decision.outcome not in RECONSIDERED:
        return ""
    if letter.dated_on is None:
        return _(
            "この結果に納得できないときは、この通知の日の翌日から%(days)s営業日のうちに、再検討を求めることができます。",
            days=ASK_WITHIN_BUSINESS_DAYS,
        )
    return _(
        "この結果に納得できないときは、この通知の日の翌日から%(days)s営業日（%(day)sまで）のうちに、再検討を求めることができます。",
        days=ASK_WITHIN_BUSINESS_DAYS,
        day=japanese_date(ask_until_on(letter.dated_on)),
    )


def without_persons(text: str, proposal: Proposal) -> str:
    """Return the text with the people of the proposing organisation made nameless."""
    for word in _personal_words(proposal):
        text = text.replace(word, SOMEBODY)
    return text


def _require_no_person(text: str, proposal: Proposal) -> None:
    for word in _personal_words(proposal):
        if word in text:
            raise NamesAPerson(word)


def _personal_words(proposal: Proposal) -> list[str]:
    """Names and contacts of the organisation's people, the longest first; a single character says nothing."""
    organisation = proposal.organisation
    words = {organisation.contact_name, organisation.contact_email, organisation.contact_phone}
    for person in steps.members_of(organisation.id):
        words |= {person.name, person.email}
    return sorted((word for word in words if word and len(word) > 1), key=len, reverse=True)


def _decision_of(letter: Letter) -> Decision:
    return db.session.scalars(select(Decision).where(Decision.id == letter.decision_id)).one()


def _public_words(decision: Decision) -> str:
    next_step = _("これから行うこと：%(words)s", words=decision.next_step) if decision.next_step else ""
    return "\n".join(part for part in (decision.reason, next_step) if part)


def _grounds_in_words(decision: Decision) -> str:
    return "\n".join(
        _(
            "・%(name)s：%(finding)s（もとにしたもの：%(sources)s）",
            name=one.criterion_name,
            finding=one.finding,
            sources="、".join(one.sources),
        )
        for one in decision.grounds
    )


def _hold_in_words(decision: Decision) -> str:
    if decision.held_until_on is None:
        return ""
    return _("%(awaits)s（%(day)sまで）", awaits=decision.awaits, day=japanese_date(decision.held_until_on))


def _referral_in_words(decision: Decision) -> str:
    referral = decision.referral
    if referral is None:
        return ""
    lines = []
    if referral.until_on is not None:
        divisions = "、".join(f"{one.department} {one.name}" for one in referral.divisions)
        words = {"broker": referral.broker, "divisions": divisions, "day": japanese_date(referral.until_on)}
        lines.append(_("%(broker)sが、%(divisions)sとの話し合いを、%(day)sまで仲介します。", **words))
    lines += [_("ほかの助成：%(name)s\n%(url)s", name=grant.name, url=grant.url) for grant in referral.grants]
    return "\n".join(lines)
