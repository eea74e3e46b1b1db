"""The registry of the demonstration: public cases as organisations, proposals and interests, and the history of Mie.

The proposals stay drafts that are published: the register invents no submission and no decision of a real
organisation. No contact, reading or number is made up either. Rows are inserted directly, because nobody acts here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Municipality, Organisation, OrganisationField
from matchmaker.directory.service import searchable
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, next_number
from matchmaker.interests.answers import Answers, write
from matchmaker.interests.models import Interest
from matchmaker.interests.status import InterestStatus
from matchmaker.matching.facts import NATIONWIDE, Offer
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme
from matchmaker.matching.vocabulary import wide_regions
from matchmaker.proposals.models import PastProposal, Proposal, ProposalField, ProposalNeed, ProposalPlace
from matchmaker.proposals.service import refresh_search_text
from matchmaker.proposals.status import ProposalStatus
from matchmaker.seeding.files import read_entries

CHECK_NOTE = "公開されている事例から作ったデモの登録です。団体・企業が登録したものではありません。"

# Labels of the source that our vocabulary words differently.
_LEGAL_FORMS = {"社団法人(当時)": LegalForm.OTHER, "住民自治協議会": LegalForm.NEIGHBOURHOOD}
_COOPERATIVES = ("協同組合", "信用金庫")


def add_cases(*, checked_by: User, at: datetime) -> int:
    """Store the organisations, their open proposals and their active interests; return how many proposals."""
    entries = read_entries("cases/proposals.jsonl")
    sources = {entry["id"]: str(entry["source_url"]) for entry in entries}
    source_of = {link["interest"]: sources[link["proposal"]] for link in read_entries("cases/links.jsonl")}
    codes = _municipality_codes()
    npos: dict[str, Organisation] = {}
    for age, entry in zip(reversed(range(len(entries))), entries, strict=True):
        key = entry["organisation_key"]
        if key not in npos:
            npos[key] = _npo(entry, codes, checked_by, at)
        db.session.add(_proposal(entry, npos[key], codes, age=age, at=at))
    interests = read_entries("cases/interests.jsonl")
    for age, entry in zip(reversed(range(len(interests))), interests, strict=True):
        db.session.add(_interest(entry, source_of.get(entry["id"], ""), checked_by, age=age, at=at))
    db.session.flush()
    return len(entries)


def add_past_proposals() -> int:
    """Store the proposals of earlier years that are not there yet; return how many."""
    there = set(db.session.scalars(select(PastProposal.code)))
    entries = read_entries("mie_proposals.jsonl")
    rows = [_past_proposal(entry) for entry in entries if entry["id"] not in there]
    db.session.add_all(rows)
    return len(rows)


def _npo(entry: dict[str, Any], codes: dict[tuple[str, str], str], checked_by: User, at: datetime) -> Organisation:
    organisation = _organisation(Side.NPO, entry["organisation"], entry["source_url"], checked_by, at)
    organisation.legal_form = _LEGAL_FORMS.get(entry["legal_form"]) or LegalForm.from_label(entry["legal_form"])
    organisation.prefecture = _prefecture(entry.get("prefecture"))
    organisation.municipality_code = codes.get(_place_names(entry))
    organisation.description = entry["mission"]
    fields = map(ActivityField.from_label, entry["activity_fields"])
    organisation.field_rows = [OrganisationField(field=field) for field in dict.fromkeys(fields)]
    organisation.search_text = searchable(organisation, entry.get("municipality") or "")
    return organisation


def _proposal(
    entry: dict[str, Any], owner: Organisation, codes: dict[tuple[str, str], str], *, age: int, at: datetime
) -> Proposal:
    posted_at = at - timedelta(days=2 + age * 3)
    fields = dict.fromkeys(map(ActivityField.from_label, entry["activity_fields"]))
    proposal = Proposal(
        draft_number=f"D-{next_number('draft'):04d}",
        organisation=owner,
        status=ProposalStatus.DRAFT,
        is_published=True,
        published_at=posted_at,
        open_until_on=day_of(at) + timedelta(days=30 + age * 37 % 330),
        title=entry["title"],
        issue=entry["summary"],
        source_url=entry["source_url"],
        created_at=posted_at,
        saved_at=posted_at,
        field_rows=[ProposalField(field=field) for field in fields],
        place_rows=[ProposalPlace(place_code=code) for code in _places(entry, codes)],
        needs=[
            ProposalNeed(position=position, kind=ResourceKind.from_label(need["kind"]), detail=need["detail"])
            for position, need in enumerate(entry["needs"], start=1)
        ],
    )
    refresh_search_text(proposal)
    return proposal


def _interest(entry: dict[str, Any], source_url: str, checked_by: User, *, age: int, at: datetime) -> Interest:
    company = _organisation(Side.COMPANY, entry["organisation"], source_url, checked_by, at)
    is_cooperative = any(word in company.name for word in _COOPERATIVES)
    company.legal_form = LegalForm.COOPERATIVE if is_cooperative else LegalForm.COMPANY
    company.prefecture = _prefecture(entry["hq_prefecture"])
    company.description = entry["profile"]
    company.industry = Industry.from_label(entry["industry"])
    company.search_text = searchable(company)
    activated_at = at - timedelta(days=1 + age * 2)
    interest = Interest(
        number=f"K-{next_number('interest'):04d}",
        organisation=company,
        status=InterestStatus.ACTIVE,
        source_url=source_url,
        created_at=activated_at,
        saved_at=activated_at,
        activated_at=activated_at,
    )
    answers = Answers(
        valid_until_on=day_of(at) + timedelta(days=180 + age * 3),
        themes=tuple(sorted(map(Theme.from_label, entry["themes"]))),
        place_codes=tuple(sorted(_regions(entry["regions"]))),
        offers=tuple(Offer(ResourceKind.from_label(offer["kind"]), offer["detail"]) for offer in entry["offers"]),
        shows_name=True,
    )
    write(interest, answers)
    return interest


def _organisation(side: Side, name: str, source_url: str, checked_by: User, at: datetime) -> Organisation:
    return Organisation(
        number=f"O-{next_number('organisation'):04d}",
        side=side,
        name=name,
        kana="",
        verification=Verification.VERIFIED,
        checked_at=at,
        checked_by_id=checked_by.id,
        check_note=CHECK_NOTE,
        source_url=source_url,
        created_at=at,
    )


def _past_proposal(entry: dict[str, Any]) -> PastProposal:
    proposer = entry["proposer"] or ""
    return PastProposal(
        code=entry["id"],
        calendar_year=entry["year"],
        scheme=entry["scheme"],
        level=entry["level"],
        title=entry["title"] or f"{proposer}の提案（題名は資料にありません）",
        proposer=proposer,
        proposer_type=entry["proposer_type"] or "",
        theme=entry["theme"],
        summary=entry["summary"],
        result=entry["result"],
        result_detail=entry["result_detail"] or "",
        department=entry["department"] or "",
        note=entry["note"] or "",
        source_url=entry["source_url"],
    )


def _municipality_codes() -> dict[tuple[str, str], str]:
    rows = db.session.execute(select(Municipality.prefecture, Municipality.name, Municipality.code))
    return {(prefecture.label, name): code for prefecture, name, code in rows}


def _prefecture(label: str | None) -> Prefecture | None:
    return Prefecture.from_label(label) if label else None


def _place_names(entry: dict[str, Any]) -> tuple[str, str]:
    return entry.get("prefecture") or "", entry.get("municipality") or ""


def _places(entry: dict[str, Any], codes: dict[tuple[str, str], str]) -> Iterator[str]:
    """The municipality where it is known, else the prefecture; nothing where the case names no place."""
    prefecture = _prefecture(entry.get("prefecture"))
    if prefecture is not None:
        yield codes.get(_place_names(entry), prefecture.value)


def _regions(labels: list[str]) -> set[str]:
    found: set[str] = set()
    for label in labels:
        if label == "全国":
            found.add(NATIONWIDE)
        elif label in wide_regions():
            found |= {prefecture.value for prefecture in wide_regions()[label]}
        else:
            found.add(Prefecture.from_label(label).value)
    return found
