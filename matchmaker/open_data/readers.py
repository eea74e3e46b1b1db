"""Where the rows of open data come from. Every statement is narrowed to what everybody may see."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from matchmaker.directory.models import Organisation
from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import JAPAN, day_of, today
from matchmaker.indicators.catalogue import find as find_indicator
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.indicators.models import OfficialFigure
from matchmaker.indicators.queries import is_approved
from matchmaker.open_data.fields import Row
from matchmaker.permissions.levels import Reader
from matchmaker.projects.models import Project
from matchmaker.projects.queries import public_clause as public_projects
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.publication import is_shown
from matchmaker.proposals.queries import public_clause as public_proposals
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import public_stage


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
    newest = select(LedgerSnapshot.fy, func.max(LedgerSnapshot.edition)).group_by(LedgerSnapshot.fy)
    return (
        select(CountDecision)
        .join(LedgerSnapshot, LedgerSnapshot.id == CountDecision.snapshot_id)
        .where(CountDecision.is_counted, tuple_(LedgerSnapshot.fy, LedgerSnapshot.edition).in_(newest))
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
