"""Projects and figures to count."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from matchmaker.accounts.models import User
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger, service
from matchmaker.indicators.catalogue import Indicator
from matchmaker.indicators.models import OfficialFigure
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.status import PartnerKind, ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from matchmaker.seeding import policy
from tests.support import records


@pytest.fixture
def in_fiscal_year_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever the tests run, the current fiscal year is 令和8年度."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 24))


@pytest.fixture
def policy_figures(database: None) -> None:
    """The figures of the policy document."""
    with transaction():
        policy.add_figures(at=clock.now())


@pytest.fixture
def policy_budgets(database: None) -> None:
    """The budgets of the policy document."""
    with transaction():
        policy.add_budgets()


@pytest.fixture
def publish(office: User, approver: User) -> Callable[..., OfficialFigure]:
    """Enter a figure by the office and approve it by another person."""

    def publish(indicator: Indicator, fy: int, value: str, **values: Any) -> OfficialFigure:
        entry = service.Entry(fy=fy, value=Decimal(value), **({"source": "成果レポート"} | values))
        with transaction():
            figure = service.enter(indicator, entry, actor=office, at=clock.now())
        with transaction():
            service.approve(figure, actor=approver, at=clock.now())
        return figure

    return publish


@pytest.fixture
def add_project(npo: Organisation, office: User) -> Callable[..., Project]:
    """Store a confirmed project of the whole fiscal year 2026 and count anew; keyword arguments change it."""
    division = records.division()
    count = 0

    def add(**values: Any) -> Project:
        nonlocal count
        count += 1
        defaults: dict[str, Any] = {
            "number": f"R8-P{count:03d}",
            "title": f"協働事業{count}",
            "status": ProjectStatus.IN_PROGRESS,
            "form": CollaborationForm.COMMISSION,
            "form_agreed_on": date(2026, 3, 1),
            "starts_on": date(2026, 4, 1),
            "ends_on": date(2027, 3, 31),
            "confirmed_at": clock.now(),
            "confirmed_by_id": office.id,
            "created_at": clock.now(),
            "partners": [ProjectPartner(kind=PartnerKind.NPO, name=npo.name, organisation_id=npo.id)],
            "divisions": [division],
        }
        with transaction():
            project = Project(**(defaults | values))
            db.session.add(project)
        with transaction():
            ledger.take_open_years(actor=None, at=clock.now())
        return project

    return add
