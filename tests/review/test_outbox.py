"""Results of a call leave together, at one moment, all of them or none."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.projects.models import Project
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import RecusalSource, TieKind
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import letters, outbox, service, steps, ties
from matchmaker.review.call_models import Call
from matchmaker.review.decision_models import Letter
from matchmaker.review.outbox_models import ResultRelease
from matchmaker.review.workflow import Action, Outcome
from tests.support.pages import main_text
from tests.support.reviewing import People, decision_of, proposal_at, take

SOON = timedelta(hours=2)


@pytest.fixture
def call(session) -> Call:
    with transaction():
        row = Call(
            number="R8-C1",
            fiscal_year_fy=2026,
            title="令和8年度の募集",
            opens_at=datetime(2026, 6, 1, tzinfo=UTC),
            closes_at=datetime(2026, 7, 1, tzinfo=UTC),
            created_at=datetime(2026, 5, 1, tzinfo=UTC),
        )
        session.add(row)
    return row


def decided(npo, people: People, call: Call, outcome: Outcome = Outcome.REJECT) -> Proposal:
    proposal = proposal_at(npo, Status.DECIDED, people, outcome)
    with transaction():
        db.session.merge(proposal).call_id = call.id
    return proposal


def order(call: Call, people: People, *, release_at=None, seen=None, actor=None) -> ResultRelease:
    with transaction():
        ids = [one.id for one in outbox.results_of(call).decisions] if seen is None else seen
        release = outbox.order(call, release_at=release_at, seen=ids, actor=actor or people.approver, at=clock.now())
        release_id = release.id
    return outbox.get(release_id)


def statuses(*proposals: Proposal) -> list[Status]:
    return [db.session.get_one(Proposal, one.id).status for one in proposals]


def delete_letter(proposal: Proposal) -> None:
    with transaction():
        db.session.delete(
            db.session.scalars(select(Letter).where(Letter.decision_id == decision_of(proposal).id)).one()
        )


def test_all_results_of_a_call_are_told_at_once(npo, people: People, call, session):
    first, second = decided(npo, people, call), decided(npo, people, call, Outcome.ADOPT)
    alone = proposal_at(npo, Status.DECIDED, people)

    release = order(call, people)

    assert statuses(first, second, alone) == [Status.REJECTED, Status.ADOPTED, Status.DECIDED]
    assert {decision_of(one).released_at for one in (first, second)} == {release.done_at}
    assert len(session.scalars(select(Notice)).all()) == 2
    assert [one.proposal_id for one in session.scalars(select(Project))] == [second.id]


@pytest.mark.parametrize("release_at", [None, clock.now() + SOON], ids=["now", "later"])
def test_one_missing_letter_keeps_every_result_back(release_at, npo, people: People, call, session):
    first, second = decided(npo, people, call), decided(npo, people, call)
    delete_letter(second)

    with pytest.raises(letters.LetterMissing, match=second.number):
        order(call, people, release_at=release_at)

    assert statuses(first, second) == [Status.DECIDED, Status.DECIDED]
    assert session.scalars(select(ResultRelease)).all() == []


def test_a_result_of_a_call_is_not_told_alone(npo, people: People, call):
    proposal = decided(npo, people, call)

    with pytest.raises(service.ReleasedTogether):
        take(Action.REJECT, proposal, people.approver)
    drafted = proposal_at(npo, Status.DECISION_DRAFTED, people)
    with transaction():
        db.session.merge(drafted).call_id = call.id
    with pytest.raises(service.ReleasedTogether), transaction():
        service.decide(decision_of(drafted), actor=people.approver, at=clock.now(), release_now=True)

    assert statuses(proposal, drafted) == [Status.DECIDED, Status.DECISION_DRAFTED]


def test_an_ordered_release_waits_for_its_moment(app: Flask, npo, people: People, call, monkeypatch):
    proposal = decided(npo, people, call)
    release = order(call, people, release_at=clock.now() + SOON)
    runner = app.test_cli_runner()

    early = runner.invoke(args=["results", "release-due"])
    assert (early.output, statuses(proposal)) == ("", [Status.DECIDED])

    later = clock.now() + 2 * SOON
    monkeypatch.setattr(clock, "now", lambda: later)
    due = runner.invoke(args=["results", "release-due"])

    assert (due.exit_code, due.output, statuses(proposal)) == (0, f"{release.id}: 1 released\n", [Status.REJECTED])
    assert runner.invoke(args=["results", "release-due"]).output == ""


def test_a_due_release_that_is_refused_tells_nothing_and_keeps_the_words(
    app: Flask, npo, people: People, call, monkeypatch, session
):
    first, second = decided(npo, people, call), decided(npo, people, call)
    order(call, people, release_at=clock.now() + SOON)
    delete_letter(second)
    later = clock.now() + 2 * SOON
    monkeypatch.setattr(clock, "now", lambda: later)

    result = app.test_cli_runner().invoke(args=["results", "release-due"])

    [kept] = session.scalars(select(ResultRelease)).all()
    assert (result.exit_code, statuses(first, second)) == (1, [Status.DECIDED, Status.DECIDED])
    assert second.number in kept.refusal
    assert session.scalars(select(Notice)).all() == []


def test_a_withdrawn_proposal_drops_out_and_the_others_are_told(app: Flask, npo, people: People, call, monkeypatch):
    stays, leaves = decided(npo, people, call), decided(npo, people, call)
    order(call, people, release_at=clock.now() + SOON)
    take(Action.WITHDRAW, leaves, people.owner)
    later = clock.now() + 2 * SOON
    monkeypatch.setattr(clock, "now", lambda: later)

    result = app.test_cli_runner().invoke(args=["results", "release-due"])

    assert (result.exit_code, statuses(stays, leaves)) == (0, [Status.REJECTED, Status.WITHDRAWN])


def test_a_cancelled_order_is_not_carried_out(app: Flask, npo, people: People, call, monkeypatch):
    proposal = decided(npo, people, call)
    release = order(call, people, release_at=clock.now() + SOON)
    with transaction():
        outbox.cancel(outbox.get(release.id), actor=people.approver, at=clock.now())
    with pytest.raises(outbox.ReleaseMoved), transaction():
        outbox.cancel(outbox.get(release.id), actor=people.approver, at=clock.now())
    later = clock.now() + 2 * SOON
    monkeypatch.setattr(clock, "now", lambda: later)

    assert (app.test_cli_runner().invoke(args=["results", "release-due"]).output, statuses(proposal)) == (
        "",
        [Status.DECIDED],
    )


def test_an_order_is_refused_for_the_past_twice_for_an_old_page_and_by_the_office(npo, people: People, call):
    decided(npo, people, call)

    with pytest.raises(outbox.MomentInThePast):
        order(call, people, release_at=clock.now() - SOON)
    with pytest.raises(outbox.NothingToRelease):
        order(call, people, seen=[0])
    with pytest.raises(steps.StepRefused):
        order(call, people, actor=people.office)
    order(call, people, release_at=clock.now() + SOON)
    with pytest.raises(outbox.AlreadyOrdered):
        order(call, people, release_at=clock.now() + SOON)


def test_an_order_for_nothing_is_refused(people: People, call):
    with pytest.raises(outbox.NothingToRelease):
        order(call, people, seen=[])


def test_the_approver_looks_at_the_counts_and_orders_on_the_page(npo, people: People, call, approver_client):
    first = decided(npo, people, call)
    decided(npo, people, call, Outcome.ADOPT)
    page = main_text(approver_client.get("/review/results").text)
    assert [words for words in ("採択：1件", "不採択：1件", "まだ決裁されていない提案：0件") if words not in page] == []
    seen = ",".join(str(one.id) for one in outbox.results_of(call).decisions)

    wrong = approver_client.post(f"/review/results/{call.number}", data={"moment": "later", "seen": seen})
    later = approver_client.post(
        f"/review/results/{call.number}",
        data={"moment": "later", "release_on": "2099-04-01", "release_time": "９：３０", "seen": seen},
    )

    assert (wrong.status_code, later.status_code) == (422, 303)
    shown = main_text(approver_client.get("/review/results").text)
    assert "令和81年4月1日" in shown
    waiting = outbox.results_of(call).waiting
    assert waiting.release_at == datetime(2099, 4, 1, 0, 30, tzinfo=UTC)
    assert approver_client.post(f"/review/results/{waiting.id}/cancel").status_code == 303
    now = approver_client.post(f"/review/results/{call.number}", data={"moment": "now", "seen": seen})
    assert (now.status_code, statuses(first)) == (303, [Status.REJECTED])


def test_the_public_version_appears_at_the_moment_of_the_letter(npo, people: People, call, client):
    proposal = decided(npo, people, call)
    path = f"/proposals/{proposal.number}"
    words = "県全体に広がる見込みがあるため。"
    before = main_text(client.get(path).text)

    order(call, people)

    assert (words in before, words in main_text(client.get(path).text)) == (False, True)


def test_an_approver_with_a_tie_sees_no_counts_and_orders_nothing(npo, people: People, call, approver_client):
    proposal = decided(npo, people, call)
    tie = ties.Tie(TieKind.OFFICER, "元の役員です。")
    with transaction():
        ties.recuse(proposal, people.approver, RecusalSource.OFFICE, tie, actor=people.office, at=clock.now())

    with pytest.raises(steps.StepRefused, match="ほかの決裁者"):
        order(call, people)
    assert "不採択：1件" not in main_text(approver_client.get("/review/results").text)
    assert approver_client.get(f"/review/results/{call.number}").status_code == 404
