"""Reasons, next steps and their sentences."""

from dataclasses import replace
from datetime import date

import pytest

from matchmaker.introductions import sentences
from matchmaker.matching.counterfactual import Change, Lever, losses, next_steps
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.scoring import Reason
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture, ResourceKind, Theme
from matchmaker.matching.weights import STANDARD, Criterion

MIE, AICHI = Place(Prefecture.MIE), Place(Prefecture.AICHI)
PROPOSAL = ProposalFacts(
    "P1",
    title="里山の竹林を整える",
    summary="放置された竹を切る。",
    fields=frozenset({ActivityField.ENVIRONMENT}),
    places=(MIE,),
    needs=(Need(ResourceKind.GOODS, "竹を運ぶ車"),),
)
INTEREST = InterestFacts(
    "I1",
    profile="家具を造る会社。森を育てる。",
    themes=frozenset({Theme.FOOD}),
    headquarters=AICHI,
    offers=(Offer(ResourceKind.MONEY, "寄付"),),
)
OTHERS = [
    InterestFacts(f"I{n}", profile=profile, headquarters=AICHI, themes=frozenset({Theme.HEALTH}))
    for n, profile in enumerate(["薬を造る会社。", "車を売る店。", "竹を加工する会社。"], start=2)
]
PROPOSALS = [PROPOSAL, ProposalFacts("P2", title="健康体操の会", fields=frozenset({ActivityField.HEALTH_WELFARE}))]


@pytest.fixture(scope="module")
def index():
    return MatchIndex(PROPOSALS, [INTEREST, *OTHERS], STANDARD)


def test_every_part_has_a_sentence_that_names_both_values(index):
    said = {part.criterion: sentences.part_sentence(part) for part in index.explain("P1", "I1").score.parts}

    assert set(said) == set(Criterion)
    assert said[Criterion.REGION] == "活動の場所（三重県）は、企業の地域（愛知県）の隣です。"
    assert said[Criterion.NEEDS] == (
        "必要なもの「物品：竹を運ぶ車」に合うものが、企業の「資金：寄付」などにありません。"
    )
    assert said[Criterion.MEANING].startswith("文章の意味は比べていません")
    assert all(sentence.endswith(("。", "）。")) for sentence in said.values())


def test_every_reason_and_every_refusal_can_be_said(index):
    assert all(sentences.refusal_sentence(code) for code in Refusal)
    assert all(sentences.criterion_label(criterion) for criterion in Criterion)
    for proposal in PROPOSALS:
        for interest in (INTEREST, *OTHERS):
            for part in index.explain(proposal.id, interest.id).score.parts:
                assert sentences.part_sentence(part)


def test_losses_are_what_a_pair_misses_worst_first(index):
    explained = index.explain("P1", "I1")
    found = losses(explained)

    assert found[0].missing == max(loss.missing for loss in found)
    assert [loss.missing for loss in found] == sorted((loss.missing for loss in found), reverse=True)
    assert sentences.loss_sentence(found[0]).startswith("「")


def test_a_promised_score_appears_when_the_change_is_made(index):
    today = index.explain("P1", "I1").score.points
    wanted = Change(Lever.ADD_REGION, "三重県", True)
    [step] = [step for step in next_steps(index, PROPOSAL, INTEREST, goal=today + 100) if step.changes == (wanted,)]

    changed = replace(INTEREST, regions=(MIE,))

    assert index.explain_facts(PROPOSAL, changed).score.points == step.points == today + step.gain
    assert step.gain >= 100
    assert sentences.change_sentence(wanted) == "対象の地域に「三重県」を加える（事実である場合だけ）"


def test_two_changes_are_tried_when_one_is_not_enough(index):
    single = next_steps(index, PROPOSAL, INTEREST, goal=0)[0]

    steps = next_steps(index, PROPOSAL, INTEREST, goal=single.points + 1)

    assert {len(step.changes) for step in steps} == {2}
    assert all(step.points > single.points for step in steps)


def test_what_cannot_be_reached_still_shows_the_best_single_changes(index):
    steps = next_steps(index, PROPOSAL, INTEREST, goal=1000)

    assert {len(step.changes) for step in steps} == {1}
    assert [step.points for step in steps] == sorted((step.points for step in steps), reverse=True)


REFUSING = replace(
    INTEREST,
    themes=frozenset({Theme.ENVIRONMENT}),
    refusals=Refusals(
        fields=frozenset({ActivityField.ENVIRONMENT}), legal_forms=frozenset({LegalForm.CIVIC}), outside_regions=True
    ),
    regions=(AICHI,),
    valid_until=date(2020, 1, 1),
)
TODAY = date(2026, 1, 1)


def test_a_refused_pair_is_told_what_would_lift_the_refusal(index):
    expired = replace(INTEREST, valid_until=date(2020, 1, 1))

    steps = next_steps(index, PROPOSAL, expired, goal=0, on=TODAY)

    assert [step.changes for step in steps] == [(Change(Lever.EXTEND_INTEREST, "", True),)]
    assert sentences.change_sentence(steps[0].changes[0]) == "登録の期限をのばす（本当に変える場合だけ）"


def test_two_refusals_need_two_changes(index):
    refusing = replace(REFUSING, valid_until=None, refusals=replace(REFUSING.refusals, legal_forms=frozenset()))
    assert index.explain_facts(PROPOSAL, refusing, TODAY).refusals == (Refusal.FIELD_REFUSED, Refusal.OUTSIDE_REGIONS)

    steps = next_steps(index, PROPOSAL, refusing, goal=0, on=TODAY)

    levers = {frozenset(change.lever for change in step.changes) for step in steps}
    assert frozenset({Lever.ACCEPT_FIELD, Lever.ACCEPT_OUTSIDE}) in levers
    assert {len(found) for found in levers} == {2}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"legal_form": LegalForm.CIVIC},
        {"needs": (Need(ResourceKind.GOODS, "車"), Need(ResourceKind.PEOPLE))},
        {"fields": frozenset({ActivityField.ENVIRONMENT, ActivityField.RURAL})},
        {"open_until": date(2020, 1, 1)},
    ],
)
@pytest.mark.parametrize("goal", [0, 400, 1000])
@pytest.mark.parametrize("interest", [INTEREST, REFUSING, replace(REFUSING, valid_until=None), *OTHERS])
def test_every_promised_score_is_that_of_the_changed_pair_and_nothing_stays_refused(index, interest, goal, changed):
    proposal = replace(PROPOSAL, **changed)
    today = index.explain_facts(proposal, interest, TODAY).score.points
    for step in next_steps(index, proposal, interest, goal, TODAY):
        then = index.explain_facts(step.proposal, step.interest, TODAY)
        assert (then.score.points, then.score.points - today, then.refusals) == (step.points, step.gain, ())
        assert len(set(step.changes)) == len(step.changes) <= 2
        assert (step.proposal, step.interest) != (proposal, interest)
        assert all(sentences.change_sentence(change) for change in step.changes)


def test_the_place_behind_a_nationwide_company_is_said(index):
    nationwide = replace(INTEREST, headquarters=Place(Prefecture.TOKYO), regions=(Place(),))
    part = index.explain_facts(PROPOSAL, nationwide).score.parts[3]

    assert (part.reason, sentences.part_sentence(part)) == (
        Reason.NATIONWIDE,
        "活動の場所（三重県）を、全国を対象とする企業（全国）が含みます。",
    )
