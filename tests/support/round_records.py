"""Records of report rounds that several tests begin with."""

import io
from datetime import date, timedelta
from typing import Any

import xlsxwriter

from matchmaker.accounts.models import User
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import round_closing
from matchmaker.projects import report_round_queries, service
from matchmaker.projects.models import Project
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer
from matchmaker.projects.report_round_rows import COLUMNS
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm

FY = fiscal_year.fiscal_year_of(clock.today()) - 1
"""The fiscal year that ended last: its round can be closed."""

FIRST, LAST = fiscal_year.first_day(FY), fiscal_year.last_day(FY)
CODE = fiscal_year.code(FY)


def opened_round(office: User, *, fy: int = FY, due_in: int = 20) -> ReportRound:
    """A round that the office opened."""
    with transaction():
        due_on = clock.today() + timedelta(days=due_in)
        return round_closing.open_round(fy, due_on=due_on, note="", actor=office, at=clock.now())


def answer_for(user: User) -> RoundAnswer:
    """The answer that the person's division owes."""
    found = report_round_queries.find_round(FY)
    answer = report_round_queries.answer_of(user, found) if found else None
    assert answer is not None
    return answer


def facts(title: str = "里山の手入れ", *, fy: int = FY, **values: Any) -> ProjectFacts:
    """A project of a whole fiscal year."""
    defaults: dict[str, Any] = {
        "summary": "竹林を手入れする。",
        "partners": [NamedPartner(PartnerKind.NPO, "里山の会")],
        "division_ids": [],
        "starts_on": fiscal_year.first_day(fy),
        "ends_on": fiscal_year.last_day(fy),
    }
    return ProjectFacts(title=title, **(defaults | values))


def reported(by: User, title: str = "里山の手入れ", *, fy: int = FY, **values: Any) -> Project:
    """A report of a division that waits for confirmation."""
    assert by.division is not None
    chosen = facts(title, fy=fy, **({"division_ids": [by.division.id]} | values))
    with transaction():
        agreed_on = fiscal_year.first_day(fy)
        return service.report(
            chosen, form=CollaborationForm.SUBSIDY, form_agreed_on=agreed_on, actor=by, at=clock.now()
        )


def confirmed(by: User, office: User, title: str = "里山の手入れ", *, fy: int = FY, **values: Any) -> Project:
    """A report that the office confirmed."""
    project = reported(by, title, fy=fy, **values)
    with transaction():
        service.confirm(project, actor=office, at=clock.now())
    return project


def row(**values: object) -> dict[str, object]:
    """The cells of a row that can be reported."""
    defaults: dict[str, object] = {
        "事業の名前": "川の清掃",
        "事業の内容": "川をきれいにする。",
        "協働の形態": "委託",
        "形態を決めた日": FIRST,
        "始まる日": FIRST,
        "終わる日": LAST,
        "事業費（円）": 120_000,
        "団体1の種類": "NPO",
        "団体1の名前": "川の会",
    }
    return defaults | values


def workbook(*rows: dict[str, object], columns: tuple[str, ...] = COLUMNS, title: str = "") -> bytes:
    """A filled-in sheet; ``title``: a line that somebody wrote above the headings."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page, top = book.add_worksheet(), 1 if title else 0
        page.write(0, 0, title)
        page.write_row(top, 0, columns)
        for number, cells in enumerate(rows, start=top + 1):
            for place, column in enumerate(columns):
                cell = cells.get(column)
                if isinstance(cell, date):
                    page.write_datetime(number, place, cell)
                elif cell is not None:
                    page.write(number, place, cell)
    return out.getvalue()
