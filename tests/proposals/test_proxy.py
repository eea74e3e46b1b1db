"""Proposals entered for an NPO (代理入力): nothing is submitted before the owner confirmed this very text."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts import links
from matchmaker.accounts.models import OneTimeLink
from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.permissions.grants import Role
from matchmaker.proposals import proxy, proxy_queries, service
from matchmaker.proposals.proxy_models import Channel, ConfirmedBy, ProxyEntry
from matchmaker.proposals.questions import Question
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review import proxy_submission, reception, work
from matchmaker.review.call_models import CallPhase
from matchmaker.review.models import ReviewEvent
from matchmaker.review.reception_models import ReceptionAnswer
from tests.support import calling, records
from tests.support.client import sign_in
from tests.support.forms import opened
from tests.support.pages import main_text


@pytest.fixture
def supporter(database):
    return records.staff(Role.INTERMEDIARY, name="中間 支援子")


def entered(of, actor, **values):
    """A whole proposal as somebody entered it for its owner."""
    proposal = records.proposal(of, **values)
    with transaction():
        from matchmaker.foundation.database import db

        entry = ProxyEntry(
            proposal_id=proposal.id, channel=Channel.PAPER, entered_by_id=actor.id, entered_at=clock.now()
        )
        db.session.add(entry)
    return entry


def asked(entry, actor):
    with transaction():
        proxy.ask(entry, actor=actor, at=clock.now())


def link_of(session):
    body = session.scalars(select(Notice).where(Notice.kind == "proxy_confirm").order_by(Notice.id.desc())).first().body
    return re.search(r"/proposals/proxy/confirm/(\S+)", body)[1]


def coded(entry, actor):
    with transaction():
        return proxy.make_code(entry, actor=actor, at=clock.now())


def test_a_paper_proposal_goes_from_the_office_to_the_owner_and_is_submitted_by_the_owners_press(
    office_client, client, npo, office, session
):
    begun = office_client.post("/proposals/proxy/new", data={"number": npo.number, "channel": "paper"})
    entry = session.scalars(select(ProxyEntry)).one()
    source = records.proposal(npo)
    with transaction():
        answers = service.answers_of(source)
        opened_as = service.version_of(entry.proposal, tuple(Question))
        service.save(entry.proposal, answers, screen=tuple(Question), opened_as=opened_as, actor=office, at=clock.now())
    office_client.post(f"/proposals/proxy/{entry.proposal.draft_number}/ask")
    address = f"/proposals/proxy/confirm/{link_of(session)}"
    looked = [client.get(address) for _ in range(2)]
    before = session.get(ProxyEntry, entry.id).confirmed_at
    form = opened(client, address)
    done = client.post(address, data=form | {"then": "confirm"})
    again = client.post(address, data=form | {"then": "confirm"})

    assert begun.location == f"/proposals/proxy/{entry.proposal.draft_number}/edit/1"
    assert [page.status_code for page in looked] == [200, 200]
    assert source.issue in main_text(looked[0].text)
    assert before is None
    session.expire_all()
    entry = session.get(ProxyEntry, entry.id)
    assert (entry.proposal.status, entry.confirmed_by) == (Status.SUBMITTED, ConfirmedBy.LINK)
    assert entry.proposal.number in main_text(done.text)
    assert again.status_code == 410
    [event] = session.scalars(select(ReviewEvent).where(ReviewEvent.proposal_id == entry.proposal_id))
    assert event.actor_id is None


def test_the_link_goes_to_the_registered_address_and_an_older_one_stops_working(npo, office, session):
    entry = entered(npo, office)
    asked(entry, office)
    first = link_of(session)
    asked(entry, office)

    assert {mail.to_email for mail in session.scalars(select(Notice))} == {npo.contact_email}
    assert proxy.find_by_link(first, at=clock.now()) is None
    assert proxy.find_by_link(link_of(session), at=clock.now()).id == entry.id


def test_an_expired_link_opens_nothing(npo, office, session):
    entry = entered(npo, office)
    asked(entry, office)

    late = clock.now() + links.LASTS[next(iter(session.scalars(select(OneTimeLink)))).kind] + timedelta(minutes=1)

    assert proxy.find_by_link(link_of(session), at=late) is None


def test_an_incomplete_entry_is_not_put_to_the_owner(npo, office, session):
    entry = entered(npo, office, goals="")

    for act in (proxy.ask, proxy.make_code):
        with pytest.raises(service.ProposalIncomplete), transaction():
            act(entry, actor=office, at=clock.now())


def test_an_organisation_without_an_address_is_confirmed_by_code(client, npo, office, session):
    with transaction():
        npo.contact_email = ""
    entry = entered(npo, office)
    with pytest.raises(proxy.NoAddress):
        asked(entry, office)
    code = coded(entry, office)
    number = entry.proposal.draft_number

    read = client.post("/proposals/proxy/code", data={"number": number.lower(), "code": f"{code[:4]}-{code[4:]}"})
    version = service.version_of(entry.proposal, tuple(Question))
    sent = {"number": number, "code": code, "then": "confirm", "version": version}
    done = client.post("/proposals/proxy/code", data=sent)
    again = client.post("/proposals/proxy/code", data=sent)

    assert read.status_code == 200
    assert entry.proposal.issue in main_text(read.text)
    assert "確認ができ、提案を提出しました" in main_text(done.text)
    session.expire_all()
    assert session.get(ProxyEntry, entry.id).proposal.status is Status.SUBMITTED
    assert again.status_code == 422


def test_the_code_closes_after_five_wrong_tries_and_is_kept_as_a_hash(client, npo, office, session):
    entry = entered(npo, office)
    code = coded(entry, office)
    number = entry.proposal.draft_number
    wrong = "00000000" if code != "00000000" else "11111111"

    answers = [client.post("/proposals/proxy/code", data={"number": number, "code": wrong}) for _ in range(5)]
    right = client.post("/proposals/proxy/code", data={"number": number, "code": code})

    assert {answer.status_code for answer in answers} == {422}
    assert right.status_code == 422
    session.expire_all()
    stored = session.get(ProxyEntry, entry.id)
    assert (code in stored.code_hash, stored.code_tries) == (False, proxy.MOST_TRIES)
    fresh = coded(stored, office)
    assert client.post("/proposals/proxy/code", data={"number": number, "code": fresh}).status_code == 200


def test_a_code_of_another_draft_or_one_that_is_old_opens_nothing(npo, office, session):
    one, other = entered(npo, office), entered(npo, office)
    code = coded(one, office)
    with transaction():
        of_other = proxy.find_by_code(other.proposal.draft_number, code, at=clock.now())
    with transaction():
        late = proxy.find_by_code(
            one.proposal.draft_number, code, at=clock.now() + proxy.CODE_LASTS + timedelta(days=1)
        )

    assert (of_other, late) == (None, None)


def test_the_owner_can_say_that_it_is_wrong_and_the_enterer_is_told(client, npo, supporter, session):
    entry = entered(npo, supporter)
    asked(entry, supporter)
    address = f"/proposals/proxy/confirm/{link_of(session)}"
    form = opened(client, address)

    without = client.post(address, data=form | {"then": "refuse"})
    done = client.post(address, data=form | {"then": "refuse", "reason": "予算が違います。"})

    assert without.status_code == 422
    assert "提案は提出されていません" in main_text(done.text)
    session.expire_all()
    assert session.get(ProxyEntry, entry.id).proposal.status is Status.DRAFT
    mail = session.scalars(select(Notice).where(Notice.kind == "proxy_refused")).one()
    assert (mail.to_email, "予算が違います。" in mail.body) == (supporter.email, True)


def test_a_text_that_changed_since_it_was_read_is_not_confirmed(client, npo, npo_member, office, session):
    entry = entered(npo, office)
    asked(entry, office)
    address = f"/proposals/proxy/confirm/{link_of(session)}"
    form = opened(client, address)
    _change(entry.proposal, "owner corrected", npo_member)

    answer = client.post(address, data=form | {"then": "confirm"})
    fresh = opened(client, address)
    done = client.post(address, data=fresh | {"then": "confirm"})

    assert answer.status_code == 409
    assert "ほかの人が先に更新しました" in main_text(answer.text)
    assert "提案を提出しました" in main_text(done.text)


def _change(proposal, aim, actor):
    with transaction():
        screen = (Question.AIM,)
        opened_as = service.version_of(proposal, screen)
        service.save(proposal, {Question.AIM: aim}, screen=screen, opened_as=opened_as, actor=actor, at=clock.now())


def test_a_confirmed_text_is_not_changed_by_the_enterer_and_not_submitted_when_it_changed(
    npo, npo_member, office, session
):
    with transaction():
        npo.verification, npo.checked_at = "waiting", None
    entry = entered(npo, office)
    coded(entry, office)
    with transaction():
        version = service.version_of(entry.proposal, tuple(Question))
        proxy.confirm(entry, ConfirmedBy.CODE, read_as=version, at=clock.now())

    with pytest.raises(proxy.AlreadyConfirmed), transaction():
        proxy.require_writable(entry)
    with pytest.raises(proxy_submission.NotConfirmed), transaction():
        proxy_submission.submit_confirmed(entry, actor=office, at=clock.now())
    with transaction():
        npo.verification, npo.checked_at = "verified", clock.now()
    _change(entry.proposal, "書きかえた", npo_member)
    with pytest.raises(proxy_submission.NotConfirmed), transaction():
        proxy_submission.submit_confirmed(entry, actor=office, at=clock.now())

    assert entry.proposal.status is Status.DRAFT


def test_an_entry_that_waited_for_the_check_of_its_organisation_is_submitted_by_the_enterer(
    app, npo, office, supporter, session
):
    with transaction():
        npo.verification, npo.checked_at = "waiting", None
    entry = entered(npo, supporter)
    coded(entry, supporter)
    with transaction():
        version = service.version_of(entry.proposal, tuple(Question))
        proxy.confirm(entry, ConfirmedBy.CODE, read_as=version, at=clock.now())
    with transaction():
        npo.verification, npo.checked_at = "verified", clock.now()
    browser = sign_in(app.test_client(), supporter)

    browser.post(f"/proposals/proxy/{entry.proposal.draft_number}/submit")

    session.expire_all()
    entry = session.get(ProxyEntry, entry.id)
    [event] = session.scalars(select(ReviewEvent))
    assert (entry.proposal.status, event.actor_id) == (Status.SUBMITTED, supporter.id)


def test_nothing_unconfirmed_is_submitted(npo, office, session):
    entry = entered(npo, office)

    with pytest.raises(proxy_submission.NotConfirmed), transaction():
        proxy_submission.submit_confirmed(entry, actor=office, at=clock.now())


def test_a_deadline_that_passed_before_the_owner_pressed_leads_to_a_standing_proposal(client, npo, office, session):
    call = calling.call(office, CallPhase.CLOSED)
    entry = entered(npo, office, call_id=call.id)
    asked(entry, office)
    address = f"/proposals/proxy/confirm/{link_of(session)}"

    page = client.get(address)
    done = client.post(address, data=opened(client, address) | {"then": "confirm"})

    assert "常時の提案として提出されます" in main_text(page.text)
    assert "提案を提出しました" in main_text(done.text)
    session.expire_all()
    assert session.get(ProxyEntry, entry.id).proposal.call_id is None


def test_a_new_organisation_is_entered_with_its_contact_and_waits_for_the_check(app, supporter, session):
    browser = sign_in(app.test_client(), supporter)
    form = {
        "organisation_name": "山の学校をつくる会",
        "kana": "やまのがっこうをつくるかい",
        "legal_form": "civic",
        "municipality": "242012",
        "description": "山の学校をつくる。",
        "activity_fields": "children",
        "channel": "telephone",
    }

    without = browser.post("/proposals/proxy/new-organisation", data=form)
    made = browser.post("/proposals/proxy/new-organisation", data=form | {"contact_phone": "059-111-2222"})

    assert without.status_code == 422
    organisation = session.scalars(select(Organisation).where(Organisation.name == "山の学校をつくる会")).one()
    entry = session.scalars(select(ProxyEntry)).one()
    assert (entry.proposal.organisation_id, entry.channel) == (organisation.id, Channel.TELEPHONE)
    assert not organisation.is_verified
    assert made.location.endswith("/edit/1")


def test_the_enterer_writes_the_sections_and_finds_what_is_missing(app, npo, supporter, session):
    browser = sign_in(app.test_client(), supporter)
    browser.post("/proposals/proxy/new", data={"number": npo.number, "channel": "fax"})
    entry = session.scalars(select(ProxyEntry)).one()
    number = entry.proposal.draft_number

    page = f"/proposals/proxy/{number}/edit/1"
    saved = browser.post(page, data=opened(browser, page) | {"title": "山の学校", "issue": "学ぶ場所がない。"})
    text = main_text(browser.get(f"/proposals/proxy/{number}").text)

    session.refresh(entry.proposal)
    assert saved.location == f"/proposals/proxy/{number}/edit/2"
    assert (entry.proposal.title, entry.proposal.organisation_id) == ("山の学校", npo.id)
    assert "確認を頼むには、あと" in text
    assert browser.get(f"/proposals/proxy/{number}/edit/6").status_code == 404


def test_what_the_owner_refused_is_mended_and_put_to_them_anew(client, office_client, npo, office, session):
    entry = entered(npo, office)
    asked(entry, office)
    address, number = f"/proposals/proxy/confirm/{link_of(session)}", entry.proposal.draft_number
    client.post(address, data=opened(client, address) | {"then": "refuse", "reason": "予算が違います。"})

    office_client.post(f"/proposals/proxy/{number}/reopen")
    page = f"/proposals/proxy/{number}/edit/4"
    saved = office_client.post(page, data=opened(office_client, page) | {"budget_yen": "500000"})
    office_client.post(f"/proposals/proxy/{number}/ask")
    fresh = f"/proposals/proxy/confirm/{link_of(session)}"
    done = client.post(fresh, data=opened(client, fresh) | {"then": "confirm"})

    assert saved.status_code == 303
    assert "提案を提出しました" in main_text(done.text)
    session.expire_all()
    assert session.get(ProxyEntry, entry.id).proposal.budget_yen == 500_000


def test_what_the_office_returned_is_mended_confirmed_anew_and_submitted_again(client, npo, office, supporter, session):
    entry = entered(npo, supporter)
    code = coded(entry, supporter)
    number = entry.proposal.draft_number
    _confirm_by_code(client, entry, code)
    session.expire_all()
    entry = session.get(ProxyEntry, entry.id)
    with transaction():
        wrong = reception.all_yes() | {"papers": reception.Checked(ReceptionAnswer.ASK, "規約をつけてください。")}
        reception.check(entry.proposal, wrong, actor=office, at=clock.now())
        due_on = clock.today() + timedelta(days=9)
        reception.return_for_fix(entry.proposal, fix_due_on=due_on, actor=office, at=clock.now())
    with pytest.raises(proxy.AlreadyConfirmed):
        coded(entry, supporter)
    with transaction():
        proxy.reopen(entry, actor=supporter, at=clock.now())

    _confirm_by_code(client, entry, coded(entry, supporter))

    session.expire_all()
    entry = session.get(ProxyEntry, entry.id)
    actions = [event.action.value for event in session.scalars(select(ReviewEvent).order_by(ReviewEvent.id))]
    assert (entry.proposal.status, number != entry.proposal.number) == (Status.SUBMITTED, True)
    assert actions == ["submit", "return-for-fix", "resubmit"]


def _confirm_by_code(client, entry, code):
    version = service.version_of(entry.proposal, tuple(Question))
    sent = {"number": entry.proposal.draft_number, "code": code, "then": "confirm", "version": version}
    assert "提案を提出しました" in main_text(client.post("/proposals/proxy/code", data=sent).text)


def test_a_submitted_entry_is_not_opened_again(npo, office, session):
    entry = entered(npo, office, status=Status.SUBMITTED)

    with pytest.raises(proxy.CannotConfirm), transaction():
        proxy.reopen(entry, actor=office, at=clock.now())


def test_an_owner_without_an_account_is_told_at_the_contact_address(npo, office, session):
    proposal = records.proposal(npo, status=Status.SUBMITTED)
    with transaction():
        reception.check(proposal, reception.all_yes(), actor=office, at=clock.now())
        reception.accept(proposal, actor=office, at=clock.now())

    [mail] = session.scalars(select(Notice))
    assert (mail.kind, mail.to_email, mail.to_user_id) == ("proposal_accepted", npo.contact_email, None)
    assert f"{npo.contact_name} 様" in mail.body


def test_the_enterer_says_for_which_call_the_paper_is(office_client, npo, office, session):
    call = calling.theme_call(office, CallPhase.OPEN)
    entry = entered(npo, office)
    number, value = entry.proposal.draft_number, f"{call.number}/{call.themes[0].number}"

    page = office_client.get(f"/proposals/proxy/{number}/call")
    chosen = office_client.post(f"/proposals/proxy/{number}/call", data={"choice": value})
    shown = main_text(office_client.get(chosen.location).text)

    session.refresh(entry.proposal)
    assert "団体が確認のボタンを押した時刻で数えます" in main_text(page.text)
    assert entry.proposal.theme_id == call.themes[0].id
    assert "テーマ「放課後の学びの場」に応募します" in shown


def test_an_unknown_unverified_or_company_number_is_refused(office_client, company, session):
    waiting = records.organisation(company.side.NPO, is_verified=False)

    codes = [
        office_client.post("/proposals/proxy/new", data={"number": number, "channel": "paper"}).status_code
        for number in ("O-0000", waiting.number, company.number, "x" * 500)
    ]

    assert codes == [422] * 4


def test_an_intermediary_sees_only_what_it_entered(app, npo, office, supporter, session):
    own, other = entered(npo, supporter), entered(npo, office)
    browser = sign_in(app.test_client(), supporter)

    codes = [browser.get(f"/proposals/proxy/{one.proposal.draft_number}").status_code for one in (own, other)]

    assert codes == [200, 404]
    assert [row.id for row in proxy_queries.list_for(office, page=1).items] == [other.id, own.id]


def test_the_mark_stands_on_every_page_of_the_proposal(npo, npo_client, client, office_client, office, session):
    entry = entered(npo, office, status=Status.SUBMITTED)
    number = entry.proposal.number

    own = main_text(npo_client.get(f"/proposals/{number}").text)
    public = main_text(client.get(f"/proposals/{number}").text)
    review = [main_text(office_client.get(f"/review/{number}{part}").text) for part in ("", "/reception")]

    assert all(f"紙の書類で受け取り、{office.name}が入力しました。" in text for text in (own, *review))
    assert "紙の書類で受け取り、NPO担当課が入力しました。" in public
    assert office.name not in public


def test_the_owner_finds_an_entry_in_the_own_list_of_work_and_can_correct_it(
    npo, npo_client, npo_member, office, session
):
    entry = entered(npo, office)
    asked(entry, office)

    [item] = proxy_queries.waiting_for(npo_member)

    assert item.path == f"/proposals/{entry.proposal.draft_number}/check"
    assert npo_client.get(item.path).status_code == 200
    assert npo_client.get(f"/proposals/{entry.proposal.draft_number}/edit/1").status_code == 200
    assert proxy_queries.waiting_for in work.PROVIDERS


def test_the_code_is_shown_once_on_a_sheet_with_the_text(office_client, npo, office, session):
    entry = entered(npo, office)

    sheet = main_text(office_client.post(f"/proposals/proxy/{entry.proposal.draft_number}/code").text)
    after = main_text(office_client.get(f"/proposals/proxy/{entry.proposal.draft_number}").text)

    code = re.search(r"\d{4}-\d{4}", sheet)[0]
    assert entry.proposal.issue in sheet
    assert code not in after


def test_confirming_an_old_reading_raises_a_conflict(npo, office, session):
    entry = entered(npo, office)

    with pytest.raises(EditConflict), transaction():
        proxy.confirm(entry, ConfirmedBy.CODE, read_as="0" * 20, at=clock.now())
