"""Something public of every kind, and beside it what must stay inside."""

from datetime import date

import pytest

from matchmaker.accounts.models import User
from matchmaker.directory.terms import Verification
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger
from matchmaker.projects import service as projects
from matchmaker.projects.models import Project
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm, ProposalStatus
from matchmaker.review.call_models import CallPhase
from matchmaker.seeding import policy
from tests.support import calling, records

AGREED_ON = date(2026, 4, 1)
PERIOD = (date(2026, 4, 1), date(2027, 3, 31))


def reported(title: str, *, form: CollaborationForm, partners: list[NamedPartner], actor: User, **facts) -> Project:
    """A project that a division reported; nobody has confirmed it."""
    division_ids = [actor.division.id]
    with transaction():
        said = ProjectFacts(title, facts.pop("summary", ""), partners, division_ids, *PERIOD, **facts)
        return projects.report(said, form=form, form_agreed_on=AGREED_ON, actor=actor, at=clock.now())


@pytest.fixture
def registry(npo, company, other_npo, division_staff, office) -> Project:
    """The first of two public projects; the other one is a commission."""
    records.proposal(npo, status=ProposalStatus.SUBMITTED, title="公開の提案")
    records.proposal(npo, status=ProposalStatus.DRAFT, title="ひみつの下書き", is_published=False)
    records.proposal(npo, status=ProposalStatus.WITHDRAWN, title="取り下げた提案")
    calling.theme_call(office, CallPhase.OPEN, title="公表した募集")
    calling.call(office, CallPhase.DRAFT, title="ひみつの募集")
    with transaction():
        policy.add_figures(at=clock.now())
        npo.contact_name, npo.contact_phone, npo.corporate_number = "連絡先の名前", "059-000-1111", "7190005000018"
        other_npo.verification, other_npo.checked_at = Verification.WAITING, None
    whom = [NamedPartner(PartnerKind.NPO, npo.name)]
    first = reported("里山の手入れ", form=CollaborationForm.AGREEMENT, partners=whom, actor=division_staff)
    commission = reported(
        "竹林の調査",
        form=CollaborationForm.COMMISSION,
        partners=[*whom, NamedPartner(PartnerKind.NPO, "里山 の会"), NamedPartner(PartnerKind.COMPANY, company.name)],
        actor=division_staff,
        summary="竹林の広がりを調べます。",
        budget_yen=2_400_000,
    )
    with transaction():
        projects.confirm(first, actor=office, at=clock.now())
        projects.confirm(commission, actor=office, at=clock.now())
        ledger.take_open_years(actor=None, at=clock.now())
    reported("確認前の報告", form=CollaborationForm.COMMISSION, partners=whom, actor=division_staff, budget_yen=1_000)
    return first
