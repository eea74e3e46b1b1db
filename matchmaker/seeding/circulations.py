"""The demonstration's circulation: one division has answered, one is late, and one is the demonstration's own."""

from datetime import date, datetime, timedelta

from matchmaker.accounts.models import StaffRole, User
from matchmaker.directory.models import Division
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.permissions.grants import Role
from matchmaker.review import circulation
from matchmaker.review.circulation import Question, Said
from matchmaker.review.circulation_models import AnswerCode
from matchmaker.seeding.journeys import BEGAN_BEFORE, Journeys
from matchmaker.seeding.policy import KNOWN_FROM

PROPOSAL = "seashore"
DEPARTMENT = "デモ部局（架空）"

_SENT_BEFORE = timedelta(days=24)
_ASKED_LATER_BEFORE = timedelta(days=4)
_BUSINESS_DAYS_TO_ANSWER = 10


def add_circulation(journeys: Journeys) -> None:
    """Circulate one proposal to three invented divisions, each at another point of its way."""
    proposal, office = journeys.proposals[PROPOSAL], journeys.users[Role.NPO_OFFICE]
    coast = Division(name="デモ海岸課（架空）", department=DEPARTMENT, valid_from_on=KNOWN_FROM)
    waste = Division(name="デモごみ対策課（架空）", department=DEPARTMENT, valid_from_on=KNOWN_FROM)
    db.session.add_all([coast, waste])
    db.session.flush()
    sent_at = journeys.at - _SENT_BEFORE
    first = Question(_due(sent_at), "（架空）海岸の清掃の事業との関係を教えてください。")
    answered, late = circulation.circulate(proposal, [coast, waste], first, actor=office, at=sent_at)
    said = Said(
        AnswerCode.CONDITIONAL,
        "（架空）海岸を使う日程を早めに決めることを条件に、協力できます。調べた結果は、課の計画にも使いたいです。",
        "デモ海岸課（架空） 海野",
    )
    circulation.answer(answered, said, actor=_officer(coast, journeys), at=sent_at + timedelta(days=6))
    circulation.stall(late, at=journeys.at)
    asked_at = journeys.at - _ASKED_LATER_BEFORE
    second = Question(_due(asked_at), "（架空）学校といっしょに調べる部分について、意見を聞かせてください。")
    circulation.send_further(proposal, [journeys.division], second, actor=office, at=asked_at)


def _due(sent_at: datetime) -> date:
    return add_business_days(day_of(sent_at), _BUSINESS_DAYS_TO_ANSWER)


def _officer(division: Division, journeys: Journeys) -> User:
    """Somebody who answers for the division and cannot sign in."""
    at = journeys.at - BEGAN_BEFORE
    person = User(
        email="coast@demo.example",
        name="デモ 海野 みさき",
        password_hash="",
        email_confirmed_at=at,
        is_demo=True,
        created_at=at,
    )
    person.staff_roles = [StaffRole(role=Role.DIVISION, division=division, granted_at=at)]
    db.session.add(person)
    db.session.flush()
    return person
