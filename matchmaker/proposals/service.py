"""Write proposals. Every function runs inside the caller's transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.attachments import service as attachments
from matchmaker.attachments.models import Attachment
from matchmaker.attachments.service import StoredFile
from matchmaker.audit import service as audit
from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.places import label_of
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import code, fiscal_year_of
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.matching.terms import ActivityField
from matchmaker.notices import service as notices
from matchmaker.proposals.answers import Answers, Need, mark, snapshot
from matchmaker.proposals.completeness import MissingAnswer, missing_answers, missing_to_publish
from matchmaker.proposals.models import Proposal, ProposalField, ProposalNeed, ProposalPlace, ProposalVersion
from matchmaker.proposals.publication import is_never_narrowed
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import EDITABLE, NOT_PUBLIC

_ROWS = frozenset({Question.FIELDS, Question.PLACE_CODES, Question.NEEDS, Question.DIVISION_IDS})
MOST_FILES = 10
SAME_PRESS_WITHIN = timedelta(minutes=1)

_FIELD_ORDER = {field: place for place, field in enumerate(ActivityField)}


class TextIsClosed(DomainError):
    """The proposal is with the office or settled; its text stays as it was handed in."""

    def __init__(self) -> None:
        super().__init__(_("この提案は、いまは書きかえられません。提出したあとは、修正を求められたときだけ直せます。"))


class ProposalIncomplete(DomainError):
    """A submission or publication lacks answers; ``missing`` names each."""

    def __init__(self, missing: Sequence[MissingAnswer]) -> None:
        self.missing = list(missing)
        count = len(self.missing)
        super().__init__(_("入力が必要なところが%(count)s件あります。下の一覧から直してください。", count=count))


class MayNotBePublished(DomainError):
    """A withdrawn or ineligible proposal seeks nobody."""

    def __init__(self) -> None:
        super().__init__(_("取り下げた提案や対象外になった提案は、公開できません。"))


class TooManyFiles(DomainError):
    """The proposal has as many files as it may have."""

    def __init__(self) -> None:
        super().__init__(_("添付できるファイルは%(most)s個までです。", most=MOST_FILES))


class SameFile(DomainError):
    """The file is there already."""

    def __init__(self) -> None:
        super().__init__(_("同じファイルがすでに添付されています。"))


def answers_of(proposal: Proposal) -> dict[Question, Any]:
    """Return every answer as a plain value (see ``answers``)."""
    rows = {
        Question.FIELDS: sorted(proposal.fields, key=_FIELD_ORDER.__getitem__),
        Question.PLACE_CODES: sorted(proposal.place_codes),
        Question.NEEDS: [Need(row.kind, row.detail, row.amount, row.unit) for row in proposal.needs],
        Question.DIVISION_IDS: sorted(row.id for row in proposal.divisions),
    }
    return {
        question: rows[question] if question in _ROWS else getattr(proposal, question.value) for question in Question
    }


def version_of(proposal: Proposal, screen: Sequence[Question]) -> str:
    """Return what the answers of a screen look like now, for the form's hidden ``version``."""
    stored = answers_of(proposal)
    return mark({question: stored[question] for question in screen})


def create_draft(organisation: Organisation, answers: Answers, *, actor: User, at: datetime) -> Proposal:
    """Begin a proposal and tell the person where to find it again.

    The same text by the same person within a minute is the second press of a button: the first draft is returned.
    """
    locked(organisation)
    if twin := _pressed_twice(organisation, answers, actor, at):
        return twin
    proposal = _begin(organisation, answers, actor, at)
    audit.record("npo:proposal:create", proposal.draft_number, actor_id=actor.id, at=at)
    notices.queue("draft_kept", to_email=actor.email, to_user_id=actor.id, at=at, user=actor, proposal=proposal)
    return proposal


def begin_for(organisation: Organisation, *, actor: User, at: datetime) -> Proposal:
    """Begin an empty draft of an organisation that somebody else enters for it; ``proxy`` keeps who that is."""
    return _begin(locked(organisation), {}, actor, at)


def save(
    proposal: Proposal, answers: Answers, *, screen: Sequence[Question], opened_as: str, actor: User, at: datetime
) -> None:
    """Store the answers of one screen and keep a version when the text differs from the last one.

    ``opened_as`` is the ``version_of`` the screen when the person opened it.
    Errors: TextIsClosed; EditConflict when somebody else changed this screen meanwhile and the texts differ.
    """
    has_changed = _store(proposal, answers, screen=screen, opened_as=opened_as, at=at)
    if save_version(proposal, actor, at) or has_changed:
        audit.record("npo:proposal:save", proposal.public_number, actor_id=actor.id, at=at)


def autosave(
    proposal: Proposal, answers: Answers, *, screen: Sequence[Question], opened_as: str, actor: User, at: datetime
) -> None:
    """Store answers while they are being typed; no version is kept. Errors: as ``save``."""
    if _store(proposal, answers, screen=screen, opened_as=opened_as, at=at):
        audit.record("npo:proposal:autosave", proposal.public_number, actor_id=actor.id, at=at)


def publish(proposal: Proposal, *, actor: User, at: datetime, open_until_on: date | None = None) -> None:
    """Let companies find the proposal; it shows once the office has verified the organisation.

    Errors: ProposalIncomplete when a company could not tell what it is about; MayNotBePublished.
    """
    locked(proposal)
    if proposal.status in NOT_PUBLIC:
        raise MayNotBePublished
    missing = missing_to_publish(answers_of(proposal))
    if missing:
        raise ProposalIncomplete(missing)
    until = open_until_on or proposal.open_until_on
    if proposal.is_published and proposal.open_until_on == until:
        return
    has_closed = proposal.open_until_on is not None and proposal.open_until_on < day_of(at)
    if not proposal.is_published or has_closed:
        proposal.published_at = at
    proposal.is_published = True
    proposal.open_until_on = until
    proposal.saved_at = at
    audit.record("npo:proposal:publish", proposal.public_number, actor_id=actor.id, at=at)


def unpublish(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Take the proposal out of public sight."""
    locked(proposal)
    if not proposal.is_published:
        return
    proposal.is_published = False
    proposal.saved_at = at
    audit.record("npo:proposal:unpublish", proposal.public_number, actor_id=actor.id, at=at)


def attach(proposal: Proposal, stored: StoredFile, *, actor: User, at: datetime) -> Attachment:
    """Add a written file. The same file under the same name is a second press of the button and is not kept twice.

    Errors: TextIsClosed; TooManyFiles; SameFile; attachments.service.QuotaReached.
    """
    locked(proposal)
    if proposal.status not in EDITABLE:
        raise TextIsClosed
    if attachments.is_among(stored, proposal.attachments):
        raise SameFile
    if len(proposal.attachments) >= MOST_FILES:
        raise TooManyFiles
    locked(proposal.organisation)
    attachment = attachments.record(stored, organisation_id=proposal.organisation_id, uploaded_by_id=actor.id, at=at)
    proposal.attachments.append(attachment)
    db.session.flush()
    audit.record("npo:attachment:add", proposal.public_number, actor_id=actor.id, at=at, sha256=stored.sha256)
    return attachment


def detach(proposal: Proposal, attachment: Attachment, *, actor: User, at: datetime) -> str:
    """Take a file away and return its stored name, for the file itself to go once this is stored.

    Errors: TextIsClosed.
    """
    locked(proposal)
    if proposal.status not in EDITABLE:
        raise TextIsClosed
    sha256 = attachment.sha256
    stored_name = attachments.take_out(attachment, proposal.attachments)
    audit.record("npo:attachment:remove", proposal.public_number, actor_id=actor.id, at=at, sha256=sha256)
    return stored_name


def require_complete(proposal: Proposal, *, at: datetime) -> None:
    """Errors: ProposalIncomplete naming each answer that a submission at this moment lacks."""
    missing = missing_answers(answers_of(proposal), on=day_of(at))
    if missing:
        raise ProposalIncomplete(missing)


def give_number(proposal: Proposal, at: datetime) -> str:
    """Give the official number together with the moment of submission; one already given stays.

    The counter's row is locked until the transaction ends, so numbers have no gaps and no doubles.
    """
    if proposal.number is None:
        fy = fiscal_year_of(day_of(at))
        number = f"{code(fy)}-{next_number(f'proposal-{fy}'):04d}"
        proposal.number, proposal.submitted_at = number, at
    return proposal.public_number


def save_version(proposal: Proposal, actor: User, at: datetime) -> ProposalVersion | None:
    """Keep the whole text as it stands, unless it is what the last version holds."""
    last = db.session.scalar(
        select(ProposalVersion)
        .where(ProposalVersion.proposal_id == proposal.id)
        .order_by(ProposalVersion.number.desc())
        .limit(1)
    )
    content = snapshot(answers_of(proposal))
    if last and last.content == content:
        return None
    version = ProposalVersion(
        proposal_id=proposal.id,
        number=last.number + 1 if last else 1,
        content=content,
        saved_at=at,
        saved_by_id=actor.id,
    )
    db.session.add(version)
    return version


def refresh_search_text(proposal: Proposal) -> None:
    """Write what searches look at. Only what a published proposal shows to everybody belongs here."""
    of_field = {
        Question.ISSUE: [proposal.issue],
        Question.BENEFICIARIES: [proposal.beneficiaries],
        Question.FIELDS: [field.label for field in proposal.fields],
        Question.PLACE_CODES: [label_of(place) for place in proposal.place_codes],
        Question.NEEDS: [f"{need.kind.label} {need.detail}" for need in proposal.needs],
    }
    words = [proposal.title, proposal.organisation.name, proposal.organisation.kana]
    for question, said in of_field.items():
        words += said if is_never_narrowed(proposal, question) else []
    proposal.search_text = search_form("\n".join(word for word in words if word))


def require_unchanged(proposal: Proposal, opened_as: str) -> None:
    """Errors: EditConflict when any answer is not what it was when the person read it."""
    if version_of(locked(proposal), tuple(Question)) != opened_as:
        raise EditConflict


def _begin(organisation: Organisation, answers: Answers, actor: User, at: datetime) -> Proposal:
    proposal = Proposal(
        draft_number=f"D-{next_number('draft'):04d}",
        organisation=organisation,
        created_by_id=actor.id,
        created_at=at,
        saved_at=at,
    )
    db.session.add(proposal)
    _write(proposal, answers)
    db.session.flush()
    save_version(proposal, actor, at)
    return proposal


def _pressed_twice(organisation: Organisation, answers: Answers, actor: User, at: datetime) -> Proposal | None:
    last = db.session.scalar(
        select(Proposal)
        .where(
            Proposal.organisation_id == organisation.id,
            Proposal.created_by_id == actor.id,
            Proposal.created_at > at - SAME_PRESS_WITHIN,
        )
        .order_by(Proposal.id.desc())
        .limit(1)
    )
    if last is None:
        return None
    stored = answers_of(last)
    return last if all(stored[question] == value for question, value in answers.items()) else None


def _store(proposal: Proposal, answers: Answers, *, screen: Sequence[Question], opened_as: str, at: datetime) -> bool:
    """Write what differs from the stored text, and say whether anything did."""
    locked(proposal)
    if proposal.status not in EDITABLE:
        raise TextIsClosed
    stored = answers_of(proposal)
    changed = {question: value for question, value in answers.items() if stored[question] != value}
    if not changed:
        return False
    if mark({question: stored[question] for question in screen}) != opened_as:
        raise EditConflict
    if proposal.is_published and (missing := missing_to_publish({**stored, **changed})):
        raise ProposalIncomplete(missing)
    _write(proposal, changed)
    proposal.saved_at = at
    db.session.flush()
    return True


def _write(proposal: Proposal, answers: Answers) -> None:
    for question, value in answers.items():
        if question not in _ROWS:
            setattr(proposal, question.value, value)
    if Question.FIELDS in answers:
        kept = {row.field: row for row in proposal.field_rows}
        proposal.field_rows = [kept.get(field) or ProposalField(field=field) for field in answers[Question.FIELDS]]
    if Question.PLACE_CODES in answers:
        here = {row.place_code: row for row in proposal.place_rows}
        codes = answers[Question.PLACE_CODES]
        proposal.place_rows = [here.get(place) or ProposalPlace(place_code=place) for place in codes]
    if Question.NEEDS in answers:
        _write_needs(proposal, answers[Question.NEEDS])
    if Question.DIVISION_IDS in answers:
        chosen = select(Division).where(Division.id.in_(answers[Question.DIVISION_IDS])).order_by(Division.id)
        with db.session.no_autoflush:
            proposal.divisions = list(db.session.scalars(chosen))
    refresh_search_text(proposal)


def _write_needs(proposal: Proposal, needs: Sequence[Need]) -> None:
    """Rows are reused by their position: a new row at a taken position would meet the old one before it is gone."""
    rows = [*proposal.needs, *(ProposalNeed() for _ in range(len(needs)))][: len(needs)]
    for position, (row, need) in enumerate(zip(rows, needs, strict=True), start=1):
        row.position, row.kind, row.detail = position, need.kind, need.detail
        row.amount, row.unit = need.amount, need.unit
    proposal.needs = rows
