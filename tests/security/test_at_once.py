"""Eight people, or eight presses of one button, at the same moment: exactly one act, and a page for everybody."""

import io
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchmaker.accounts import links
from matchmaker.accounts.models import Membership, OneTimeLinkKind, User
from matchmaker.attachments.models import Attachment
from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import ledger
from matchmaker.indicators import queries as indicators
from matchmaker.indicators.catalogue import PROJECTS
from matchmaker.indicators.models import OfficialFigure
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.projects.models import Project
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.models import ReviewEvent
from matchmaker.review.workflow import Action
from tests.support import records
from tests.support.at_once import codes_at_once
from tests.support.client import sign_in
from tests.support.files import PDF
from tests.support.forms import opened
from tests.support.reviewing import People, decision_of, proposal_at

AT_ONCE = 8


def pressed_at_once(app, clients, press):
    """Let every client press at one signal, and count the codes."""
    return Counter(codes_at_once(app, [lambda client=client: press(client) for client in clients]))


def clients_of(app, people):
    return [sign_in(app.test_client(), person) for person in people]


def approvers(first, count=AT_ONCE):
    return [first, *(records.staff(Role.APPROVER) for _ in range(count - 1))]


def count(session, *conditions):
    session.rollback()
    return session.scalar(select(func.count()).where(*conditions))


@pytest.fixture
def people(npo_member, office, approver):
    return People(npo_member, office, approver)


def test_of_eight_approvers_one_decides_and_one_project_begins(app, npo, people, session):
    proposal = proposal_at(npo, ProposalStatus.DECISION_DRAFTED, people)
    sent = {"decide-seen": "0", "decide-decision_id": decision_of(proposal).id, "decide-release_now": "y"}
    number = proposal.number

    codes = pressed_at_once(
        app,
        clients_of(app, approvers(people.approver)),
        lambda client: client.post(f"/review/{number}/decide", data=sent),
    )

    assert codes == {303: 1, 409: AT_ONCE - 1}
    assert session.scalars(select(ReviewEvent.action).order_by(ReviewEvent.id)).all() == [Action.DECIDE, Action.ADOPT]
    assert count(session, Project.id.is_not(None)) == 1


def test_of_eight_approvers_one_releases(app, npo, people, session):
    proposal = proposal_at(npo, ProposalStatus.DECIDED, people)
    sent = {"release-seen": "0", "release-decision_id": decision_of(proposal).id}
    number = proposal.number

    codes = pressed_at_once(
        app,
        clients_of(app, approvers(people.approver)),
        lambda client: client.post(f"/review/{number}/release", data=sent),
    )

    assert codes == {303: 1, 409: AT_ONCE - 1}
    assert session.scalars(select(ReviewEvent.action)).all() == [Action.ADOPT]
    assert count(session, Project.id.is_not(None)) == 1
    assert count(session, Notice.kind == "decision_released") == 1


def test_a_proposal_that_eight_presses_hand_in_gets_one_number(app, npo, npo_member, session):
    proposals = [records.proposal(npo) for _ in range(3)]

    for draft in [proposal.draft_number for proposal in proposals]:
        codes = pressed_at_once(
            app,
            clients_of(app, [npo_member] * AT_ONCE),
            lambda client, draft=draft: client.post(f"/proposals/{draft}/submit"),
        )
        assert codes == {303: AT_ONCE}

    assert session.scalars(select(Proposal.number).order_by(Proposal.id)).all() == ["R8-0001", "R8-0002", "R8-0003"]
    assert count(session, ReviewEvent.action == Action.SUBMIT) == 3


def _report(client, division):
    today = clock.today()
    return {
        **opened(client, "/projects/report"),
        "title": "里山の竹を活かす",
        "partners-0-kind": "npo",
        "partners-0-name": "里山の会",
        "division_ids": str(division.id),
        "form_of_collaboration": "subsidy",
        "form_agreed_on": today.isoformat(),
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=200)).isoformat(),
    }


def test_a_report_pressed_eight_times_is_one_report(app, division_staff, session):
    clients = clients_of(app, [division_staff] * AT_ONCE)
    sent = _report(clients[0], division_staff.division)

    codes = pressed_at_once(app, clients, lambda client: client.post("/projects/report", data=sent))

    assert codes == {303: AT_ONCE}
    assert count(session, Project.id.is_not(None)) == 1


def test_of_eight_in_the_office_one_confirms_a_report_and_it_counts_once(app, division_staff, office, session):
    reporter = sign_in(app.test_client(), division_staff)
    reporter.post("/projects/report", data=_report(reporter, division_staff.division))
    project = session.scalars(select(Project)).one()
    number, version = project.number, project.version
    colleagues = [office, *(records.staff(Role.NPO_OFFICE) for _ in range(AT_ONCE - 1))]

    codes = pressed_at_once(
        app,
        clients_of(app, colleagues),
        lambda client: client.post(f"/projects/{number}/confirm", data={"confirm-version": version}),
    )

    assert codes == {303: 1, 409: AT_ONCE - 1}
    session.rollback()
    with transaction():
        ledger.take_open_years(actor=None, at=clock.now())
    assert max(row.value for row in indicators.latest_snapshots().values()) == 1
    assert count(session, AuditEntry.tag.contains("project:confirm")) == 1


def test_a_mailed_link_that_eight_browsers_use_sets_one_password(app, npo_member, session):
    with transaction():
        token = links.make(
            OneTimeLinkKind.RESET_PASSWORD, email=npo_member.email, user_id=npo_member.id, at=clock.now()
        )

    codes = pressed_at_once(
        app,
        [app.test_client() for _ in range(AT_ONCE)],
        lambda client: client.post(f"/password/reset/{token}", data={"password": "a new and long one 2026"}),
    )

    assert codes[303] == 1
    assert set(codes) <= {303, 410, 503}, "503: no more than two hashes are made at once"
    assert count(session, AuditEntry.tag == "account:password:reset") == 1


def test_an_invitation_that_eight_browsers_accept_makes_one_member(app, npo, npo_member, session):
    with transaction():
        token = links.make(OneTimeLinkKind.INVITATION, email="new@example.jp", organisation_id=npo.id, at=clock.now())
    members = count(session, Membership.organisation_id == npo.id)

    codes = pressed_at_once(
        app,
        [app.test_client() for _ in range(AT_ONCE)],
        lambda client: client.post(
            f"/invitations/{token}", data={"name": "新しい人", "password": "a new and long one 2026"}
        ),
    )

    assert set(codes) <= {200, 303, 410, 503}
    assert count(session, User.email == "new@example.jp") == 1
    assert count(session, Membership.organisation_id == npo.id) == members + 1


def test_a_file_sent_eight_times_at_once_is_kept_once(app, npo, npo_member, session):
    draft = records.proposal(npo).draft_number

    codes = pressed_at_once(
        app,
        clients_of(app, [npo_member] * AT_ONCE),
        lambda client: client.post(
            f"/proposals/{draft}/attachments",
            data={"file": (io.BytesIO(PDF), "計画.pdf")},
            content_type="multipart/form-data",
        ),
    )

    assert codes == {303: 1, 422: AT_ONCE - 1}
    assert count(session, Attachment.id.is_not(None)) == 1


def test_a_figure_entered_eight_times_at_once_is_in_force_once(app, office, session):
    sent = {"year": "R7", "value": "61", "source": "成果レポート 10ページ"}

    codes = pressed_at_once(
        app,
        clients_of(app, [office] * AT_ONCE),
        lambda client: client.post(f"/indicators/{PROJECTS.key}/enter", data=sent),
    )

    assert sum(codes.values()) == AT_ONCE
    assert set(codes) <= {200, 303, 409}
    assert count(session, OfficialFigure.id.is_not(None)) == 1
