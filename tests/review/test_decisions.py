"""What a draft must hold, and what is kept of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Role
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import decisions, documents, evidence, service
from matchmaker.review.call_models import StageKind
from matchmaker.review.circulation_models import AnswerCode, CirculationAnswer, CirculationRequest, CirculationStatus
from matchmaker.review.criteria import STANDING
from matchmaker.review.decisions import Ground
from matchmaker.review.models import Decision
from matchmaker.review.other_grants import other_grants
from matchmaker.review.panel_models import (
    PanelAssignment,
    PanelDecision,
    PanelDecisionReason,
    ScoreSheet,
    SheetEntry,
)
from matchmaker.review.workflow import Outcome
from tests.support import records
from tests.support.pages import parse
from tests.support.reviewing import People, draft_of, proposal_at


def drafted(proposal: Proposal, people: People, outcome: Outcome = Outcome.ADOPT, **values) -> Decision:
    with transaction():
        decision = service.draft_decision(
            proposal, draft_of(proposal, outcome, **values), actor=people.office, at=clock.now()
        )
        decision_id = decision.id
    return db.session.get_one(Decision, decision_id)


@pytest.fixture
def proposal(npo, people: People) -> Proposal:
    return proposal_at(npo, Status.SCORED, people)


def test_a_draft_keeps_a_finding_and_its_source_for_each_criterion(proposal, people: People):
    decision = drafted(proposal, people)

    assert [(row.criterion_key, row.finding, row.sources) for row in decision.grounds] == [
        (one.key, f"{one.name}は十分です。", ["提案の「解決したい社会課題」"]) for one in STANDING
    ]


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in decisions.JUDGES_NOTHING])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda grounds: grounds[1:],
        lambda grounds: [Ground("grasp", "text:issue", " \n"), *grounds[1:]],
        lambda grounds: [Ground("grasp", "text:nothing", "十分です。"), *grounds[1:]],
        lambda grounds: [Ground("grasp", "", "十分です。"), *grounds[1:]],
        lambda grounds: [Ground("grasp", "text:issue", "十分です。", "attachment:other"), *grounds[1:]],
    ],
    ids=["none", "blank finding", "unknown source", "no source", "unknown second source"],
)
def test_a_draft_without_ground_for_a_criterion_is_refused_by_its_name(outcome, spoil, npo, people: People):
    status = next(one for one, possible in decisions.OUTCOMES_FROM.items() if outcome in possible)
    proposal = proposal_at(npo, status, people)
    whole = draft_of(proposal, outcome)

    with pytest.raises(decisions.GroundsMissing, match=r"課題のとらえ方$"):
        drafted(proposal, people, outcome, grounds=spoil(list(whole.grounds)))

    assert proposal.status is status


def test_an_unanswered_question_and_a_strangers_attachment_are_no_source(npo, people: People):
    proposal = proposal_at(npo, Status.ACCEPTED, people)
    with transaction():
        db.session.merge(proposal).evidence = ""

    with pytest.raises(decisions.GroundsMissing):
        grounds = [Ground(one.key, "text:evidence", "十分です。") for one in STANDING]
        drafted(proposal, people, grounds=grounds)


@pytest.mark.parametrize("outcome", sorted(decisions.UNSUCCESSFUL))
def test_a_result_that_is_no_adoption_needs_a_next_step(outcome, npo, people: People):
    proposal = proposal_at(npo, Status.ACCEPTED, people)

    with pytest.raises(decisions.NextStepNeeded):
        drafted(proposal, people, outcome, next_step="")


def test_a_referral_keeps_who_brokers_with_whom_until_when_and_other_grants(proposal, people: People):
    division, until_on = records.division("子どもの育ち支援課", "子ども・福祉部"), clock.today() + timedelta(days=60)

    decision = drafted(
        proposal,
        people,
        Outcome.REFER,
        broker="NPO担当課 事務 三郎",
        broker_until_on=until_on,
        division_ids=[division.id],
        grant_keys=["wam"],
    )

    referral = decision.referral
    assert (referral.broker, referral.until_on, [one.name for one in referral.divisions]) == (
        "NPO担当課 事務 三郎",
        until_on,
        ["子どもの育ち支援課"],
    )
    assert [(one.name, one.url) for one in referral.grants] == [
        (other_grants()["wam"].label, other_grants()["wam"].url)
    ]


@pytest.mark.parametrize(
    "half",
    [
        {"grant_keys": []},
        {"grant_keys": ["unknown"]},
        {"grant_keys": ["wam"], "broker": "NPO担当課"},
        {"grant_keys": [], "broker": "NPO担当課", "broker_until_on": clock.today() + timedelta(days=9)},
        {"grant_keys": [], "broker": "NPO担当課", "broker_until_on": clock.today(), "division_ids": [1]},
    ],
    ids=["nothing", "unknown grant", "broker alone", "no division", "until today"],
)
def test_a_referral_that_leads_nowhere_is_refused(half, proposal, people: People):
    with pytest.raises(decisions.ReferralNeeded):
        drafted(proposal, people, Outcome.REFER, **half)


def test_a_hold_says_until_when_and_for_what_and_judges_nothing(proposal, people: People):
    until_on = clock.today() + timedelta(days=1)

    decision = drafted(proposal, people, Outcome.HOLD, grounds=[], awaits="許可の見込み", held_until_on=until_on)

    assert (decision.awaits, decision.held_until_on, decision.grounds) == ("許可の見込み", until_on, [])


@pytest.mark.parametrize("half", [{"awaits": ""}, {"held_until_on": None}, {"held_until_on": clock.today()}])
def test_a_hold_without_day_or_reason_is_refused(half, proposal, people: People):
    with pytest.raises(decisions.HoldNeeded):
        drafted(proposal, people, Outcome.HOLD, **half)


def test_a_draft_can_not_be_for_a_result_of_another_stage(proposal, people: People):
    with pytest.raises(decisions.OutcomeNotPossible, match="第1次審査を通過"):
        drafted(proposal, people, Outcome.SHORTLIST)


def test_a_referral_is_stored_with_its_draft_or_not_at_all(proposal, people: People, session):
    with pytest.raises(decisions.ReferralNeeded):
        drafted(proposal, people, Outcome.REFER, grant_keys=[])

    assert len(session.scalars(select(Decision)).all()) == 1


def test_what_divisions_and_panel_said_can_be_rested_on(npo, people: People, office_client):
    proposal = proposal_at(npo, Status.SHORTLISTED, people)
    at = clock.now()
    judge, division = records.staff(Role.PANEL, name="審査 花"), records.division("森林・林業経営課", "農林水産部")
    with transaction():
        asked = CirculationRequest(
            proposal_id=proposal.id,
            division_id=division.id,
            due_on=clock.today(),
            sent_at=at,
            status=CirculationStatus.ANSWERED,
        )
        asked.answers = [CirculationAnswer(code=AnswerCode.INTERESTED, answered_by_id=people.office.id, answered_at=at)]
        sheet = ScoreSheet(stage=StageKind.PAPERS, saved_at=at, submitted_at=at)
        sheet.entries = [
            SheetEntry(
                position=place,
                key=one.key,
                name=one.name,
                weight=1,
                least_score=1,
                most_score=5,
                score=4,
                reason="よい",
            )
            for place, one in enumerate(STANDING, start=1)
        ]
        seat = PanelAssignment(
            proposal_id=proposal.id,
            judge_id=judge.id,
            assigned_by_id=people.office.id,
            assigned_at=at,
            sheets=[sheet],
        )
        said = PanelDecisionReason(position=1, key="grasp", name="課題のとらえ方", reason="数でとらえています。")
        meeting = PanelDecision(
            proposal_id=proposal.id,
            stage=StageKind.PAPERS,
            outcome=Outcome.ADOPT,
            held_on=clock.today(),
            chair="審査 花",
            quorum=1,
            reason="よい提案です。",
            recorded_by_id=people.office.id,
            recorded_at=at,
            reasons=[said],
        )
        db.session.add_all([asked, seat, meeting])

    labels = [source.label for source in evidence.sources_of(proposal).values()]

    assert labels[:3] == [
        "審査委員の採点（1人、平均80.0点）",
        "審査会の判断：採択",
        "関係課の意見：森林・林業経営課（関心あり）",
    ]
    assert evidence.scores_of(proposal)["grasp"] == "平均4.0点（5点満点、1人）"
    page = parse(office_client.get(f"/review/{proposal.number}").text)
    assert page.select_one("#draft-decision-grounds-0-finding").get_text(strip=True) == "数でとらえています。"
    assert page.select_one("#draft-decision-grounds-0-source option[selected]")["value"] == "panel:decision"
    pack = documents.pack_content(people.office, proposal, decisions_of(proposal)[-1])
    shown = str(pack)
    assert [words for words in ("平均4.0点", "数でとらえています。", "森林・林業経営課") if words not in shown] == []
    assert "審査 花" not in shown


def decisions_of(proposal: Proposal) -> list[Decision]:
    return list(db.session.scalars(select(Decision).where(Decision.proposal_id == proposal.id)))
