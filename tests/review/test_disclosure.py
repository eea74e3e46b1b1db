"""Requests to disclose: records, what is blackened, third parties, the decision."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.audit.models import AuditEntry
from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.levels import WithholdingReason
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import RecusalSource, TieKind
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import disclosure, disclosure_records, ties
from matchmaker.review.disclosure import RequestFacts
from matchmaker.review.disclosure_models import DisclosureRequest, DisclosureVerdict, RecordKind
from matchmaker.review.workflow import Action, Outcome
from tests.support.pages import main_text
from tests.support.reviewing import People, decision_of, proposal_at, take

SOON = timedelta(days=14)


@pytest.fixture
def proposal(npo, people: People) -> Proposal:
    row = proposal_at(npo, Status.DECIDED, people, Outcome.REJECT)
    take(Action.REJECT, row, people.approver)
    return row


@pytest.fixture
def request_(proposal, people: People) -> DisclosureRequest:
    today = clock.today()
    with transaction():
        row = disclosure.receive(
            RequestFacts("公開 求", "令和8年度の提案と採点表", today, today + SOON), actor=people.office, at=clock.now()
        )
        for kind in RecordKind:
            disclosure.add_item(row, proposal, kind, actor=people.office, at=clock.now())
    return row


def act(verb, *args, **values):
    with transaction():
        return verb(*args, at=clock.now(), **values)


def item_of(request: DisclosureRequest, kind: RecordKind):
    return next(item for item in request.items if item.kind is kind)


def consult(request, npo, people: People):
    return act(disclosure.consult, request, npo, due_on=clock.today() + SOON, actor=people.office)


def decide(request, people: People, *, refuses=False, actor=None, version=None):
    act(
        disclosure.decide,
        request,
        refuses=refuses,
        reason="条例にもとづく決定です。",
        version=request.version if version is None else version,
        actor=actor or people.approver,
    )


def table_of(request: DisclosureRequest) -> str:
    return "\n".join(",".join(row) for row in disclosure_records.rows_of(request))


def test_contacts_are_kept_back_from_the_start(request_, npo):
    copied = disclosure_records.copy_of(item_of(request_, RecordKind.PROPOSAL))

    kept = {one.label: one.reason for one in copied if one.reason}
    assert kept["連絡先"] is WithholdingReason.PERSONAL
    assert (npo.contact_email in table_of(request_), npo.contact_name in table_of(request_)) == (False, False)


@pytest.mark.parametrize("reason", list(WithholdingReason), ids=lambda reason: reason.value)
def test_a_blackened_field_leaves_its_reason_and_not_a_character(reason, request_, proposal, people: People):
    item = item_of(request_, RecordKind.PROPOSAL)

    act(disclosure.redact, item, {"evidence": reason}, version=request_.version, actor=people.office)

    text = table_of(request_)
    assert (proposal.evidence in text, reason.label in text, proposal.issue in text) == (False, True, True)
    paper = disclosure_records.paper_of(request_)
    assert (paper.content[:5], paper.file_name) == (b"%PDF-", f"{request_.number}_開示文書.pdf")


def test_all_four_records_are_in_the_copy(request_, proposal):
    text = table_of(request_)

    for told in (proposal.title, decision_of(proposal).reason, decision_of(proposal).letter.body[:20]):
        assert told in text


def test_an_old_page_and_an_unknown_field_are_refused(request_, people: People):
    item, version = item_of(request_, RecordKind.PROPOSAL), request_.version
    act(disclosure.redact, item, {}, version=version, actor=people.office)

    with pytest.raises(EditConflict):
        act(disclosure.redact, item, {}, version=version, actor=people.office)
    with pytest.raises(disclosure.DisclosureRefused):
        act(
            disclosure.redact,
            item,
            {"unknown": WithholdingReason.PERSONAL},
            version=request_.version,
            actor=people.office,
        )


def test_no_decision_before_the_third_party_was_heard(request_, npo, people: People):
    with pytest.raises(disclosure.DisclosureRefused, match="意見をまだ聞いていません"):
        decide(request_, people)
    asked = consult(request_, npo, people)
    with pytest.raises(disclosure.DisclosureRefused, match="回答を待っています"):
        decide(request_, people)
    act(disclosure.answer, asked, objects=False, words="", actor=people.owner)

    decide(request_, people)

    assert (request_.verdict, request_.opens_on) == (DisclosureVerdict.PARTIAL, clock.today())
    assert disclosure.missing_before_decision(request_, clock.today()) == ""


def test_a_third_party_is_asked_by_mail_and_does_not_learn_who_asked(request_, npo, people: People, session):
    consult(request_, npo, people)

    mail = session.scalars(select(Notice).where(Notice.kind == "disclosure_opinion")).one()
    assert (mail.to_email, "公開 求" in mail.body) == (people.owner.email, False)


def test_against_an_objection_two_weeks_pass(request_, npo, people: People, session):
    asked = consult(request_, npo, people)
    with pytest.raises(disclosure.DisclosureRefused, match="理由"):
        act(disclosure.answer, asked, objects=True, words=" ", actor=people.owner)
    act(disclosure.answer, asked, objects=True, words="収支の内訳は出さないでください。", actor=people.owner)

    decide(request_, people)

    assert request_.opens_on == clock.today() + timedelta(days=14)
    mail = session.scalars(select(Notice).where(Notice.kind == "disclosure_decided")).one()
    assert "部分開示" in mail.body


def test_silence_ends_with_the_due_day(request_, npo, people: People):
    asked = consult(request_, npo, people)

    assert disclosure.missing_before_decision(request_, asked.due_on) != ""
    assert disclosure.missing_before_decision(request_, asked.due_on + timedelta(days=1)) == ""


def test_who_received_the_request_does_not_decide_it_and_nobody_decides_twice(request_, npo, people: People):
    with pytest.raises(disclosure.DisclosureRefused):
        decide(request_, people, actor=people.office)
    decide(request_, people, refuses=True)

    assert request_.verdict is DisclosureVerdict.REFUSED
    with pytest.raises(disclosure.DisclosureRefused, match="すでに決定"):
        decide(request_, people)
    with pytest.raises(disclosure.DisclosureRefused, match="すでに決定"):
        consult(request_, npo, people)


def test_a_recused_person_finds_no_request_about_the_proposal(request_, proposal, approver, people: People):
    assert disclosure.find_for(approver, request_.number) is not None
    tie = ties.Tie(TieKind.OFFICER, "元の役員です。")
    act(ties.recuse, proposal, approver, RecusalSource.OFFICE, tie, actor=people.office)

    assert disclosure.find_for(approver, request_.number) is None
    assert disclosure.list_for(approver) == []


def test_every_copy_is_on_record(request_, office_client, session):
    path = f"/review/disclosures/{request_.number}"

    pdf, table = office_client.get(f"{path}.pdf"), office_client.get(f"{path}.csv")

    assert (pdf.mimetype, table.mimetype) == ("application/pdf", "text/csv")
    tags = session.scalars(select(AuditEntry.tag).where(AuditEntry.subject == request_.number)).all()
    assert tags.count("office:disclosure:export") == 2


def test_the_whole_way_through_the_pages(proposal, npo, npo_client, office_client, approver_client, client, session):
    today = clock.today()
    created = office_client.post(
        "/review/disclosures/new",
        data={
            "requester": "公開 求",
            "subject": "採点表",
            "received_on": today.isoformat(),
            "due_on": (today + SOON).isoformat(),
        },
    )
    path = created.location
    assert path.startswith("/review/disclosures/R8-D001")
    unknown = office_client.post(f"{path}/items", data={"item-number": "R8-9999", "item-kinds": ["proposal"]})
    added = office_client.post(f"{path}/items", data={"item-number": proposal.number, "item-kinds": ["proposal"]})
    assert (unknown.status_code, added.status_code) == (409, 303)
    [request] = session.scalars(select(DisclosureRequest)).all()
    item, version = request.items[0].id, request.version
    assert "課題の根拠" in main_text(office_client.get(f"{path}/items/{item}").text)
    saved = office_client.post(f"{path}/items/{item}", data={"version": str(version), "keep_evidence": "corporate"})
    assert saved.status_code == 303
    due = (today + SOON).isoformat()
    asked = office_client.post(f"{path}/consult", data={"consult-organisation": npo.number, "consult-due_on": due})
    assert asked.status_code == 303
    opinion = "/review/opinions/1"
    page = main_text(npo_client.get(opinion).text)
    assert ("不開示（法人情報）" in page, proposal.evidence in page, "公開 求" in page) == (True, False, False)
    assert client.get(opinion).status_code == 302
    assert office_client.get(opinion).status_code == 404
    assert npo_client.post(opinion, data={"opinion-objects": "no"}).status_code == 303
    session.expire_all()
    empty = approver_client.post(f"{path}/decide", data={})
    decided = approver_client.post(
        f"{path}/decide", data={"decision-reason": "条例にもとづく決定です。", "decision-version": str(request.version)}
    )
    assert (empty.status_code, decided.status_code) == (422, 303)
    assert "部分開示" in main_text(office_client.get(path).text)


@pytest.mark.parametrize("kind", ["npo_client", "company_client", "division_client", "administrator_client"])
def test_requests_are_closed_to_others(kind, request_, request):
    client = request.getfixturevalue(kind)
    path = f"/review/disclosures/{request_.number}"

    assert [client.get(one).status_code for one in ("/review/disclosures", path, f"{path}.pdf", f"{path}.csv")] == [
        403
    ] * 4


def test_a_request_waits_for_the_office_and_then_for_the_approver(request_, npo, people: People):
    before = [len(disclosure.waiting_for(one)) for one in (people.office, people.approver)]
    asked = consult(request_, npo, people)
    act(disclosure.answer, asked, objects=False, words="", actor=people.owner)

    assert (before, [len(disclosure.waiting_for(one)) for one in (people.office, people.approver)]) == ([1, 0], [0, 1])
