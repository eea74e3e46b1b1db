"""The only door into matching: records become facts, without names, people or contacts."""

from matchmaker.directory.models import Organisation
from matchmaker.directory.places import place_of
from matchmaker.interests.models import Interest
from matchmaker.interests.status import RefusalKind
from matchmaker.introductions.names import without_name
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.publication import is_never_narrowed
from matchmaker.proposals.questions import Question

INVENTED = "（架空）"
"""What marks the names and texts of invented organisations for people. It says nothing about the record."""


def proposal_facts(proposal: Proposal) -> ProposalFacts:
    """Return what scoring may know of a proposal; its id is the draft number, which it keeps for life.

    Reasons of a match name words of the text to companies. So what the proposer does not publish is not read.
    """
    organisation = proposal.organisation
    of_field = {
        Question.ISSUE: proposal.issue,
        Question.AIM: proposal.aim,
        Question.CONTENT: proposal.content,
        Question.ROLE_COMPANY: proposal.role_company,
    }
    public = [text for question, text in of_field.items() if is_never_narrowed(proposal, question)]

    def compared(text: str) -> str:
        return _without_mark(text, organisation)

    return ProposalFacts(
        id=proposal.draft_number,
        title=compared(proposal.title),
        mission=compared(without_name(organisation.description, organisation.name)),
        summary=compared("\n".join(filter(None, public))),
        beneficiaries=compared(proposal.beneficiaries if is_never_narrowed(proposal, Question.BENEFICIARIES) else ""),
        fields=frozenset(proposal.fields),
        places=_places(proposal.place_codes),
        needs=tuple(Need(need.kind, compared(need.detail), need.amount, need.unit) for need in proposal.needs),
        legal_form=organisation.legal_form,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        open_until=proposal.open_until_on,
    )


def interest_facts(interest: Interest) -> InterestFacts:
    """Return what scoring may know of an interest; its id is its number."""
    organisation = interest.organisation

    def anonymous(text: str) -> str:
        return without_name(_without_mark(text, organisation), organisation.name)

    return InterestFacts(
        id=interest.number,
        profile=anonymous("\n".join(filter(None, [organisation.description, interest.policy]))),
        industry=organisation.industry,
        themes=frozenset(interest.themes),
        is_undecided=interest.is_undecided,
        headquarters=_headquarters(organisation),
        regions=_places(interest.place_codes),
        offers=tuple(Offer(one.kind, anonymous(one.detail), one.amount, one.unit) for one in interest.offers),
        refusals=Refusals(
            fields=frozenset(map(ActivityField, interest.refused(RefusalKind.FIELD))),
            legal_forms=frozenset(map(LegalForm, interest.refused(RefusalKind.LEGAL_FORM))),
            resource_kinds=frozenset(map(ResourceKind, interest.refused(RefusalKind.RESOURCE_KIND))),
            outside_regions=bool(interest.refused(RefusalKind.OUTSIDE_REGIONS)),
        ),
        valid_until=interest.valid_until_on,
    )


def _without_mark(text: str, organisation: Organisation) -> str:
    return text.replace(INVENTED, "") if organisation.name.endswith(INVENTED) else text


def _headquarters(organisation: Organisation) -> Place | None:
    if organisation.municipality_code:
        return place_of(organisation.municipality_code)
    return Place(prefecture=organisation.prefecture) if organisation.prefecture else None


def _places(codes: list[str]) -> tuple[Place, ...]:
    known = (place_of(code) for code in sorted(codes))
    return tuple(place for place in known if place is not None)
