"""Where the rows of open data come from. Every statement is narrowed to what everybody may see."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import JAPAN, day_of, now, today
from matchmaker.indicators.catalogue import find as find_indicator
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.indicators.models import OfficialFigure
from matchmaker.indicators.queries import is_approved, is_newest
from matchmaker.open_data.fields import Row
from matchmaker.permissions.levels import Reader
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.queries import public_clause as public_projects
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.publication import is_shown
from matchmaker.proposals.queries import public_clause as public_proposals
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import CollaborationForm, public_stage
from matchmaker.review.call_models import Call, CallEdition, StageKind

PREFECTURE_ID = "JP-JCN-5000020240001"
"""三重県 as org-id.guide writes organisations: the code of the National Tax Agency's list, and the number in it."""

_SETTLED = (
    ProjectStatus.CONTRACTED,
    ProjectStatus.IN_PROGRESS,
    ProjectStatus.COMPLETED,
    ProjectStatus.REFLECTED,
    ProjectStatus.CLOSED,
    ProjectStatus.CONTINUED,
    ProjectStatus.MERGED,
)
"""Where the procedure for a project's money is behind it: before a tender its amount is what nobody may know."""


def organisations() -> Select[Any]:
    """The organisations that the office has verified."""
    return (
        select(Organisation)
        .where(Organisation.verification == Verification.VERIFIED)
        .options(joinedload(Organisation.municipality))
        .order_by(Organisation.id)
    )


def organisation(one: Organisation, base_url: str) -> Row:
    """Read a verified organisation."""
    return {
        "id": one.number,
        "name": one.name,
        "name_kana": one.kana or None,
        "side": one.side.value,
        "legal_form": one.legal_form.value,
        "legal_form_label": one.legal_form.label,
        "corporate_number": one.corporate_number,
        "local_government_code": one.municipality_code,
        "municipality": one.municipality.name if one.municipality else None,
        "activity_fields": sorted(field.value for field in one.fields),
        "industry": one.industry.value if one.industry and one.side is Side.COMPANY else None,
        "website": one.website or None,
        "verified_on": day_of(one.checked_at) if one.checked_at else None,
        "url": f"{base_url}/organisations/{one.number}",
    }


def proposals() -> Select[Any]:
    """The proposals that everybody may see."""
    return select(Proposal).where(public_proposals()).options(selectinload(Proposal.field_levels)).order_by(Proposal.id)


def proposal(one: Proposal, base_url: str) -> Row:
    """Read a public proposal; a field that is not open to everybody is empty."""
    on = today()

    def open_to_all(question: Question, value: Any, closed: Any = None) -> Any:
        return value if is_shown(one, question, Reader.PUBLIC, on) else closed

    needs = [
        f"{need.kind.label}：{need.detail}"
        + (f"（{need.amount}{need.unit.label}）" if need.amount and need.unit else "")
        for need in one.needs
    ]
    return {
        "id": one.public_number,
        "title": one.title,
        "organisation_id": one.organisation.number,
        "organisation": one.organisation.name,
        "stage": public_stage(one.status).value,
        "issue": open_to_all(Question.ISSUE, one.issue or None),
        "beneficiaries": open_to_all(Question.BENEFICIARIES, one.beneficiaries or None),
        "activity_fields": open_to_all(Question.FIELDS, sorted(field.value for field in one.fields), []),
        "place_codes": open_to_all(Question.PLACE_CODES, sorted(one.place_codes), []),
        "starts_on": open_to_all(Question.STARTS_ON, one.starts_on),
        "ends_on": open_to_all(Question.ENDS_ON, one.ends_on),
        "open_until_on": open_to_all(Question.OPEN_UNTIL_ON, one.open_until_on),
        "needs": open_to_all(Question.NEEDS, needs, []),
        "submitted_on": day_of(one.submitted_at) if one.submitted_at else None,
        "url": f"{base_url}/proposals/{one.public_number}",
    }


def projects() -> Select[Any]:
    """The projects that everybody may see."""
    return (
        select(Project)
        .where(public_projects())
        .options(joinedload(Project.proposal).lazyload("*"))
        .order_by(Project.id)
    )


def project(one: Project, base_url: str) -> Row:
    """Read a public project. A proposal that is not public is not named."""
    return {
        "id": one.number,
        "title": one.title,
        "proposal_id": one.proposal.number if one.proposal and one.proposal.is_published else None,
        "status": one.status.value,
        "status_label": one.status.label,
        "form": one.form.value if one.form else None,
        "form_label": one.form.label if one.form else None,
        "partners": [partner.name for partner in one.partners],
        "divisions": [f"{division.department} {division.name}" for division in one.divisions],
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "budget_yen": one.budget_yen,
        "url": f"{base_url}/projects/{one.number}",
    }


def grants() -> Select[Any]:
    """The public projects that the prefecture commissions from an NPO and pays in full.

    In a subsidy and a cost share the parties pay too, and which part is whose was never made public.
    """
    went_on = and_(Project.status == ProjectStatus.STALLED, Project.stalled_from.in_(_SETTLED))
    return (
        projects()
        .where(
            Project.form == CollaborationForm.COMMISSION,
            Project.budget_yen > 0,
            or_(Project.status.in_(_SETTLED), went_on),
            Project.partners.any(ProjectPartner.kind == PartnerKind.NPO),
        )
        .options(selectinload(Project.partners).joinedload(ProjectPartner.organisation))
    )


def grant(one: Project, base_url: str) -> Row:
    """Read a commissioned project as money that goes to an NPO."""
    recipients = [partner for partner in one.partners if partner.kind is PartnerKind.NPO]
    return {
        "id": one.number,
        "title": one.title,
        "description": one.summary or None,
        "amount_yen": one.budget_yen,
        "agreed_on": one.form_agreed_on,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "recipient_ids": [_organisation_id(partner) for partner in recipients],
        "recipients": [partner.name for partner in recipients],
        "divisions": [f"{division.department} {division.name}" for division in one.divisions],
        "url": f"{base_url}/projects/{one.number}",
    }


def _organisation_id(partner: ProjectPartner) -> str:
    """An id for the whole world; of an organisation that is not in the public directory, its name alone is public."""
    known = partner.organisation
    if known is None or not known.is_verified:
        return f"{PREFECTURE_ID}-{'_'.join(partner.name.split())}"
    return f"JP-JCN-{known.corporate_number}" if known.corporate_number else f"{PREFECTURE_ID}-{known.number}"


def calls() -> Select[Any]:
    """The calls that were published, with the moments of their editions."""
    moments = selectinload(Call.editions)
    return (
        select(Call)
        .where(Call.published_at.is_not(None))
        .options(moments.options(load_only(CallEdition.saved_at), lazyload(CallEdition.saved_by)))
        .order_by(Call.id)
    )


def call(one: Call, base_url: str) -> Row:
    """Read a published call."""
    phase, held = one.phase(now()), {stage.kind: stage.held_on for stage in one.stages}
    published = one.published_at or one.created_at
    changed = max([published, *(edition.saved_at for edition in one.editions), one.cancelled_at or published])
    return {
        "id": one.number,
        "title": one.title,
        "fiscal_year": one.fiscal_year_fy,
        "fiscal_year_label": fiscal_year.label(one.fiscal_year_fy),
        "status": phase.value,
        "status_label": phase.label,
        "aim": one.aim or None,
        "eligibility": one.eligibility or None,
        "accepts_free_theme": one.accepts_free_theme,
        "themes": [f"{theme.number} {theme.title}" for theme in one.themes],
        "criteria": [f"{criterion.name}×{criterion.weight}" for criterion in one.criteria],
        "opens_at": _in_japan(one.opens_at),
        "closes_at": _in_japan(one.closes_at),
        "grace_minutes": one.grace_minutes,
        "papers_on": held.get(StageKind.PAPERS),
        "presentation_on": held.get(StageKind.PRESENTATION),
        "published_at": _in_japan(published),
        "changed_at": _in_japan(changed),
        "cancel_reason": one.cancel_reason or None,
        "url": f"{base_url}/calls/{one.number}",
    }


def figures() -> Select[Any]:
    """Every official figure that was approved, corrected ones included."""
    return select(OfficialFigure).where(is_approved()).order_by(OfficialFigure.id)


def figure(one: OfficialFigure, base_url: str) -> Row:
    """Read an official figure."""
    indicator = find_indicator(one.indicator)
    return {
        "id": str(one.id),
        "indicator": one.indicator,
        "indicator_title": indicator.title if indicator else one.indicator,
        "unit": indicator.unit if indicator else "",
        "fiscal_year": one.reporting_fy,
        "fiscal_year_label": fiscal_year.label(one.reporting_fy),
        "measure": one.measure.value,
        "value": one.value,
        "data_year": one.data_year_label or None,
        "source": one.source,
        "entered_on": day_of(one.entered_at),
        "url": f"{base_url}/indicators/{one.indicator}",
    }


def members() -> Select[Any]:
    """The projects that the newest snapshot of each fiscal year counts."""
    return (
        select(CountDecision)
        .join(LedgerSnapshot, LedgerSnapshot.id == CountDecision.snapshot_id)
        .where(CountDecision.is_counted, is_newest())
        .options(joinedload(CountDecision.snapshot))
        .order_by(LedgerSnapshot.fy, CountDecision.position)
    )


def member(one: CountDecision, base_url: str) -> Row:
    """Read one decision of a snapshot."""
    snapshot, code = one.snapshot, fiscal_year.code(one.snapshot.fy)
    return {
        "id": str(one.id),
        "fiscal_year": snapshot.fy,
        "fiscal_year_label": fiscal_year.label(snapshot.fy),
        "snapshot": f"{code}-{snapshot.edition}",
        "as_of": _in_japan(snapshot.as_of),
        "rule_version": snapshot.rule_version,
        "project_id": one.project_number,
        "title": one.title,
        "form": one.form,
        "partners": one.parties,
        "divisions": one.divisions,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "reason": "／".join(one.reasons.splitlines()),
        "url": f"{base_url}/projects/{one.project_number}",
    }


def _in_japan(moment: datetime) -> datetime:
    return moment.astimezone(JAPAN).replace(microsecond=0)
