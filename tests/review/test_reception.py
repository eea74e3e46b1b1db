"""Reception: the checklist, the steps that rest on it, and what resembles a proposal."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.proposals.models import PastProposal
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import reception, service, steps
from matchmaker.review.models import ReviewEvent
from matchmaker.review.reception import Checked
from matchmaker.review.reception_models import ReceptionAnswer, ReceptionCheck
from matchmaker.review.similarity import similar_to
from tests.support import calling, records
from tests.support.forms import opened
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

NO, ASK, YES = ReceptionAnswer.NO, ReceptionAnswer.ASK, ReceptionAnswer.YES
DUE_ON = clock.today() + timedelta(days=14)


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=Status.SUBMITTED)


def check(proposal, actor, **answers):
    """All items in order, but for those that are given by key (with _ for -)."""
    wanted = reception.all_yes() | {key.replace("_", "-"): value for key, value in answers.items()}
    with transaction():
        reception.check(proposal, wanted, actor=actor, at=clock.now())


def test_a_proposal_is_accepted_when_every_item_is_in_order_and_not_before(proposal, office, session):
    with pytest.raises(reception.ChecklistIncomplete, match="残り9件"), transaction():
        reception.accept(proposal, actor=office, at=clock.now())
    check(proposal, office, papers=Checked(ASK, "役員名簿がありません。"))
    with pytest.raises(reception.ChecklistIncomplete, match="残り1件：書類"), transaction():
        reception.accept(proposal, actor=office, at=clock.now())
    check(proposal, office)
    with transaction():
        reception.accept(proposal, actor=office, at=clock.now())

    assert proposal.status is Status.ACCEPTED


def test_each_answer_keeps_who_gave_it_and_when_and_only_a_changed_one_is_written_anew(proposal, office, session):
    check(proposal, office)
    first = {row.item_key: (row.checked_by_id, row.checked_at) for row in reception.checks_of(proposal).values()}
    check(proposal, office, papers=Checked(ASK, "規約がありません。"))

    rows = reception.checks_of(proposal)
    assert len(session.scalars(select(ReceptionCheck)).all()) == len(reception.items())
    assert rows["papers"].checked_at > first["papers"][1]
    assert {key: rows[key].checked_at for key in rows if key != "papers"} == {
        key: at for key, (_who, at) in first.items() if key != "papers"
    }


def test_the_reason_of_a_refusal_is_made_of_the_items_that_failed(proposal, office, session):
    check(
        proposal,
        office,
        religion_politics=Checked(NO, "規約の目的に、布教が書かれています。"),
        with_prefecture=Checked(NO, "市との事業です。"),
        papers=Checked(ASK, "これは理由に入りません。"),
    )
    with transaction():
        reception.mark_ineligible(proposal, note="市の窓口を紹介します。", actor=office, at=clock.now())

    [event] = session.scalars(select(ReviewEvent))
    assert event.reason == (
        "宗教活動や政治活動をおもな目的とするため。\n規約の目的に、布教が書かれています。\n\n"
        "県といっしょに行う事業の提案ではないため。\n市との事業です。\n\n"
        "市の窓口を紹介します。"
    )
    assert proposal.status is Status.INELIGIBLE


def test_a_request_for_changes_is_made_of_what_is_asked(proposal, office, npo_member, session):
    check(
        proposal, office, papers=Checked(ASK, "役員名簿をつけてください。"), public_office=Checked(NO, "入りません。")
    )
    with transaction():
        reception.return_for_fix(proposal, fix_due_on=DUE_ON, actor=office, at=clock.now())

    [event] = session.scalars(select(ReviewEvent))
    assert (event.fix_due_on, proposal.status) == (DUE_ON, Status.RETURNED_FOR_FIX)
    assert event.reason.endswith("がないか】\n役員名簿をつけてください。")
    [mail] = session.scalars(select(Notice))
    assert "役員名簿をつけてください。" in mail.body


@pytest.mark.parametrize("day", [None, clock.today(), clock.today() - timedelta(days=1)])
def test_a_request_for_changes_needs_a_day_ahead(day, proposal, office, session):
    check(proposal, office, papers=Checked(ASK, "規約をつけてください。"))

    with pytest.raises(service.FixDueNeeded), transaction():
        reception.return_for_fix(proposal, fix_due_on=day, actor=office, at=clock.now())

    assert proposal.status is Status.SUBMITTED


def test_a_closing_note_alone_is_no_reason(proposal, office, session):
    check(proposal, office)

    with pytest.raises(steps.ReasonNeeded), transaction():
        reception.mark_ineligible(proposal, note="なんとなく", actor=office, at=clock.now())
    with pytest.raises(steps.ReasonNeeded), transaction():
        reception.return_for_fix(proposal, note="なんとなく", fix_due_on=DUE_ON, actor=office, at=clock.now())


def test_an_answer_other_than_yes_needs_words(proposal, office, session):
    with pytest.raises(reception.NoteNeeded, match="県といっしょに"):
        check(proposal, office, with_prefecture=Checked(NO))

    assert reception.checks_of(proposal) == {}


def test_a_text_that_comes_back_is_checked_anew(proposal, office, npo_member, session):
    check(proposal, office, papers=Checked(ASK, "規約をつけてください。"))
    with transaction():
        reception.return_for_fix(proposal, fix_due_on=DUE_ON, actor=office, at=clock.now())
    with transaction():
        service.submit(proposal, actor=npo_member, at=clock.now())

    # Submission itself was not recorded as an event in this test: the return and the second submission were.
    assert reception.round_of(proposal) == 1
    with transaction():
        db.session.add(
            ReviewEvent(
                proposal_id=proposal.id,
                at=clock.now(),
                actor_id=npo_member.id,
                action="resubmit",
                from_status=Status.RETURNED_FOR_FIX,
                to_status=Status.SUBMITTED,
            )
        )
    assert (reception.round_of(proposal), reception.current_checks(proposal)) == (2, {})
    with pytest.raises(reception.ChecklistIncomplete, match="残り9件"), transaction():
        reception.accept(proposal, actor=office, at=clock.now())


def test_nobody_but_the_office_and_only_at_reception_answers_the_checklist(npo, proposal, approver, office, session):
    accepted = records.proposal(npo, status=Status.ACCEPTED)

    with pytest.raises(steps.StepRefused):
        check(proposal, approver)
    with pytest.raises(steps.StepRefused):
        check(accepted, office)


def test_the_office_receives_a_proposal_on_one_page(office_client, office, proposal, session):
    address = f"/review/{proposal.number}/reception"
    sent = opened(office_client, address)
    answers = {f"answer_{item.key}": "yes" for item in reception.items()}

    kept = office_client.post(address, data=sent | {"answer_papers": "ask", "note_papers": "規約は？", "then": "save"})
    again = opened(office_client, address)
    refused = office_client.post(address, data=again | {"then": "accept"})
    done = office_client.post(address, data=again | answers | {"then": "accept"})

    assert kept.location == address
    assert (again["answer_papers"], again["note_papers"]) == (["ask"], ["規約は？"])
    assert refused.status_code == 422
    assert "すべての項目が「はい」である必要があります" in main_text(refused.text)
    assert done.location == f"/review/{proposal.number}"
    session.refresh(proposal)
    assert proposal.status is Status.ACCEPTED
    after = main_text(office_client.get(address).text)
    assert "受付の確認は変えられません" in after
    assert office.name in after


def test_the_page_says_what_a_step_still_needs_beside_its_field(office_client, proposal, session):
    address = f"/review/{proposal.number}/reception"
    sent = opened(office_client, address) | {"answer_papers": "ask", "fix_due_on": "2020-01-01"}

    answer = office_client.post(address, data=sent | {"then": "return-for-fix"})
    nothing = office_client.post(address, data=opened(office_client, address) | {"then": "mark-ineligible"})

    assert answer.status_code == 422
    assert errors_beside_fields(answer.text) == {
        "note_papers": "エラー： 理由か、確かめたいことを入力してください",
        "fix_due_on": "エラー： 修正の期限に、明日からあとの日を入力してください",
    }
    assert nothing.status_code == 422
    assert "「いいえ」の項目が1つ以上必要です" in main_text(nothing.text)
    session.refresh(proposal)
    assert (proposal.status, reception.checks_of(proposal)) == (Status.SUBMITTED, {})


def test_a_step_on_an_old_page_keeps_what_was_typed(office_client, office, proposal, session):
    address = f"/review/{proposal.number}/reception"
    sent = opened(office_client, address) | {
        "answer_papers": "ask",
        "note_papers": "長く考えた文",
        "then": "return-for-fix",
    }
    check(proposal, office)
    with transaction():
        reception.accept(proposal, actor=office, at=clock.now())

    answer = office_client.post(address, data=sent)

    assert answer.status_code == 409
    assert "長く考えた文" in main_text(answer.text)


def test_a_page_of_an_older_submission_does_not_accept_the_newer_text(
    office_client, office, npo_member, proposal, session
):
    address = f"/review/{proposal.number}/reception"
    answers = {f"answer_{item.key}": "yes" for item in reception.items()}
    old_page = opened(office_client, address) | answers | {"then": "accept"}
    check(proposal, office, papers=Checked(ASK, "規約をつけてください。"))
    with transaction():
        reception.return_for_fix(proposal, fix_due_on=DUE_ON, actor=office, at=clock.now())
    with transaction():
        service.submit(proposal, actor=npo_member, at=clock.now())

    answer = office_client.post(address, data=old_page)

    session.refresh(proposal)
    assert (answer.status_code, proposal.status) == (409, Status.SUBMITTED)


def test_a_second_click_acts_once_and_says_so(office_client, proposal, session):
    address = f"/review/{proposal.number}/reception"
    answers = {f"answer_{item.key}": "yes" for item in reception.items()}
    accept = opened(office_client, address) | answers | {"then": "accept"}

    clicks = [office_client.post(address, data=accept) for _ in range(2)]

    assert [answer.status_code for answer in clicks] == [303, 409]
    assert "「受理する」は、あなたがすでに行いました" in main_text(clicks[1].text)
    assert len(session.scalars(select(ReviewEvent)).all()) == 1


def test_the_page_shows_the_call_and_its_conditions(office_client, office, npo, session):
    call = calling.call(office)
    proposal = records.proposal(npo, status=Status.SUBMITTED, call_id=call.id)

    text = main_text(office_client.get(f"/review/{proposal.number}/reception").text)

    assert "この募集に応募できる団体と事業：三重県内で活動する団体。" in text


def test_the_review_page_shows_the_call_and_its_theme(office_client, office, npo, session):
    call = calling.theme_call(office)
    proposal = records.proposal(npo, status=Status.ACCEPTED, call_id=call.id, theme_id=call.themes[0].id)

    text = main_text(office_client.get(f"/review/{proposal.number}").text)

    assert f"{call.number} {call.title}" in text
    assert f"{call.themes[0].number} 放課後の学びの場" in text


def test_the_review_page_leads_to_reception(office_client, proposal):
    page = parse(office_client.get(f"/review/{proposal.number}").text)

    assert page.select_one(f'aside a[href="/review/{proposal.number}/reception"]') is not None


def test_what_resembles_a_proposal_is_shown_with_the_reason(npo, other_npo, office, session):
    own = records.proposal(npo, status=Status.SUBMITTED)
    twin = records.proposal(other_npo, status=Status.ACCEPTED, title="外国につながる子どもの学習を支える")
    with transaction():
        db.session.add(
            PastProposal(
                code="2011-07",
                calendar_year=2011,
                scheme="モデル事業",
                level="県",
                title="里山の竹を生かす",
                proposer=npo.name,
                result="unknown",
                source_url="https://example.jp/",
            )
        )
    records.proposal(
        other_npo,
        status=Status.SUBMITTED,
        title="海岸の漂着ごみを調べる",
        issue="浜に流れ着くプラスチックが増えた。",
        aim="ごみの出どころを明らかにする。",
    )

    found = {one.number or one.past_code: one for one in similar_to(office, own)}

    assert sorted(found) == sorted([twin.number, "2011-07"])
    reasons = " ".join(found[twin.number].reasons)
    assert "子供" in reasons or "学習" in reasons
    assert "同じ地域です（三重県津市）" in reasons
    assert found["2011-07"].reasons == ("同じ団体の提案です",)


def test_the_same_title_is_named_and_drafts_of_others_are_not_shown(npo, other_npo, office, session):
    own = records.proposal(npo, status=Status.SUBMITTED)
    same = records.proposal(other_npo, status=Status.REJECTED)
    records.proposal(other_npo)

    [found] = similar_to(office, own)

    assert found.number == same.number
    assert found.share == pytest.approx(1.0)
    assert "題名が同じです" in found.reasons


def test_the_search_for_similar_proposals_costs_the_same_for_one_and_three(npo, other_npo, office, session):
    own = records.proposal(npo, status=Status.SUBMITTED)
    records.proposal(other_npo, status=Status.ACCEPTED)
    similar_to(office, own)
    with counted_queries() as one:
        similar_to(office, own)
    for _ in range(2):
        records.proposal(other_npo, status=Status.ACCEPTED)
    assert (own.organisation.name, office.id) != ("", 0)
    with counted_queries() as three:
        similar_to(office, own)

    assert len(one) == len(three) == 3
