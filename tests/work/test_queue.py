"""The work queue: what waits for whom, and the same act on several things."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.proposals.status import ProposalStatus as Status
from matchmaker.review.circulation_models import CirculationRequest
from matchmaker.review.models import Decision, ReviewEvent
from matchmaker.review.work import work_of
from matchmaker.review.workflow import Action, Outcome
from tests.circulation.conftest import circulate
from tests.support import records
from tests.support.client import InspectingClient
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries
from tests.support.reviewing import People, proposal_at


@pytest.fixture
def people(npo_member, office, approver) -> People:
    return People(owner=npo_member, office=office, approver=approver)


def kinds_of(user) -> list[tuple[WaitingKind, str]]:
    return [(one.item.kind, one.item.number) for one in work_of(user, on=clock.today())]


def titles(client: InspectingClient, address: str = "/work") -> list[str]:
    return [link.get_text() for link in parse(client.get(address).text).select(".work-item h3 a")]


def returned(npo, *, due_on: date, at=None):
    """A proposal that was returned for changes with a day of its own."""
    proposal = records.proposal(npo, status=Status.RETURNED_FOR_FIX)
    with transaction():
        db.session.add(
            ReviewEvent(
                proposal_id=proposal.id,
                at=at or clock.now(),
                action=Action.RETURN_FOR_FIX,
                from_status=Status.SUBMITTED,
                to_status=Status.RETURNED_FOR_FIX,
                reason="直してください。",
                fix_due_on=due_on,
            )
        )
    return proposal


def test_each_state_of_a_proposal_waits_for_exactly_one_part(npo, people):
    waits = {
        Status.SUBMITTED: WaitingKind.SCREENING,
        Status.ACCEPTED: WaitingKind.CIRCULATING,
        Status.CIRCULATED: WaitingKind.ASSESSING,
        Status.SHORTLISTED: WaitingKind.ASSESSING,
        Status.HELD: WaitingKind.ASSESSING,
    }
    numbers = {status: proposal_at(npo, status, people).number for status in waits}
    drafted = proposal_at(npo, Status.DECISION_DRAFTED, people).number
    decided = proposal_at(npo, Status.DECIDED, people).number

    of_office, of_approver = kinds_of(people.office), kinds_of(people.approver)

    assert set(of_office) == {(kind, numbers[status]) for status, kind in waits.items()}
    assert set(of_approver) == {(WaitingKind.DECIDING, drafted), (WaitingKind.RELEASING, decided)}


def test_a_draft_of_ones_own_does_not_wait_for_oneself(npo, people, session):
    proposal = proposal_at(npo, Status.DECISION_DRAFTED, people)
    with transaction():
        session.scalars(select(Decision)).one().drafted_by_id = people.approver.id
    assert kinds_of(people.approver) == []
    assert proposal.status is Status.DECISION_DRAFTED


def test_a_returned_proposal_waits_for_its_owner_until_the_day_that_was_set(npo, npo_member, other_npo_member):
    due_on = clock.today() + timedelta(days=30)
    proposal = returned(npo, due_on=due_on)

    [work] = work_of(npo_member, on=clock.today())

    assert (work.item.kind, work.item.number, work.due_on) == (WaitingKind.FIXING, proposal.number, due_on)
    assert work_of(other_npo_member, on=clock.today()) == []


def test_a_held_proposal_waits_until_the_day_that_its_decision_says(npo, people, session):
    proposal = proposal_at(npo, Status.HELD, people, Outcome.HOLD)
    until = clock.today() + timedelta(days=90)
    with transaction():
        decision = session.scalars(select(Decision)).one()
        decision.held_until_on, decision.awaits = until, "国の予算が決まること"

    [work] = work_of(people.office, on=clock.today())

    assert (work.item.number, work.due_on) == (proposal.number, until)


def test_a_circulated_proposal_waits_for_the_division_and_only_for_it(
    npo, office, division_staff, npo_member, approver
):
    proposal = records.proposal(npo, status=Status.ACCEPTED)
    [request] = circulate(proposal, [division_staff.division], office)

    [work] = work_of(division_staff, on=clock.today())

    assert (work.item.kind, work.item.number, work.due_on) == (WaitingKind.CIRCULATION, proposal.number, request.due_on)
    assert work_of(npo_member, on=clock.today()) == work_of(approver, on=clock.today()) == []


def test_a_proposal_past_its_result_waits_for_no_division(npo, office, division_staff):
    proposal = records.proposal(npo, status=Status.ACCEPTED)
    circulate(proposal, [division_staff.division], office)
    with transaction():
        proposal.status = Status.REJECTED
    assert work_of(division_staff, on=clock.today()) == []


def test_organisations_wait_for_the_office(office, division_staff):
    waiting = records.organisation(Side.NPO, is_verified=False)
    assert kinds_of(office) == [(WaitingKind.VERIFICATION, waiting.number)]
    assert kinds_of(division_staff) == []


def test_page_says_since_when_until_when_and_what_happens(office_client, npo, people):
    proposal_at(npo, Status.SUBMITTED, people)

    page = main_text(office_client.get("/work").text)

    assert "あなたを待っているものが1件あります。" in page
    assert "あと10営業日" in page
    assert "何もしないと：提案した団体は待ち続けます。" in page


@pytest.mark.parametrize(
    "who", ["npo_client", "company_client", "division_client", "approver_client", "administrator_client"]
)
def test_everybody_who_signed_in_has_a_page_even_when_nothing_waits(who, request):
    page = request.getfixturevalue(who).get("/work")
    assert page.status_code == 200
    assert "いまは、あなたがすることはありません。" in main_text(page.text)


def test_every_thing_leads_to_where_it_is_done(office_client, npo, people, company):
    proposal_at(npo, Status.SUBMITTED, people)
    records.organisation(Side.NPO, is_verified=False)
    links = [link["href"] for link in parse(office_client.get("/work").text).select(".work-item h3 a")]
    assert len(links) == 2
    assert [office_client.get(link).status_code for link in links] == [200, 200]


def test_filter_and_order_stand_in_the_address(office_client, npo, people):
    first = proposal_at(npo, Status.SUBMITTED, people)
    second = proposal_at(npo, Status.ACCEPTED, people)
    with transaction():
        first.title, second.title = "海の提案", "山の提案"

    assert titles(office_client, "/work?sort=number") == ["海の提案", "山の提案"]
    assert titles(office_client, "/work?kind=circulating") == ["山の提案"]
    assert titles(office_client, "/work?q=海") == ["海の提案"]
    assert titles(office_client, "/work?late=1") == []
    assert titles(office_client, "/work?kind=nonsense&sort=nonsense&page=x") == ["山の提案", "海の提案"]


def test_a_long_list_has_pages(office_client, npo, people):
    for _ in range(21):
        proposal_at(npo, Status.SUBMITTED, people)
    assert [len(titles(office_client, f"/work?page={page}")) for page in (1, 2, 3)] == [20, 1, 1]


def test_page_costs_a_fixed_number_of_queries(office_client, npo, people, division_staff):
    def add() -> None:
        proposal_at(npo, Status.SUBMITTED, people)
        records.organisation(Side.NPO, is_verified=False)
        circulate(records.proposal(npo, status=Status.ACCEPTED), [division_staff.division], people.office)

    add()
    office_client.get("/work")
    with counted_queries() as one:
        office_client.get("/work")
    add()
    add()
    with counted_queries() as three:
        office_client.get("/work")
    assert len(one) == len(three)


def keys_of(*proposals) -> list[str]:
    return [f"circulating:{proposal.number}" for proposal in proposals]


def test_bulk_circulation_is_looked_at_first_and_has_a_result_for_each(
    office_client, npo, people, division_staff, session
):
    good = proposal_at(npo, Status.ACCEPTED, people)
    other = proposal_at(npo, Status.ACCEPTED, people)
    gone = proposal_at(npo, Status.WITHDRAWN, people)
    address = "/work/circulate?kind=circulating&sort=number&" + "&".join(
        f"item={key}" for key in keys_of(good, other, gone)
    )

    preview = office_client.get(address)

    assert "まだ何も送っていません" in main_text(preview.text)
    assert "いま「取り下げ」なので、回付できません。" in main_text(preview.text)
    assert session.scalars(select(CirculationRequest)).unique().all() == []

    results = office_client.post(
        "/work/circulate",
        data={
            "item": keys_of(good, other, gone),
            "kind": "circulating",
            "sort": "number",
            "division_ids": [str(division_staff.division.id)],
            "due_on": (clock.today() + timedelta(days=14)).isoformat(),
            "note": "",
        },
    )

    page = main_text(results.text)
    assert "3件のうち2件ができました。" in page
    assert f"{gone.number} {gone.title} できませんでした" in page
    asked = {row.proposal_id for row in session.scalars(select(CirculationRequest)).unique()}
    assert asked == {good.id, other.id}
    back = next(link["href"] for link in parse(results.text).select("main a") if "選んだもの" in link.get_text())
    chosen = parse(office_client.get(back).text)
    assert "kind=circulating" in back
    assert "sort=number" in back
    assert all(f"item=circulating:{one.number}" in back for one in (good, other, gone))
    assert chosen.select_one("h1").get_text() == "わたしの仕事"


def test_selection_survives_the_way_back_to_the_list(office_client, npo, people):
    proposal = proposal_at(npo, Status.ACCEPTED, people)
    [key] = keys_of(proposal)
    preview = parse(office_client.get(f"/work/circulate?item={key}&q=学習").text)
    back = next(link["href"] for link in preview.select("main a") if "選んだもの" in link.get_text())

    boxes = parse(office_client.get(back).text).select("[name=item][checked]")

    assert [box["value"] for box in boxes] == [key]


def sent_with(html: str, button: str) -> list[tuple[str, str]]:
    """What a browser puts into the address when the button is pressed: all that belongs to the list's form."""
    page = parse(html)
    owned = [*page.select("#work-list [name]"), *page.select("[name][form=work-list]")]
    sent = []
    for control in owned:
        if control.name == "button" or (control.get("type") == "checkbox" and not control.has_attr("checked")):
            continue
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.select_one("option")
            sent.append((control["name"], chosen["value"]))
        else:
            sent.append((control["name"], control["value"]))
    pressed = next(one for one in page.select("button[form=work-list]") if one.get_text() == button)
    return [*sent, (pressed["name"], pressed["value"])]


def test_selection_and_filter_go_along_when_the_page_is_turned(office_client, npo, people):
    proposals = [proposal_at(npo, Status.ACCEPTED, people) for _ in range(25)]
    first, last = keys_of(proposals[0], proposals[-1])
    chosen_first = office_client.get("/work", query_string=[("item", first), ("late", ""), ("sort", "number")]).text

    second = office_client.get("/work", query_string=sent_with(chosen_first, "次へ")).text

    assert "（この画面に出ていない1件をふくみます）" in main_text(second)
    assert parse(second).select("[type=checkbox][checked]") == []
    both = second.replace(f'value="{last}" form="work-list"', f'value="{last}" form="work-list" checked')
    sent = sent_with(both, "同じ課に回付する")
    assert dict(sent)["sort"] == "number"
    assert [value for name, value in sent if name == "item"] == [first, last]
    assert "次の2件を、同じ課に回付します" in main_text(office_client.get("/work/circulate", query_string=sent).text)
    assert [
        box["value"]
        for box in parse(office_client.get("/work", query_string=sent_with(both, "前へ")).text).select(
            "[type=checkbox][checked]"
        )
    ] == [first]


def test_enter_in_the_list_means_search_and_never_an_act(office_client, npo, people):
    proposal_at(npo, Status.ACCEPTED, people)
    page = parse(office_client.get("/work").text)
    buttons = [
        one for one in page.select("button") if one.get("form") == "work-list" or one.find_parent(id="work-list")
    ]
    assert (buttons[0].get_text(), buttons[0].get("formaction"), buttons[0].get("name")) == (
        "この条件でさがす",
        None,
        None,
    )


def test_a_selection_can_be_dropped_and_forgets_what_is_done(office_client, npo, people):
    waiting, gone = proposal_at(npo, Status.ACCEPTED, people), proposal_at(npo, Status.WITHDRAWN, people)
    [kept, _other] = keys_of(waiting, gone)
    html = office_client.get("/work", query_string=[("item", key) for key in keys_of(waiting, gone)]).text

    page = parse(html)
    drop = next(link["href"] for link in page.select("main a") if link.get_text() == "選択をすべて外す")

    assert "1件を選択中" in main_text(html)
    assert [box["value"] for box in page.select("[name=item][checked]")] == [kept]
    assert drop == "/work"


def test_more_than_can_be_chosen_at_once_is_said(office_client, npo, people):
    proposal_at(npo, Status.ACCEPTED, people)
    page = office_client.get("/work", query_string=[("item", f"circulating:R8-{row:04d}") for row in range(101)]).text
    assert "一度に選べるのは100件までです。" in main_text(page)


def test_a_look_at_many_costs_as_many_queries_as_at_one(office_client, npo, people, division_staff):
    numbers = []
    for _ in range(3):
        proposal = records.proposal(npo, status=Status.ACCEPTED)
        circulate(proposal, [division_staff.division], people.office)
        numbers.append(f"item=assessing:{proposal.number}")
    office_client.get(f"/work/remind?{numbers[0]}")
    with counted_queries() as one:
        office_client.get(f"/work/remind?{numbers[0]}")
    with counted_queries() as three:
        office_client.get("/work/remind?" + "&".join(numbers))
    assert len(one) == len(three)


def test_sending_the_same_bulk_twice_asks_nobody_twice(office_client, npo, people, division_staff, session):
    proposal = proposal_at(npo, Status.ACCEPTED, people)
    data = {
        "item": keys_of(proposal),
        "division_ids": [str(division_staff.division.id)],
        "due_on": (clock.today() + timedelta(days=14)).isoformat(),
    }
    office_client.post("/work/circulate", data=data)
    again = office_client.post("/work/circulate", data=data)

    assert "1件のうち0件ができました。" in main_text(again.text)
    assert len(session.scalars(select(CirculationRequest)).unique().all()) == 1


def test_bulk_without_a_selection_says_what_to_do(office_client):
    assert "提案が選ばれていません" in main_text(office_client.get("/work/circulate").text)
    assert "提案が選ばれていません" in main_text(office_client.get("/work/remind").text)


def test_several_divisions_are_reminded_at_once_and_each_only_once_a_day(
    office_client, npo, people, division_staff, session
):
    asked = [records.proposal(npo, status=Status.ACCEPTED) for _ in range(2)]
    for proposal in asked:
        circulate(proposal, [division_staff.division], people.office)
    keys = [f"assessing:{proposal.number}" for proposal in asked]
    preview = main_text(office_client.get("/work/remind?" + "&".join(f"item={key}" for key in keys)).text)
    assert division_staff.division.name in preview

    first = main_text(office_client.post("/work/remind", data={"item": keys}).text)
    second = main_text(office_client.post("/work/remind", data={"item": keys}).text)

    assert "2件のうち2件ができました。" in first
    assert "今日すでに催促しました" in second
    reminded = [row.reminded_at for row in session.scalars(select(CirculationRequest)).unique()]
    assert all(reminded)


@pytest.mark.parametrize("path", ["/work/circulate", "/work/remind"])
@pytest.mark.parametrize("who", ["npo_client", "division_client", "approver_client"])
def test_bulk_acts_are_for_the_office(path, who, request):
    assert request.getfixturevalue(who).get(path).status_code == 403
