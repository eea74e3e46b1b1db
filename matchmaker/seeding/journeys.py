"""Invented records (``seeds/demo.json``) with which every journey can be walked at once.

Each record goes through the services that people use, so that its history, its mails and the audit are real ones.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from matchmaker.accounts.models import User
from matchmaker.directory import service as directory
from matchmaker.directory.models import Division, Organisation
from matchmaker.directory.service import OrganisationFacts
from matchmaker.directory.terms import Side
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.fiscal_year import fiscal_year_of
from matchmaker.interests import service as interests
from matchmaker.interests.answers import Answers
from matchmaker.interests.models import Interest
from matchmaker.introductions import matches
from matchmaker.introductions import service as introductions
from matchmaker.matching.facts import Offer
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit
from matchmaker.permissions.grants import Role
from matchmaker.projects import service as projects
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals import service as proposals
from matchmaker.proposals.answers import Need
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from matchmaker.review import reception
from matchmaker.review import service as review
from matchmaker.review.criteria import criteria_of
from matchmaker.review.decisions import Draft, Ground
from matchmaker.review.reception import Checked
from matchmaker.review.reception_models import ReceptionAnswer
from matchmaker.review.workflow import Outcome
from matchmaker.seeding import disclosures, reflections
from matchmaker.seeding.policy import KNOWN_FROM

BEGAN_BEFORE = timedelta(days=60)
STEP = timedelta(days=3)


@dataclass
class Journeys:
    """The people who act, and what they made so far. ``at`` is the moment of loading: everything lies before it."""

    users: dict[Role, User]
    division: Division
    at: datetime
    proposals: dict[str, Proposal] = field(default_factory=dict)
    interests: dict[str, Interest] = field(default_factory=dict)

    def day(self, written: list[int]) -> date:
        """Return the day of [fiscal year from the current one, month, day]."""
        offset, month, day = written
        fy = fiscal_year_of(day_of(self.at)) + offset
        return date(fy if month >= 4 else fy + 1, month, day)


def add_organisation(entry: dict[str, Any], *, side: Side, at: datetime) -> Organisation:
    """Store one of the two invented organisations; it waits for its check."""
    is_npo = side is Side.NPO
    facts = OrganisationFacts(
        legal_form=LegalForm.NPO if is_npo else LegalForm.COMPANY,
        name=entry["name"],
        kana=entry["kana"],
        corporate_number=None,
        prefecture=Prefecture.MIE,
        municipality_code=entry["municipality_code"],
        address="",
        website="",
        description=entry["description"],
        fields=tuple(map(ActivityField, entry.get("fields", []))),
        industry=Industry(entry["industry"]) if "industry" in entry else None,
        contact_name="デモ NPO 花子" if is_npo else "デモ 企業 一郎",
        contact_email="npo@demo.example" if is_npo else "company@demo.example",
        contact_phone="",
    )
    return directory.register(facts, side=side, actor_id=None, at=at - BEGAN_BEFORE)


def add_division(entry: dict[str, str]) -> Division:
    """Store the invented division."""
    division = Division(department=entry["department"], name=entry["name"], valid_from_on=KNOWN_FROM)
    db.session.add(division)
    return division


def add_all(records: dict[str, Any], journeys: Journeys) -> None:
    """Store interests, proposals in every state, introductions and reported projects."""
    for entry in records["interests"]:
        journeys.interests[entry["key"]] = _add_interest(entry, journeys)
    for place, entry in enumerate(records["proposals"]):
        began_at = journeys.at - BEGAN_BEFORE + place * STEP
        journeys.proposals[entry["key"]] = add_proposal(entry, journeys, began_at)
    for entry in records["introductions"]:
        _add_introduction(entry, journeys)
    for place, entry in enumerate(records["reports"]):
        _add_report(entry, journeys, journeys.at - timedelta(days=20 - place))
    for entry in records["reflections"]:
        reflections.add(entry, journeys.users, at=journeys.at)
    for entry in records["disclosures"]:
        disclosures.add(entry, journeys.proposals, journeys.users, at=journeys.at)


def _add_interest(entry: dict[str, Any], journeys: Journeys) -> Interest:
    actor = journeys.users[Role.COMPANY]
    answers = Answers(
        valid_until_on=day_of(journeys.at) + timedelta(days=365),
        is_undecided=entry.get("is_undecided", False),
        themes=tuple(sorted(map(Theme, entry["themes"]))),
        place_codes=tuple(sorted(entry["place_codes"])),
        offers=tuple(Offer(*_resource(offer)) for offer in entry["offers"]),
        refused_kinds=tuple(sorted(map(ResourceKind, entry["refused_kinds"]))),
        policy=entry["policy"],
        shows_name=entry["shows_name"],
    )
    return interests.create(_organisation_of(actor), answers, actor=actor, at=journeys.at - BEGAN_BEFORE)


def add_proposal(entry: dict[str, Any], journeys: Journeys, began_at: datetime) -> Proposal:
    """Store a proposal and take it as far as it goes."""
    actor = journeys.users[Role.NPO]
    answers = _answers(entry["answers"], journeys)
    proposal = proposals.create_draft(_organisation_of(actor), answers, actor=actor, at=began_at)
    if entry.get("is_published"):
        until = day_of(journeys.at) + timedelta(days=180)
        proposals.publish(proposal, actor=actor, at=began_at, open_until_on=until)
    if entry["until"] != ProposalStatus.DRAFT:
        review.submit(proposal, actor=actor, at=began_at + STEP)
        _screen(proposal, entry, journeys, began_at + 2 * STEP)
    return proposal


def _screen(proposal: Proposal, entry: dict[str, Any], journeys: Journeys, at: datetime) -> None:
    office, until = journeys.users[Role.NPO_OFFICE], ProposalStatus(entry["until"])
    if until is ProposalStatus.SUBMITTED:
        return
    if until is ProposalStatus.RETURNED_FOR_FIX:
        due = day_of(journeys.at) + timedelta(days=entry["fix_due_in_days"])
        asked = {"papers": Checked(ReceptionAnswer.ASK, entry["reason"])}
        reception.check(proposal, reception.all_yes() | asked, actor=office, at=at)
        reception.return_for_fix(proposal, fix_due_on=due, actor=office, at=at)
        return
    reception.check(proposal, reception.all_yes(), actor=office, at=at)
    reception.accept(proposal, actor=office, at=at)
    if "decision" not in entry:
        return
    drafted = review.draft_decision(
        proposal,
        _draft(proposal, entry["decision"]),
        actor=office,
        at=at + STEP,
    )
    if until is not ProposalStatus.DECISION_DRAFTED:
        review.decide(drafted, actor=journeys.users[Role.APPROVER], at=at + 2 * STEP, release_now=True)


def _draft(proposal: Proposal, written: dict[str, Any]) -> Draft:
    findings = written["findings"]
    return Draft(
        outcome=Outcome(written["outcome"]),
        reason=written["reason"],
        next_step=written["next_step"],
        grounds=[
            Ground(criterion.key, f"text:{source}", finding)
            for criterion, (source, finding) in zip(criteria_of(proposal), findings, strict=True)
        ],
        grant_keys=written.get("grants", []),
    )


def _add_introduction(entry: dict[str, Any], journeys: Journeys) -> None:
    proposal, interest = journeys.proposals[entry["proposal"]], journeys.interests[entry["interest"]]
    npo, company = journeys.users[Role.NPO], journeys.users[Role.COMPANY]
    asking, asked = (npo, company) if entry["asked_by"] == "npo" else (company, npo)
    match = matches.explain(proposal, interest, on=day_of(journeys.at))
    introduction = introductions.ask(
        proposal,
        interest,
        message=entry["message"],
        match=match,
        actor=asking,
        at=journeys.at - 2 * STEP,
    )
    if "answer" in entry:
        introductions.accept(introduction, answer=entry["answer"], actor=asked, at=journeys.at - STEP)


def _add_report(entry: dict[str, Any], journeys: Journeys, at: datetime) -> None:
    starts_on, ends_on = journeys.day(entry["starts"]), journeys.day(entry["ends"])
    project = projects.report(
        ProjectFacts(
            title=entry["title"],
            summary=entry["summary"],
            partners=[NamedPartner(PartnerKind(kind), name) for kind, name in entry["partners"]],
            division_ids=[journeys.division.id],
            starts_on=starts_on,
            ends_on=ends_on,
            budget_yen=entry["budget_yen"],
        ),
        form=CollaborationForm(entry["form"]),
        form_agreed_on=min(starts_on, day_of(at)),
        actor=journeys.users[Role.DIVISION],
        at=at,
    )
    if entry["is_confirmed"]:
        projects.confirm(project, actor=journeys.users[Role.NPO_OFFICE], at=at + timedelta(days=1))


def _answers(written: dict[str, Any], journeys: Journeys) -> dict[Question, Any]:
    answers: dict[Question, Any] = {
        Question(name): value for name, value in written.items() if name not in {"starts", "ends"}
    }
    answers[Question.FIELDS] = [one for one in ActivityField if one in written["fields"]]
    answers[Question.PLACE_CODES] = sorted(written["place_codes"])
    if "starts" in written:
        answers[Question.STARTS_ON] = journeys.day(written["starts"])
        answers[Question.ENDS_ON] = journeys.day(written["ends"])
        answers[Question.NEEDS] = [Need(*_resource(need)) for need in written["needs"]]
        answers[Question.PREFERRED_FORM] = CollaborationForm(written["preferred_form"])
        answers[Question.DIVISION_IDS] = [journeys.division.id]
        answers[Question.DECLARES_NO_POLITICS_OR_RELIGION] = True
        answers[Question.DECLARES_NO_ORGANISED_CRIME] = True
    return answers


def _resource(written: list[Any]) -> tuple[ResourceKind, str, int | None, Unit | None]:
    kind, detail, amount, unit = written
    return ResourceKind(kind), detail, amount, Unit(unit) if unit else None


def _organisation_of(user: User) -> Organisation:
    organisation = user.organisation
    if organisation is None:
        raise ValueError(f"{user.email} acts for no organisation")
    return organisation
