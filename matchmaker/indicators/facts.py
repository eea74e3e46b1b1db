"""The door into counting: what the rule may know of a project."""

from matchmaker.indicators.counting import CountingFacts
from matchmaker.projects.states import Recorded
from matchmaker.projects.status import PartnerKind, ProjectStatus


def facts_of(project: Recorded) -> CountingFacts:
    """Return the facts of a project as it is or was on record."""
    npos = [partner for partner in project.partners if partner.kind is PartnerKind.NPO]
    return CountingFacts(
        form=project.form,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        npos=len(npos),
        divisions=len(project.divisions),
        is_confirmed=project.confirmed_at is not None,
        is_refused=project.status is ProjectStatus.REFUSED,
        is_dissolved=project.status is ProjectStatus.DISSOLVED,
        merged_on=project.merged_on,
        npo_forms=tuple(partner.legal_form for partner in npos if partner.legal_form is not None),
    )
