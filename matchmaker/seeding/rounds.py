"""The demonstration's report round of the last fiscal year: one division has answered, the others have not."""

from datetime import timedelta

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.indicators import round_closing
from matchmaker.permissions.grants import Role
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects import report_rounds
from matchmaker.projects import service as projects
from matchmaker.projects.report_rounds import NewReport
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import PartnerKind
from matchmaker.proposals.status import CollaborationForm
from matchmaker.seeding.journeys import Journeys

ANSWERED_BY = "coast@demo.example"
ALSO_REPORTED = "多文化共生フェスタの開催（架空）"
"""A project that another division has reported too."""

_OPENED_BEFORE = timedelta(days=20)
_DUE_IN = timedelta(days=10)
_NPO = "デモ団体 伊勢湾まなびの会（架空）"


def add_round(journeys: Journeys) -> None:
    """Open the round, and let one division report and hand its list in."""
    office, opened_at = journeys.users[Role.NPO_OFFICE], journeys.at - _OPENED_BEFORE
    fy = fiscal_year.fiscal_year_of(day_of(journeys.at)) - 1
    _add_project_of_the_year_before(fy - 1, journeys)
    report_round = round_closing.open_round(
        fy,
        due_on=day_of(journeys.at + _DUE_IN),
        note="（架空の例）共催で行ったものも忘れずに入れてください。問い合わせはNPO担当課まで。",
        actor=office,
        at=opened_at,
    )
    person = db.session.scalars(select(User).where(User.email == ANSWERED_BY)).one()
    answer = queries.answer_of(person, report_round)
    if answer is None:
        raise ValueError("the division that answers is stored before the round")
    at = journeys.at - timedelta(days=6)
    facts = _facts(ALSO_REPORTED, "デモのための架空の事業です。浜辺の会場を受けもちました。", fy)
    new = NewReport(facts, CollaborationForm.COMMITTEE, fiscal_year.first_day(fy))
    report_rounds.report(answer, new, actor=person, at=at)
    report_rounds.hand_in(answer, version=answer.version, has_none=False, actor=person, at=at)


def _add_project_of_the_year_before(fy: int, journeys: Journeys) -> None:
    facts = _facts("みえのNPOを知る見学会（架空）", "デモのための架空の事業です。", fy, journeys.division.id)
    at = journeys.at - _OPENED_BEFORE
    project = projects.report(
        facts,
        form=CollaborationForm.CO_HOSTING,
        form_agreed_on=fiscal_year.first_day(fy),
        actor=journeys.users[Role.DIVISION],
        at=at,
    )
    projects.confirm(project, actor=journeys.users[Role.NPO_OFFICE], at=at)


def _facts(title: str, summary: str, fy: int, *division_ids: int) -> ProjectFacts:
    return ProjectFacts(
        title=title,
        summary=summary,
        partners=[NamedPartner(PartnerKind.NPO, _NPO)],
        division_ids=division_ids,
        starts_on=fiscal_year.first_day(fy),
        ends_on=fiscal_year.last_day(fy),
    )
