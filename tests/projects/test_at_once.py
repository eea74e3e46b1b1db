"""Several people act on one project at the same moment."""

from collections.abc import Callable

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.projects import agreements, change_requests, meetings, money
from matchmaker.projects.agreement_models import AgreementSignature, AgreementVersion
from matchmaker.projects.agreements import Draft
from matchmaker.projects.delivery_terms import RequestKind
from matchmaker.projects.meetings import MeetingFacts
from matchmaker.projects.models import Project, ProjectEvent
from matchmaker.projects.money import Amount
from matchmaker.projects.money_models import ProgrammeBudget
from matchmaker.projects.status import ProjectAction, ProjectStatus
from tests.support import records
from tests.support.at_once import ends_at_once
from tests.support.projects import TODAY, born, sign, written

AT_ONCE = 6
AT = clock.now()


def project_and(user_id: int, project_id: int) -> tuple[Project, User]:
    return db.session.get_one(Project, project_id), db.session.get_one(User, user_id)


def test_the_last_two_parties_sign_at_once_and_the_project_is_agreed_once(
    app, npo, npo_member, approver, office, session
):
    project = born(npo, approver, records.division())
    written(project, npo_member)
    keys = [f"partner-{project.partners[0].id}", f"division-{project.divisions[0].id}"]
    sign(project, office, "office")

    def signing(key: str) -> Callable[[], object]:
        def act() -> None:
            row, user = project_and(office_id, project_id)
            agreements.sign(row, number=1, key=key, signer="署名", title="", signed_on=TODAY, actor=user, at=AT)

        return act

    project_id, office_id = project.id, office.id
    session.rollback()
    ends = ends_at_once(app, [signing(key) for key in keys * 3])

    assert ends == ["CannotSign"] * 4 + ["done"] * 2
    assert len(session.scalars(select(AgreementSignature)).all()) == 3
    agreed = select(ProjectEvent.id).where(ProjectEvent.action == ProjectAction.AGREE)
    assert (len(session.scalars(agreed).all()), db.session.get(Project, project_id).status) == (
        1,
        ProjectStatus.CONTRACTED,
    )


def test_of_many_versions_written_at_once_one_is_stored(app, npo, npo_member, approver, session):
    project = born(npo, approver, records.division())
    written(project, npo_member)
    project_id, member_id = project.id, npo_member.id
    session.rollback()

    def act() -> None:
        row, user = project_and(member_id, project_id)
        agreements.write(row, Draft("変えた文。", TODAY, TODAY), based_on=1, actor=user, at=AT)

    ends = ends_at_once(app, [act] * AT_ONCE)

    assert ends == ["EditConflict"] * (AT_ONCE - 1) + ["done"]
    assert session.scalars(select(AgreementVersion.number).order_by(AgreementVersion.number)).all() == [1, 2]


def test_meetings_recorded_at_once_get_numbers_of_their_own(app, npo, npo_member, approver, session):
    project = born(npo, approver)
    project_id, member_id = project.id, npo_member.id
    session.rollback()

    def act() -> None:
        row, user = project_and(member_id, project_id)
        meetings.plan(row, MeetingFacts(TODAY, "", "", "決める", is_public=False), actor=user, at=AT)

    ends = ends_at_once(app, [act] * AT_ONCE)

    assert ends == ["done"] * AT_ONCE
    assert [row.number for row in meetings.list_of(db.session.get(Project, project_id))] == [1, 2, 3, 4, 5, 6]


def test_shares_given_at_once_never_exceed_the_budget_unsaid(app, npo, approver, office, session):
    with transaction():
        session.add(
            ProgrammeBudget(
                programme="架空の事業",
                basic_programme_code="21403",
                basic_programme="架空",
                fy=2026,
                budget_thousand_yen=1_000,
                source="試験",
            )
        )
    ids = [born(npo, approver).id for _ in range(AT_ONCE)]
    office_id = office.id
    session.rollback()

    def giving(project_id: int) -> Callable[[], object]:
        def act() -> None:
            row, user = project_and(office_id, project_id)
            money.allocate(row, "架空の事業", 2026, Amount(400_000), actor=user, at=AT)

        return act

    ends = ends_at_once(app, [giving(project_id) for project_id in ids])

    assert ends == ["OverSpending"] * 4 + ["done"] * 2
    assert money.programme_year("架空の事業", 2026).remaining_yen == 200_000


def test_a_stop_and_a_change_asked_at_once_leave_one_open(app, npo, npo_member, approver, session):
    project = born(npo, approver, records.division())
    project_id, member_id = project.id, npo_member.id
    session.rollback()

    def asking(kind: RequestKind) -> Callable[[], object]:
        def act() -> None:
            row, user = project_and(member_id, project_id)
            change_requests.ask(row, kind, what="区切る。", reason="理由。", actor=user, at=AT)

        return act

    ends = ends_at_once(app, [asking(kind) for kind in (RequestKind.STOP, RequestKind.CHANGE)])

    assert ends == ["RequestOpen", "done"]
