"""The agreement: versions, signatures, and the moment in which it is in force."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.notices.models import Notice
from matchmaker.projects import agreements, change_requests, delivery, lifecycle, working
from matchmaker.projects.agreement_models import AgreementSignature
from matchmaker.projects.agreements import CannotSign, Draft, NotTheNewest
from matchmaker.projects.delivery_terms import RequestKind
from matchmaker.projects.events import FactMissing, ProjectNotInState
from matchmaker.projects.form_choice import Procedure
from matchmaker.projects.parties import OFFICE_KEY, parties_of
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import CollaborationForm
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse
from tests.support.projects import COMMISSION, TODAY, agreed, answers, born, sign, sign_all, staff_of, write, written

AT = clock.now()


@pytest.fixture
def at_work(npo, npo_member, approver, office):
    """A project of an NPO and a division, and somebody of the division."""
    division = records.division()
    return born(npo, approver, division), staff_of(division, "環境 五郎")


def test_the_project_is_agreed_only_when_every_party_has_signed(at_work, npo_member, office):
    project, officer = at_work
    written(project, npo_member)

    seen = []
    for person in (npo_member, officer, office):
        seen.append((project.status, project.form, project.confirmed_at))
        sign(project, person)

    assert seen == [(ProjectStatus.WORKING, None, None)] * 3
    assert (project.status, project.form, project.form_agreed_on, project.confirmed_by_id) == (
        ProjectStatus.CONTRACTED,
        CollaborationForm.COMMITTEE,
        TODAY,
        office.id,
    )
    assert agreements.newest_version(project).effective_on == TODAY


def test_a_form_with_a_procedure_of_its_own_is_agreed_and_waits_for_it(at_work, office):
    project, _officer = at_work

    agreed(project, office, **COMMISSION)

    assert (project.status, project.contracted_on) == (ProjectStatus.AGREED, None)


def test_public_cost_makes_a_committee_wait_for_its_procedure_too(at_work, office):
    project, _officer = at_work

    agreed(project, office, has_public_cost=True, procedure=Procedure.SHARE)

    assert project.status is ProjectStatus.AGREED


def test_the_office_is_who_confirms_whoever_signs_last(at_work, npo_member, office):
    project, officer = at_work
    written(project, npo_member)

    sign(project, office)
    sign(project, officer)
    sign(project, npo_member)

    assert project.confirmed_by_id == office.id


def test_a_new_version_has_no_signatures_and_keeps_the_old_ones(at_work, npo_member):
    project, officer = at_work
    written(project, npo_member)
    sign(project, npo_member)

    write(project, officer, text="合意する。費用は別に定める。")

    newest, first = agreements.list_versions(project)
    assert [row.party_name for row in first.signatures] == ["みえ子ども応援団"]
    assert (newest.number, newest.signatures) == (2, [])
    assert [party.key for party in agreements.unsigned_parties(project, newest)] == [
        party.key for party in parties_of(project)
    ]


def test_a_version_that_was_overtaken_cannot_be_signed(at_work, npo_member):
    project, officer = at_work
    written(project, npo_member)
    write(project, officer)

    with pytest.raises(NotTheNewest):
        sign(project, npo_member, number=1)


@pytest.mark.parametrize("case", ["twice", "for another", "tomorrow", "for nobody"])
def test_a_signature_that_means_nothing_is_refused(case, at_work, npo_member, company_member):
    project, officer = at_work
    written(project, npo_member)
    npo_key = parties_of(project)[0].key
    acts = {
        "twice": lambda: (sign(project, npo_member), sign(project, npo_member)),
        "for another": lambda: sign(project, officer, npo_key),
        "tomorrow": lambda: sign(project, npo_member, on=TODAY + timedelta(days=1)),
        "for nobody": lambda: sign(project, company_member, "partner-0"),
    }

    with pytest.raises(CannotSign, match="。"):
        acts[case]()


def test_the_database_itself_refuses_two_signatures_of_one_party(at_work, npo_member, session):
    project, _officer = at_work
    written(project, npo_member)
    sign(project, npo_member)
    first = session.scalars(select(AgreementSignature)).one()
    values = {key: getattr(first, key) for key in ("version_id", "party_key", "party_name", "signer", "signed_on")}

    with pytest.raises(IntegrityError), transaction():
        session.add(AgreementSignature(**values, recorded_by_id=npo_member.id, recorded_at=AT))


def test_a_change_of_the_parties_needs_a_new_version(at_work, npo_member, office):
    project, _officer = at_work
    written(project, npo_member)
    sign(project, npo_member)
    added = records.division("国際室")
    with transaction():
        lifecycle.reroute(project, from_division=None, to_division=added, reason="加わる。", actor=office, at=AT)

    with pytest.raises(CannotSign, match="参加する団体や課が変わりました"):
        sign(project, office, OFFICE_KEY)
    write(project, npo_member)
    sign_all(project, office)

    assert project.status is ProjectStatus.CONTRACTED


def test_a_change_of_the_form_needs_a_new_version(at_work, npo_member, office):
    project, _officer = at_work
    written(project, npo_member)
    with transaction():
        working.choose_form(project, answers(form=CollaborationForm.CO_HOSTING), actor=npo_member, at=AT)

    with pytest.raises(CannotSign, match="共催"):
        sign(project, npo_member)


def test_nobody_signs_before_a_division_takes_part(npo, npo_member, approver):
    project = born(npo, approver)
    written(project, npo_member)

    with pytest.raises(CannotSign, match="担当課"):
        sign(project, npo_member)


def test_an_agreement_in_force_is_changed_only_after_an_accepted_request(at_work, npo_member, office):
    project, officer = at_work
    agreed(project, office)

    with pytest.raises(ProjectNotInState, match="変更の申請"):
        write(project, npo_member)
    with transaction():
        request = change_requests.ask(
            project, RequestKind.CHANGE, what="期間を延ばす。", reason="雨のため。", actor=npo_member, at=AT
        )
    with transaction():
        change_requests.answer(request, project, is_accepted=True, words="", actor=officer, at=clock.now())
    write(project, npo_member, days=300)
    before = project.ends_on
    with transaction():
        lifecycle.start(project, actor=office, at=AT)
    sign_all(project, office)

    assert delivery.list_reports(project)[-1].due_on == TODAY + timedelta(days=330)
    assert (before, project.ends_on) == (TODAY + timedelta(days=200), TODAY + timedelta(days=300))
    assert project.form_agreed_on == TODAY


def test_a_text_needs_a_form_first(at_work, npo_member):
    project, _officer = at_work

    with pytest.raises(FactMissing, match="形態"):
        write(project, npo_member)


def test_two_people_who_write_at_once_do_not_overwrite_each_other(at_work, npo_member):
    project, officer = at_work
    written(project, npo_member)

    with pytest.raises(EditConflict), transaction():
        agreements.write(project, Draft("別の文。", TODAY, TODAY), based_on=0, actor=officer, at=AT)

    assert agreements.newest_version(project).number == 1


def test_every_party_is_told_of_a_new_version_but_its_writer(at_work, npo_member, office, session):
    project, officer = at_work

    written(project, npo_member)

    told = session.scalars(select(Notice.to_user_id).where(Notice.kind == "project_agreement_written")).all()
    assert sorted(told) == sorted([officer.id, office.id])


def test_the_pages_lead_from_the_form_to_the_last_signature(app, at_work, npo_client, office_client, session):
    project, officer = at_work
    address = f"/projects/{project.number}"
    division_client = sign_in(app.test_client(), officer)

    assert npo_client.get(f"{address}/agreement/write").location == f"{address}/form"
    chosen = npo_client.post(
        f"{address}/form",
        data={
            "has_public_cost": "no",
            "prefecture_specifies": "no",
            "form_of_collaboration": "committee",
            "procedure": "none",
            "grounds": "いっしょに運営するため。",
        },
    )
    assert chosen.location == f"{address}/agreement"
    page = parse(npo_client.get(f"{address}/agreement/write").text)
    text = page.select_one("textarea[name=text]").get_text()
    assert "第3条（協働の形態）" in text
    typed = {"based_on": "0", "starts_on": "2026-12-01", "ends_on": "2027-03-31", "text": text}
    assert npo_client.post(f"{address}/agreement/write", data=typed).status_code == 303
    for client, name in ((npo_client, "鈴木花子"), (division_client, "環境 五郎"), (office_client, "事務局 太郎")):
        form = parse(client.get(f"{address}/agreement").text).select_one("form[action$='/sign']")
        key = form.select_one("option")["value"]
        signed = {"sign-version": "1", "sign-party": key, "sign-signer": name, "sign-title": ""}
        assert client.post(f"{address}/agreement/sign", data=signed).status_code == 303
    session.refresh(project)

    assert project.status is ProjectStatus.CONTRACTED
    assert "効力あり" in main_text(npo_client.get(f"{address}/agreement").text)


def test_the_office_records_paper_for_those_who_do_not_sign_in(at_work, npo_member, office_client, npo_client):
    project, _officer = at_work
    written(project, npo_member)
    address = f"/projects/{project.number}/agreement"
    key = parties_of(project)[0].key
    typed = {"paper-version": "1", "paper-party": key, "paper-signer": "代表 みえ", "paper-title": "理事長"}

    without_day = office_client.post(f"{address}/paper", data=typed)
    taken = office_client.post(f"{address}/paper", data=typed | {"paper-signed_on": TODAY.isoformat()})
    by_npo = npo_client.post(f"{address}/paper", data=typed)

    assert (without_day.status_code, taken.status_code, by_npo.status_code) == (422, 303, 403)
    assert "紙に署名" in main_text(npo_client.get(address).text)


def test_signing_a_version_that_was_overtaken_shows_why(at_work, npo_member, npo_client):
    project, officer = at_work
    written(project, npo_member)
    write(project, officer)
    key = parties_of(project)[0].key

    answer = npo_client.post(
        f"/projects/{project.number}/agreement/sign",
        data={"sign-version": "1", "sign-party": key, "sign-signer": "鈴木花子"},
    )

    assert (answer.status_code, "新しい版が書かれています" in main_text(answer.text)) == (409, True)


def test_a_late_writer_sees_both_texts_and_can_save_the_own_one(at_work, npo_member, npo_client, session):
    project, officer = at_work
    written(project, npo_member)
    write(project, officer, text="先に保存した文。")
    address = f"/projects/{project.number}/agreement/write"
    typed = {"based_on": "1", "starts_on": "2026-12-01", "ends_on": "2027-03-31", "text": "あとの文。"}

    late = npo_client.post(address, data=typed)
    again = {one["name"]: one["value"] for one in parse(late.text).select("main form [name]")}

    assert (late.status_code, again["based_on"]) == (409, "2")
    assert "先に保存した文。" in main_text(late.text)
    assert npo_client.post(address, data=again).status_code == 303
    assert agreements.newest_version(project).text == "あとの文。"


def test_a_version_page_shows_what_it_changed(at_work, npo_member, npo_client):
    project, officer = at_work
    written(project, npo_member)
    write(project, officer, text="合意する。費用は別に定める。")

    page = parse(npo_client.get(f"/projects/{project.number}/agreement/2").text)

    assert [one.get_text() for one in page.select("ins")] == ["追加：費用は別に定める。（追加おわり）"]
    assert npo_client.get(f"/projects/{project.number}/agreement/3").status_code == 404
