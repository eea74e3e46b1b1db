"""The exposure guarantee on real lists: who was shown what, reserved slots, alarms, settings, report."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestRefusal
from matchmaker.interests.status import RefusalKind
from matchmaker.introductions import exposure_plan
from matchmaker.introductions.exposure_rules import rules_in_force
from matchmaker.introductions.models import (
    Exposure,
    ExposureAlarm,
    ExposurePlan,
    ExposureSettings,
    GuaranteedProposal,
    Introduction,
    ReservedSlot,
)
from matchmaker.introductions.ranking import match_registry
from matchmaker.matching.exposure import AlarmReason
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind
from matchmaker.proposals.service import publish
from matchmaker.proposals.status import ProposalStatus
from tests.support import records
from tests.support.at_once import codes_at_once
from tests.support.client import sign_in
from tests.support.pages import errors_beside_fields, main_text, parse
from tests.support.queries import counted_queries

MONDAY = date(2026, 11, 23)
CHANGED = {
    "companies": "3",
    "within_days": "7",
    "reserved_slots": "2",
    "suitable_points": "0",
    "open_request_cap": "1",
    "warning_days": "1",
    "note": "試すため",
    "version": "0",
}


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel("2026-11-23T09:00:00+09:00", tick=True):
        yield


@pytest.fixture
def settings(office, session):
    """Put settings in force; what is not named stays as in ``CHANGED``."""

    def put(**values):
        chosen = {name: int(value) for name, value in CHANGED.items() if name not in {"note", "version"}} | values
        with transaction():
            session.add(ExposureSettings(**chosen, saved_at=clock.now(), saved_by_id=office.id))

    return put


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    return records.interest(company)


def distant(npo, **values):
    """A proposal that suits few: another field, another end of the prefecture, other needs."""
    return records.proposal(
        npo,
        status=ProposalStatus.SUBMITTED,
        title="海岸の漂着ごみを調べる",
        issue="流れ着いたごみの量を測る人手がない。",
        beneficiaries="沿岸の漁業者",
        fields=[ActivityField.ENVIRONMENT],
        place_codes=["24:東紀州"],
        needs=[(ResourceKind.MONEY, "調査費", None, None)],
        **values,
    )


def noted(session):
    rows = session.scalars(select(Exposure).order_by(Exposure.shown_on, Exposure.proposal_id, Exposure.organisation_id))
    return [(row.proposal_id, row.organisation_id, row.shown_on, row.is_reserved) for row in rows]


@contextmanager
def another_day(app, person, day):
    """A client of the person who signs in anew on that day."""
    with time_machine.travel(f"{day.isoformat()}T09:00:00+09:00", tick=True):
        yield sign_in(app.test_client(), person)


def cards(response):
    return {
        card.select_one(".card__title a").get_text(strip=True): card.get_text(" ", strip=True)
        for card in parse(response.text).select(".match-card")
    }


def test_the_company_that_opens_its_list_is_noted_once_a_day(
    app, company_client, company_member, settings, proposal, interest, company, session
):
    settings()
    for _time in range(2):
        company_client.get(f"/matches/{interest.number}")
    assert noted(session) == [(proposal.id, company.id, MONDAY, True)]
    with another_day(app, company_member, MONDAY + timedelta(days=1)) as client:
        client.get(f"/matches/{interest.number}")
    assert [row[2] for row in noted(session)] == [MONDAY, MONDAY + timedelta(days=1)]


def test_what_is_not_an_opening_of_the_list_is_not_noted(
    company_client, office_client, npo_client, settings, proposal, interest, session
):
    settings()
    office_client.get(f"/matches/{interest.number}")
    npo_client.get(f"/matches/{proposal.number}")
    company_client.head(f"/matches/{interest.number}")
    company_client.get(f"/matches/{interest.number}?page=2")
    company_client.get(f"/matches/{proposal.number}~{interest.number}")
    assert noted(session) == []


def test_a_pair_that_does_not_suit_is_shown_and_not_counted(company_client, settings, proposal, interest, session):
    settings(suitable_points=1000)
    assert len(cards(company_client.get(f"/matches/{interest.number}"))) == 1
    assert noted(session) == []


def test_a_reserved_slot_brings_a_proposal_to_the_first_page_and_says_why(
    app, company_client, company_member, settings, npo, other_npo, interest, session
):
    others = [records.organisation(Side.COMPANY).id for _number in range(2)]
    near = [records.proposal(npo, status=ProposalStatus.SUBMITTED) for _number in range(21)]
    settings(suitable_points=1000)
    far = distant(other_npo)
    before = company_client.get(f"/matches/{interest.number}")
    assert (len(parse(before.text).select(".match-card")), far.title in cards(before)) == (20, False)

    settings(companies=2, within_days=4)
    with transaction():
        for one in near:
            for other in others:
                session.add(Exposure(proposal_id=one.id, organisation_id=other, shown_on=MONDAY, is_reserved=False))
    with another_day(app, company_member, MONDAY + timedelta(days=1)) as client:
        page = client.get(f"/matches/{interest.number}")
        second = client.get(f"/matches/{interest.number}?page=2")

    shown = cards(page)
    assert "あと3日で、あと2社に見てもらう必要があります" in shown[far.title]
    assert len(parse(page.text).select(".match-card")) == 20
    assert (far.title in cards(second), len(parse(second.text).select(".match-card"))) == (False, 2)
    assert list(shown)[-1] == far.title
    points = [int(one.get_text().replace("−", "-")) for one in parse(page.text).select(".match-card__points strong")]
    assert points == sorted(points, reverse=True)


def test_a_hidden_or_refused_pair_gets_no_slot(npo_client, company_client, settings, proposal, interest, session):
    settings(companies=1)
    npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "お願いします"})
    number = session.scalars(select(Introduction)).one().number
    company_client.post(f"/introductions/{number}/decline", data={"reason": "timing"})
    company_client.get(f"/matches/{interest.number}")
    assert session.scalars(select(ReservedSlot)).all() == []
    [alarm] = session.scalars(select(ExposureAlarm)).all()
    assert (alarm.proposal_id, alarm.reason) == (proposal.id, AlarmReason.TOO_FEW_SUITABLE)


def test_a_company_that_is_already_introduced_gets_no_slot(
    npo_client, company_client, settings, proposal, interest, session
):
    settings(companies=1)
    npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "お願いします"})
    page = company_client.get(f"/matches/{interest.number}")
    assert session.scalars(select(ReservedSlot)).all() == []
    assert "県が紹介" not in main_text(page.text)
    assert [row[3] for row in noted(session)] == [False]


def test_many_who_need_the_plan_at_once_get_one(app, settings, npo, company, session):
    settings(companies=1)
    for _number in range(3):
        records.proposal(npo, status=ProposalStatus.SUBMITTED)
    address = f"/matches/{records.interest(company).number}"
    clients = [sign_in(app.test_client(), records.member(company)) for _n in range(6)]
    codes = codes_at_once(app, [lambda client=client: client.get(address) for client in clients])

    session.rollback()
    assert codes == [200] * 6
    assert session.scalar(select(func.count()).select_from(ExposurePlan)) == 1
    assert [slot.position for slot in session.scalars(select(ReservedSlot).order_by(ReservedSlot.position))] == [1, 2]
    assert len(noted(session)) == 3


def test_the_command_makes_the_plan_before_the_first_visitor(app, settings, proposal, interest, session):
    settings(companies=2)
    for _time in range(2):
        result = app.test_cli_runner().invoke(args=["exposure", "plan"])
        assert (result.exit_code, result.output) == (0, "1 slots, 1 alarms, 0 at risk\n")
    session.rollback()
    assert [plan.planned_on for plan in session.scalars(select(ExposurePlan))] == [MONDAY]


def test_a_slot_stands_in_each_list_of_the_company_that_may_match(
    company_client, settings, proposal, company, interest, session
):
    settings(companies=1)
    refusing = records.interest(
        company, refusals=[InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)]
    )
    second = records.interest(company, policy="方針はこれから決めます。")
    said = "あと7日で、あと1社に見てもらう必要があります"
    for one in (interest, second):
        assert said in cards(company_client.get(f"/matches/{one.number}"))[proposal.title]
    assert said not in company_client.get(f"/matches/{refusing.number}").text
    assert len(noted(session)) == 1


def test_every_proposal_reaches_its_companies_within_the_days_when_lists_are_opened(app, settings, npo, session):
    """Twenty proposals fill each first page by points alone; the others get there only by slots."""
    settings(companies=2, within_days=7, reserved_slots=2, warning_days=0)
    for _number in range(20):
        records.proposal(npo, status=ProposalStatus.SUBMITTED)
    far = [distant(npo) for _number in range(3)]
    companies = [records.organisation(Side.COMPANY) for _number in range(4)]
    lists = [(records.member(company), records.interest(company)) for company in companies]

    def open_lists(day, some):
        for person, interest in some:
            with another_day(app, person, day) as client:
                assert client.get(f"/matches/{interest.number}").status_code == 200

    open_lists(MONDAY, lists[:2])
    late = distant(npo)
    for offset in range(1, 9):
        open_lists(MONDAY + timedelta(days=offset), [lists[offset % 4], lists[(offset + 1) % 4]])

    since = {row.proposal_id: row.since_on for row in session.scalars(select(GuaranteedProposal))}
    assert [since[one.id] for one in (*far, late)] == [MONDAY] * 3 + [MONDAY + timedelta(days=1)]
    for proposal_id, began in since.items():
        in_time = {row[1] for row in noted(session) if row[0] == proposal_id and row[2] < began + timedelta(days=7)}
        assert len(in_time) >= 2, proposal_id
    assert any(is_reserved for proposal_id, _company, _day, is_reserved in noted(session) if proposal_id == far[0].id)


def test_a_guarantee_that_cannot_be_kept_is_an_alarm_and_is_remembered(
    app, office, office_client, settings, proposal, interest, session
):
    settings(companies=3, within_days=3)
    start = office_client.get("/")
    assert "企業に見てもらう約束を守れない提案が1件あります。" in main_text(start.text)
    assert "おそれのある提案が" not in main_text(start.text)
    assert 'href="/exposure/alarms"' in start.text
    text = main_text(office_client.get("/exposure/alarms").text)
    assert "今日の注意（守れない提案1件、おそれのある提案0件）" in text
    assert "合う企業が1社しかなく、3社に見てもらえません。" in text
    assert "これまでに約束が守れなかった提案" not in text
    with another_day(app, office, date(2026, 11, 27)) as client:
        text = main_text(client.get("/exposure/alarms").text)
    assert "期限を過ぎましたが、0社にしか見てもらえていません（約束は3社）。" in text
    assert "これまでに約束が守れなかった提案" in text
    assert [(row.planned_on, row.reason) for row in session.scalars(select(ExposureAlarm).order_by("planned_on"))] == [
        (MONDAY, AlarmReason.TOO_FEW_SUITABLE),
        (date(2026, 11, 27), AlarmReason.LAST_DAY_PASSED),
    ]


def test_each_alarm_has_a_sentence():
    for reason in AlarmReason:
        alarm = ExposureAlarm(reason=reason, shown=1, reachable=2, wanted=5)
        assert "5社" in exposure_plan.alarm_sentence(alarm)


def test_without_alarms_the_office_is_told_that_all_is_well(office_client, database):
    assert "今日は、注意はありません。" in main_text(office_client.get("/exposure/alarms").text)


def test_a_company_with_enough_requests_is_left_in_peace_and_may_still_ask(
    npo_client, company_client, settings, npo, company, proposal, interest, session
):
    settings(open_request_cap=1)
    second, other = records.proposal(npo, status=ProposalStatus.SUBMITTED), records.interest(company)
    ask = {"message": "お願いします"}
    assert npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data=ask).status_code == 303
    pair = npo_client.get(f"/matches/{second.number}~{other.number}")
    refused = npo_client.post(f"/matches/{second.number}~{other.number}/ask", data=ask)
    assert refused.status_code == 409
    assert not parse(pair.text).select("[name=message]")
    said = "この企業には、返事を待っている依頼がたくさん届いています。いまは新しい依頼を送れません。"
    assert said in main_text(refused.text)
    assert said in main_text(pair.text)
    assert company_client.post(f"/matches/{second.number}~{other.number}/ask", data=ask).status_code == 303
    number = session.scalars(select(Introduction).order_by(Introduction.id)).first().number
    company_client.post(f"/introductions/{number}/decline", data={"reason": "other"})
    third = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    assert npo_client.post(f"/matches/{third.number}~{other.number}/ask", data=ask).status_code == 303


def test_requests_at_once_do_not_pass_the_cap(app, settings, npo, npo_member, company, session):
    settings(open_request_cap=1)
    pairs = [
        f"/matches/{records.proposal(npo, status=ProposalStatus.SUBMITTED).number}~{records.interest(company).number}"
        for _number in range(4)
    ]
    asked = [(sign_in(app.test_client(), npo_member), f"{pair}/ask") for pair in pairs]
    message = {"message": "お願いします"}
    codes = codes_at_once(
        app, [lambda client=client, address=address: client.post(address, data=message) for client, address in asked]
    )

    session.rollback()
    assert sorted(codes) == [303, 409, 409, 409]
    assert len(session.scalars(select(Introduction)).all()) == 1


def test_the_office_changes_the_settings_and_every_version_stays(office_client, session):
    response = office_client.post("/exposure/settings", data=CHANGED)
    assert response.status_code == 303
    rules = rules_in_force()
    guarantee = rules.guarantee
    assert (guarantee.companies, guarantee.within_days, guarantee.reserved_slots) == (3, 7, 2)
    assert (guarantee.open_request_cap, guarantee.warning_days, rules.suitable_points) == (1, 1, 0)
    again = CHANGED | {"companies": "４", "version": str(rules.version), "note": "ふやすため"}
    assert office_client.post("/exposure/settings", data=again).status_code == 303
    assert rules_in_force().guarantee.companies == 4
    text = main_text(office_client.get("/exposure/settings").text)
    for part in ("7日で4社", "7日で3社", "試すため", "ふやすため", "事務局 太郎"):
        assert part in text


def test_settings_changed_meanwhile_are_not_overwritten(office_client):
    office_client.post("/exposure/settings", data=CHANGED)
    response = office_client.post("/exposure/settings", data=CHANGED | {"companies": "9"})
    assert response.status_code == 409
    assert "ほかの人が先に更新しました。" in response.text
    assert rules_in_force().guarantee.companies == 3
    assert parse(response.text).select_one("[name=companies]")["value"] == "9"


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("companies", "0", "1から50までの数で入力してください"),
        ("within_days", "91", "1から90までの数で入力してください"),
        ("reserved_slots", "-1", "数字だけで入力してください（例：100000）"),
        ("suitable_points", "1001", "0から1000までの数で入力してください"),
        ("open_request_cap", "", "数を入力してください"),
        ("warning_days", "7", "「見てもらうまでの日数」より少ない数で入力してください"),
        ("note", " ", "変える理由を入力してください"),
    ],
)
def test_settings_out_of_bounds_are_refused_beside_their_field(office_client, session, field, typed, expected):
    response = office_client.post("/exposure/settings", data=CHANGED | {field: typed})
    assert response.status_code == 422
    assert errors_beside_fields(response.text) == {field: f"エラー： {expected}"}
    assert session.scalars(select(ExposureSettings)).all() == []


def test_zero_is_a_number_of_its_own(office_client):
    zero = CHANGED | {"suitable_points": "0", "warning_days": "0"}
    assert office_client.post("/exposure/settings", data=zero).status_code == 303
    assert (rules_in_force().suitable_points, rules_in_force().guarantee.warning_days) == (0, 0)


def test_only_the_office_manages_exposure(client, npo_client, company_client, approver_client, administrator_client):
    for address in ("/exposure", "/exposure/alarms", "/exposure/settings"):
        for other in (npo_client, company_client, approver_client, administrator_client):
            assert other.get(address).status_code == 403
        assert client.get(address).status_code == 302


def rows_of(response, caption):
    tables = [one for one in parse(response.text).select("table") if one.caption.get_text(strip=True) == caption]
    return [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in tables[0].select("tbody tr")]


def test_the_report_counts_by_region_form_and_newcomer(office_client, settings, npo, company, session):
    settings(companies=1)
    voluntary = records.organisation(Side.NPO, legal_form=LegalForm.CIVIC)
    seen = [records.proposal(npo, status=ProposalStatus.SUBMITTED) for _number in range(3)]
    distant(voluntary)
    with transaction():
        for one in seen[:2]:
            session.add(Exposure(proposal_id=one.id, organisation_id=company.id, shown_on=MONDAY, is_reserved=False))
    response = office_client.get("/exposure")
    assert "4件の提案が、のべ2社に見られました。" in main_text(response.text)
    assert rows_of(response, "地域") == [
        ["中勢", "3", "75%", "100%", "0", "1", "3件中2件", "足りています"],
        ["東紀州", "1", "25%", "0%", "0", "0", "1件中0件", "提案が少ない（目安）"],
    ]
    assert [row[:3] for row in rows_of(response, "初めての提案かどうか")] == [
        ["2回目からの提案", "2", "50%"],
        ["団体の初めての提案", "2", "50%"],
    ]
    assert {row[0] for row in rows_of(response, "団体の種類")} == {
        LegalForm.NPO.label,
        LegalForm.CIVIC.label,
    }


def test_the_report_covers_the_chosen_period(office_client, settings, proposal, company, session):
    settings()
    with transaction():
        shown_on = MONDAY - timedelta(days=60)
        session.add(Exposure(proposal_id=proposal.id, organisation_id=company.id, shown_on=shown_on, is_reserved=True))
    counts = {"30": 0, "90": 1, "": 1, "nonsense": 1}
    for days, expected in counts.items():
        text = main_text(office_client.get("/exposure", query_string={"days": days}).text)
        assert f"1件の提案が、のべ{expected}社に見られました。" in text, days


def test_a_report_without_proposals_says_what_to_do(office_client, database):
    assert "この期間に募集していた提案はありません。" in main_text(office_client.get("/exposure").text)


def test_both_sides_read_what_the_guarantee_did(npo_client, company_client, settings, proposal, interest):
    settings(companies=2)
    assert "いままでに0社の一覧に表示されました。" in main_text(npo_client.get(f"/proposals/{proposal.number}").text)
    company_client.get(f"/matches/{interest.number}")
    said = (
        "いままでに1社の一覧に表示されました。"
        "募集中の提案には、7日のうちに、合う企業2社以上に見てもらう約束があります。"
    )
    assert said in main_text(npo_client.get(f"/proposals/{proposal.number}").text)
    assert "いままでに1件を、この会社の一覧で紹介しました。" in main_text(company_client.get("/interests/mine").text)
    assert said not in main_text(company_client.get(f"/proposals/{proposal.number}").text)


def test_the_alarms_cost_the_same_queries_for_one_and_three(app, office, settings, npo, interest):
    settings(companies=3)
    counts = []
    for days, more in ((0, 1), (1, 0), (2, 2)):
        for _number in range(more):
            records.proposal(npo, status=ProposalStatus.SUBMITTED)
        with another_day(app, office, MONDAY + timedelta(days=days)) as client:
            client.get("/exposure/alarms")
            with counted_queries() as statements:
                assert len(parse(client.get("/exposure/alarms").text).select("h3.card__title")) >= 1
            counts.append(len(statements))
    assert counts[1] == counts[2]


def test_a_guarantee_at_risk_is_not_counted_with_those_that_are_lost(
    office_client, settings, proposal, interest, session
):
    settings(companies=1, within_days=2)
    with transaction():
        proposal.published_at = clock.now() - timedelta(days=1)
    start = main_text(office_client.get("/").text)
    assert "企業に見てもらう約束を守れない提案は、いまはありません。" in start
    assert "ほかに、守れないおそれのある提案が1件あります。" in start
    assert "約束を守れない提案（0件）と、守れないおそれのある提案（1件）" in main_text(
        office_client.get("/exposure").text
    )
    assert "今日の注意（守れない提案0件、おそれのある提案1件）" in main_text(office_client.get("/exposure/alarms").text)
    assert session.scalars(select(ExposureAlarm.reason)).all() == [AlarmReason.LITTLE_TIME]


def since_on(session, proposal):
    return session.scalar(select(GuaranteedProposal.since_on).where(GuaranteedProposal.proposal_id == proposal.id))


def plan_on(day):
    with time_machine.travel(f"{day.isoformat()}T05:20:00+09:00", tick=True):
        exposure_plan.ensure_plan(day, at=clock.now())


def test_the_days_run_since_the_proposal_was_opened_not_since_the_first_plan(npo, npo_member, settings, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    with transaction():
        publish(proposal, actor=npo_member, at=clock.now())
    plan_on(MONDAY + timedelta(days=4))
    assert since_on(session, proposal) == MONDAY
    plan_on(MONDAY + timedelta(days=6))
    assert since_on(session, proposal) == MONDAY


def test_the_days_begin_anew_when_a_closed_proposal_is_opened_again(npo, npo_member, settings, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    with transaction():
        publish(proposal, actor=npo_member, at=clock.now(), open_until_on=MONDAY + timedelta(days=1))
    plan_on(MONDAY)
    plan_on(MONDAY + timedelta(days=2))
    assert since_on(session, proposal) is None
    with time_machine.travel("2026-11-26T10:00:00+09:00"), transaction():
        publish(proposal, actor=npo_member, at=clock.now(), open_until_on=MONDAY + timedelta(days=60))
    plan_on(MONDAY + timedelta(days=7))
    assert since_on(session, proposal) == MONDAY + timedelta(days=3)


def test_a_longer_deadline_does_not_give_the_guarantee_more_time(npo, npo_member, settings, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    for day, until in ((0, 10), (3, 30)):
        at = clock.now() + timedelta(days=day)
        with transaction():
            publish(proposal, actor=npo_member, at=at, open_until_on=MONDAY + timedelta(days=until))
    plan_on(MONDAY + timedelta(days=4))
    assert since_on(session, proposal) == MONDAY


def test_the_days_begin_when_the_office_knows_the_organisation(npo, npo_member, settings, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    with transaction():
        publish(proposal, actor=npo_member, at=clock.now())
        npo.checked_at = clock.now() + timedelta(days=2)
    plan_on(MONDAY + timedelta(days=5))
    assert since_on(session, proposal) == MONDAY + timedelta(days=2)


def test_a_proposal_that_a_step_brings_back_begins_on_the_day_of_the_plan(npo, npo_member, settings, session):
    proposal = records.proposal(npo, status=ProposalStatus.SUBMITTED, is_published=False)
    with transaction():
        publish(proposal, actor=npo_member, at=clock.now())
        proposal.status = ProposalStatus.WITHDRAWN
    plan_on(MONDAY + timedelta(days=1))
    with transaction():
        proposal.status = ProposalStatus.SUBMITTED
    plan_on(MONDAY + timedelta(days=3))
    assert since_on(session, proposal) == MONDAY + timedelta(days=3)


def test_the_plan_looks_at_the_registry_once_however_many_proposals_wait(settings, npo, interest):
    settings(companies=3)
    counts = []
    for day in range(2):
        for _number in range(3):
            distant(npo)
        at = MONDAY + timedelta(days=day)
        with time_machine.travel(f"{at.isoformat()}T05:20:00+09:00", tick=True):
            match_registry().prepare(at)
            with counted_queries() as queries:
                exposure_plan.ensure_plan(at, at=clock.now())
        counts.append(len(queries))
    assert counts[0] == counts[1]
