"""Enter, change and check organisations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.audit import service as audit
from matchmaker.directory import names
from matchmaker.directory.models import Municipality, Organisation, OrganisationField
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture


class NumberTaken(DomainError):
    """Another organisation has the corporate number already."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "この法人番号の団体は、すでに登録されています。"
                "同じ団体の方に招待してもらうか、心当たりがないときは事務局へお知らせください"
            )
        )


class AlreadyChecked(DomainError):
    """Somebody else of the office answered first."""

    def __init__(self) -> None:
        super().__init__(_("この団体の確認は、ほかの担当者が先に終えています。"))


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What people enter about their organisation; texts are tidy, the number is checked."""

    legal_form: LegalForm
    name: str
    kana: str
    corporate_number: str | None
    prefecture: Prefecture
    municipality_code: str | None
    address: str
    website: str
    description: str
    fields: tuple[ActivityField, ...]
    industry: Industry | None
    contact_name: str
    contact_email: str
    contact_phone: str


_PLAIN = (
    "legal_form",
    "name",
    "kana",
    "corporate_number",
    "prefecture",
    "municipality_code",
    "address",
    "website",
    "description",
    "industry",
    "contact_name",
    "contact_email",
    "contact_phone",
)

_CHECKED_BY_OFFICE = ("legal_form", "name", "corporate_number")
"""When one of these changes, the earlier check says nothing any more."""


def register(facts: OrganisationFacts, *, side: Side, actor_id: int | None, at: datetime) -> Organisation:
    """Enter a new organisation; it waits for the office's check. Errors: NumberTaken."""
    organisation = Organisation(
        number=f"O-{next_number('organisation'):04d}",
        side=side,
        verification=Verification.WAITING,
        created_at=at,
    )
    _refuse_taken_number(facts.corporate_number, organisation)
    _enter(organisation, facts)
    db.session.add(organisation)
    _flush()
    audit.record("directory:organisation:register", organisation.number, actor_id=actor_id, at=at, side=side.value)
    return organisation


def change(organisation: Organisation, facts: OrganisationFacts, *, version: int, actor_id: int, at: datetime) -> bool:
    """Store changed facts and say whether the organisation now waits for the office's check (again).

    That is so when its name, legal form or corporate number changed, and whenever the office had refused it.
    Errors: EditConflict when somebody saved since ``version``; NumberTaken.
    """
    locked(organisation)
    if organisation.version != version:
        raise EditConflict
    changed = sorted(key for key in _PLAIN if getattr(organisation, key) != getattr(facts, key))
    needs_check = organisation.verification is Verification.REFUSED or any(key in changed for key in _CHECKED_BY_OFFICE)
    _refuse_taken_number(facts.corporate_number, organisation)
    if organisation.name != facts.name:
        names.keep_former(organisation, last_on=day_of(at))
    _enter(organisation, facts)
    if needs_check:
        organisation.verification = Verification.WAITING
        organisation.checked_at = None
        organisation.checked_by_id = None
    _flush()
    audit.record(
        "directory:organisation:change",
        organisation.number,
        actor_id=actor_id,
        at=at,
        changed=changed,
        needs_check=needs_check,
    )
    return needs_check


def verify(organisation: Organisation, *, actor_id: int, at: datetime) -> None:
    """State that the organisation is what it says. Errors: AlreadyChecked."""
    _answer(organisation, Verification.VERIFIED, "", actor_id=actor_id, at=at)


def refuse(organisation: Organisation, *, reason: str, actor_id: int, at: datetime) -> None:
    """State that this could not be found out, and why. Errors: AlreadyChecked."""
    _answer(organisation, Verification.REFUSED, reason, actor_id=actor_id, at=at)


def searchable(organisation: Organisation, municipality_name: str = "") -> str:
    """Return the text in which searches look."""
    labels = [field.label for field in organisation.fields]
    industry = organisation.industry.label if organisation.industry else ""
    former = [text for row in organisation.former_names for text in (row.name, row.kana)]
    texts = [organisation.name, organisation.kana, organisation.number, municipality_name, industry, *labels, *former]
    return search_form(" ".join([*texts, organisation.description]))


def _answer(organisation: Organisation, answer: Verification, note: str, *, actor_id: int, at: datetime) -> None:
    locked(organisation)
    if organisation.verification is not Verification.WAITING:
        raise AlreadyChecked
    organisation.verification = answer
    organisation.check_note = note
    organisation.checked_at = at
    organisation.checked_by_id = actor_id
    audit.record(f"directory:organisation:{answer.value}", organisation.number, actor_id=actor_id, at=at)


def _enter(organisation: Organisation, facts: OrganisationFacts) -> None:
    for key in _PLAIN:
        setattr(organisation, key, getattr(facts, key))
    kept = {row.field: row for row in organisation.field_rows}
    organisation.field_rows = [kept.get(field) or OrganisationField(field=field) for field in facts.fields]
    municipality = db.session.get(Municipality, facts.municipality_code) if facts.municipality_code else None
    organisation.search_text = searchable(organisation, municipality.name if municipality else "")


def _refuse_taken_number(number: str | None, organisation: Organisation) -> None:
    if number is None:
        return
    with db.session.no_autoflush:
        owner_id = db.session.scalar(select(Organisation.id).where(Organisation.corporate_number == number))
    if owner_id is not None and owner_id != organisation.id:
        raise NumberTaken


def _flush() -> None:
    """Two people may enter the same number at the same moment: then the database decides."""
    try:
        db.session.flush()
    except IntegrityError as clash:
        if "corporate_number" in str(clash.orig):
            raise NumberTaken from clash
        raise
