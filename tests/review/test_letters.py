"""Letters: composed, edited, numbered; no result without one."""

import pytest
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import letters, queries, service
from matchmaker.review.decision_models import Letter
from matchmaker.review.models import Decision, DecisionStage
from matchmaker.review.workflow import RELEASES, Action, Outcome
from tests.support import records
from tests.support.pages import main_text
from tests.support.reviewing import SECRET_REASON, People, decision_of, draft_of, proposal_at, take

TEXTS = {"subject": "件名です", "body": "本文です", "sender": "三重県知事", "public_text": "公表文です"}


def letter_of(proposal: Proposal) -> Letter:
    return db.session.scalars(select(Letter).where(Letter.decision_id == decision_of(proposal).id)).one()


def drafted(npo, people: People, outcome: Outcome, **values) -> Proposal:
    proposal = records.proposal(npo, status=Status.ACCEPTED)
    with transaction():
        service.draft_decision(proposal, draft_of(proposal, outcome, **values), actor=people.office, at=clock.now())
    return proposal


@pytest.mark.parametrize("outcome", list(Outcome), ids=lambda outcome: outcome.value)
def test_a_letter_holds_result_reason_findings_sources_and_next_step(outcome, npo, people: People):
    proposal = drafted(npo, people, outcome, reason="理由の文です。", next_step="次の一歩です。")

    body = letter_of(proposal).body

    told = [outcome.label, "理由の文です。", "次の一歩です。", proposal.title, proposal.number]
    if outcome is Outcome.HOLD:
        told.append("県警察との協議")
    else:
        told += ["課題のとらえ方は十分です。", "提案の「解決したい社会課題」"]
    if outcome is Outcome.REFER:
        told.append("https://www.wam.go.jp/")
    assert [words for words in told if words not in body] == []


def test_the_public_text_names_nobody_of_the_organisation(npo, people: People):
    proposal = drafted(npo, people, Outcome.REJECT, reason=f"{people.owner.name}さんと{npo.contact_name}に聞きました。")

    assert letter_of(proposal).public_text.startswith("（担当者）さんと（担当者）に聞きました。")


@pytest.mark.parametrize("word", ["name", "email"])
def test_a_public_text_with_a_person_is_refused(word, npo, people: People):
    proposal = drafted(npo, people, Outcome.REJECT)

    with pytest.raises(letters.NamesAPerson), transaction():
        letters.edit(
            letter_of(proposal),
            **(TEXTS | {"public_text": f"{getattr(people.owner, word)}に連絡しました。"}),
            version=1,
            actor=people.office,
            at=clock.now(),
        )


def test_the_drafter_edits_before_the_decision_and_the_approver_after(npo, people: People):
    proposal = drafted(npo, people, Outcome.REJECT)

    def edit(actor, version):
        with transaction():
            letters.edit(letter_of(proposal), **TEXTS, version=version, actor=actor, at=clock.now())

    with pytest.raises(letters.LetterClosed):
        edit(people.approver, 1)
    edit(people.office, 1)
    take(Action.DECIDE, proposal, people.approver)
    with pytest.raises(letters.LetterClosed):
        edit(people.office, 2)
    edit(people.approver, letter_of(proposal).version)
    take(Action.REJECT, proposal, people.approver)
    with pytest.raises(letters.LetterClosed):
        edit(people.approver, letter_of(proposal).version)

    assert (letter_of(proposal).body, letter_of(proposal).edited_by_id) == ("本文です", people.approver.id)


def test_of_two_edits_the_later_one_meets_a_conflict(npo, people: People):
    proposal = drafted(npo, people, Outcome.REJECT)
    with transaction():
        letters.edit(letter_of(proposal), **TEXTS, version=1, actor=people.office, at=clock.now())

    with pytest.raises(EditConflict), transaction():
        letters.edit(letter_of(proposal), **TEXTS, version=1, actor=people.office, at=clock.now())


@pytest.mark.parametrize("outcome", list(Outcome), ids=lambda outcome: outcome.value)
def test_no_result_is_told_without_its_letter(outcome, npo, people: People, session):
    proposal = proposal_at(npo, Status.DECIDED, people, outcome)
    with transaction():
        db.session.delete(letter_of(proposal))

    with pytest.raises(letters.LetterMissing, match=proposal.number):
        take(RELEASES[outcome], proposal, people.approver)

    assert (proposal.status, queries.released_decision(proposal)) == (Status.DECIDED, None)
    assert session.scalars(select(Notice)).all() == []


def test_no_address_shows_a_told_decision_whose_letter_is_gone(app, npo, people: People, client, npo_client):
    proposal = proposal_at(npo, Status.REJECTED, people, Outcome.REJECT)
    with transaction():
        db.session.delete(letter_of(proposal))
    lists = ["/", "/proposals", "/proposals/mine", "/search?q=放課後", "/proposals/reconsiderations", "/open-data"]
    with app.test_request_context():
        rules = [
            rule for rule in app.url_map.iter_rules() if set(rule.arguments) == {"number"} and "GET" in rule.methods
        ]
        of_proposals = [rule for rule in rules if type(rule._converters["number"]).__name__ == "ProposalNumber"]
        own = [app.url_map.bind("localhost").build(rule.endpoint, {"number": proposal.number}) for rule in of_proposals]

    told = [
        (one, address)
        for one, reader in (("visitor", client), ("npo", npo_client))
        for address in [*lists, *own]
        if SECRET_REASON in reader.get(address).get_data(as_text=True)
    ]

    assert (len(own) > 10, told) == (True, [])


def test_letters_are_numbered_in_the_order_in_which_they_are_sent(npo, people: People):
    proposals = [drafted(npo, people, Outcome.REJECT) for _ in range(2)]
    for proposal in reversed(proposals):
        take(Action.DECIDE, proposal, people.approver)
        take(Action.REJECT, proposal, people.approver)

    sent = [letter_of(proposal) for proposal in reversed(proposals)]
    assert [one.document_number for one in sent] == ["協創第R8-1号", "協創第R8-2号"]
    assert {one.dated_on for one in sent} == {clock.today()}


@pytest.mark.parametrize("outcome", list(Outcome), ids=lambda outcome: outcome.value)
def test_only_results_that_can_be_reconsidered_say_so(outcome, npo, people: People):
    proposal = proposal_at(npo, Status.DECIDED, people, outcome)
    take(RELEASES[outcome], proposal, people.approver)
    last_day = japanese_date(add_business_days(clock.today(), 10))

    words = letters.instruction_of(decision_of(proposal), letter_of(proposal))

    assert (f"{last_day}まで" in words) == (outcome in letters.RECONSIDERED)


def test_the_public_reads_the_public_text_and_the_proposer_the_letter(npo, people: People, client, npo_client):
    proposal = drafted(npo, people, Outcome.REJECT, reason="内わけの理由です。")
    with transaction():
        letters.edit(letter_of(proposal), **TEXTS, version=1, actor=people.office, at=clock.now())
    take(Action.DECIDE, proposal, people.approver)
    take(Action.REJECT, proposal, people.approver)
    path = f"/proposals/{proposal.number}"

    everybody, owner = (main_text(one.get(path).text) for one in (client, npo_client))

    assert ("公表文です" in everybody, "内わけの理由です。" in everybody) == (True, False)
    assert "内わけの理由です。" in owner
    letter_path = f"{path}/letters/{letter_of(proposal).id}"
    assert "本文です" in main_text(npo_client.get(letter_path).text)
    assert client.get(letter_path).status_code == 302


@pytest.mark.parametrize("kind", ["other_npo_client", "company_client", "division_client", "administrator_client"])
def test_a_letter_is_not_there_for_others(kind, npo, people: People, request):
    proposal = proposal_at(npo, Status.REJECTED, people, Outcome.REJECT)
    path = f"/proposals/{proposal.number}/letters/{letter_of(proposal).id}"

    client = request.getfixturevalue(kind)

    assert [client.get(one).status_code for one in (path, f"{path}.pdf")] == [404, 404]


def test_the_letter_of_a_draft_is_not_there_for_its_proposer(npo, npo_client, people: People):
    proposal = drafted(npo, people, Outcome.REJECT)

    path = f"/proposals/{proposal.number}/letters/{letter_of(proposal).id}"

    assert [npo_client.get(one).status_code for one in (path, f"{path}.pdf")] == [404, 404]


def test_the_office_edits_a_letter_on_its_page(npo, office_client, people: People):
    proposal = drafted(npo, people, Outcome.REJECT)
    path = f"/review/{proposal.number}/letters/{decision_of(proposal).id}"

    saved = office_client.post(path, data=TEXTS | {"version": "1"})
    late = office_client.post(path, data=TEXTS | {"version": "1", "body": "別の本文です"})

    assert (saved.status_code, late.status_code, letter_of(proposal).body) == (303, 409, "本文です")
    assert "別の本文です" in main_text(late.text)


def test_a_decision_without_letter_gets_one_on_its_page(npo, office_client, people: People):
    proposal = drafted(npo, people, Outcome.REJECT)
    with transaction():
        db.session.delete(letter_of(proposal))
    path = f"/review/{proposal.number}/letters/{decision_of(proposal).id}"

    assert "通知文がまだありません" in main_text(office_client.get(path).text)
    assert office_client.post(f"{path}/compose").status_code == 303
    assert "不採択" in letter_of(proposal).body


def test_decided_and_told_are_two_words(npo, office_client, people: People):
    told = proposal_at(npo, Status.REJECTED, people, Outcome.REJECT)
    decided = proposal_at(npo, Status.DECIDED, people, Outcome.REJECT)

    texts = [main_text(office_client.get(f"/review/{one.number}").text) for one in (decided, told)]

    assert [("仮決定（通知前）" in text, "決定（通知ずみ）" in text) for text in texts] == [
        (True, False),
        (False, True),
    ]
    assert [stage.label for stage in DecisionStage] == [
        "起案（決裁待ち）",
        "差し戻し",
        "仮決定（通知前）",
        "決定（通知ずみ）",
    ]


def test_a_sent_back_draft_keeps_its_letter_and_the_next_one_has_its_own(npo, people: People, session):
    proposal = drafted(npo, people, Outcome.REJECT)
    take(Action.SEND_BACK, proposal, people.approver)
    take(Action.DRAFT_DECISION, proposal, people.office)

    kept = session.execute(select(Decision.stage, Letter.id).join(Letter, Letter.decision_id == Decision.id)).all()
    assert [stage for stage, _letter in kept] == [DecisionStage.SENT_BACK, DecisionStage.DRAFTED]
