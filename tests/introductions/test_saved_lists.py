"""A saved list gives the identical list later, whatever has happened to the registry."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from sqlalchemy import func, select

from matchmaker.directory.terms import Side
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import InterestRefusal
from matchmaker.interests.status import RefusalKind
from matchmaker.introductions import ranking, rulesets, saved_lists
from matchmaker.introductions.kept_models import FactSnapshot, SavedList
from matchmaker.introductions.matches import ranked_interests, ranked_proposals
from matchmaker.introductions.saved_lists import CannotSave
from matchmaker.introductions.stored_facts import pack, unpack_interest, unpack_proposal
from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit
from matchmaker.matching.weights import STANDARD
from matchmaker.proposals.status import ProposalStatus
from tests.matching.strategies import interests as any_interest
from tests.matching.strategies import proposals as any_proposal
from tests.support import records
from tests.support.client import sign_in
from tests.support.pages import main_text, parse
from tests.support.queries import counted_queries


@pytest.fixture
def proposal(npo, other_npo):
    for title in ("海を守る", "山の道", "川の学校"):
        records.proposal(other_npo, status=ProposalStatus.SUBMITTED, title=title, issue=f"{title}。")
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    records.interest(company, refusals=[refusal])
    records.interest(company, place_codes=["23"], themes=[Theme.ENVIRONMENT])
    return records.interest(company)


def save(record, actor):
    made = saved_lists.capture(record, on=clock.today())
    with transaction():
        return saved_lists.save(made, actor=actor, at=clock.now())


def change_everything(proposal, interest, administrator):
    with transaction():
        interest.policy, interest.saved_at = "薬を売ります。", clock.now()
        proposal.title, proposal.saved_at = "別の題名", clock.now()
        proposal.open_until_on = clock.today() - timedelta(days=1)
    records.interest(records.organisation(Side.COMPANY))
    with transaction():
        rulesets.make(
            replace(STANDARD, words=140, region=315),
            reason="ためす",
            in_force_from_on=clock.today(),
            base=1,
            actor=administrator,
            at=clock.now(),
        )


def test_what_is_saved_is_what_is_shown(proposal, interest, npo_member, company_member):
    of_proposal = saved_lists.lines_of(save(proposal, npo_member))
    of_interest = saved_lists.lines_of(save(interest, company_member))

    shown = ranked_interests(proposal, on=clock.today(), near_misses=5)
    assert [(line.id, line.points) for line in of_proposal if not line.refusals] == [
        (line.record.number, line.match.points) for line in shown.page.items
    ]
    assert [line.id for line in of_proposal if line.refusals] == [line.record.number for line in shown.near_misses]
    theirs = ranked_proposals(interest, on=clock.today())
    assert [(line.id, line.points) for line in of_interest] == [
        (line.record.draft_number, line.match.points) for line in theirs.page.items
    ]
    assert all(sum(line.parts.values()) - line.deducted == line.points for line in [*of_proposal, *of_interest])


def test_the_identical_list_is_made_again_after_everything_changed(
    proposal, interest, npo_member, company_member, administrator, app
):
    kept = [save(proposal, npo_member), save(interest, company_member)]
    before = [one.digest for one in kept]
    change_everything(proposal, interest, administrator)
    app.extensions.pop("match_registry")

    again = [saved_lists.make_again(one, on=clock.today()) for one in kept]

    assert [(one.is_same, one.differences, one.digest) for one in again] == [(True, (), digest) for digest in before]
    assert save(interest, company_member).digest != before[1]


def test_a_draft_that_nobody_else_sees_is_saved_too(npo, npo_member, interest):
    kept = save(records.proposal(npo, title="下書きの題名"), npo_member)
    assert saved_lists.make_again(kept, on=clock.today()).is_same
    assert next(line.id for line in saved_lists.lines_of(kept)) == interest.number


def test_another_result_is_told_with_its_differences(monkeypatch, proposal, interest, npo_member, session):
    kept = save(proposal, npo_member)
    first = saved_lists.lines_of(kept)[0]
    monkeypatch.setattr(saved_lists.vocabulary, "digest", lambda: "other")
    index = saved_lists.MatchIndex
    monkeypatch.setattr(
        saved_lists,
        "MatchIndex",
        lambda mine, theirs, ruleset, readings: index(
            mine, theirs, replace(ruleset, pool_percent=0, region=115, words=340), readings=readings
        ),
    )

    again = saved_lists.make_again(kept, on=clock.today())

    assert (again.is_same, again.changed_knowledge) == (False, ("vocabulary",))
    assert again.differences[0].before == (1, first.points)
    assert again.differences[0].after != again.differences[0].before


def test_the_very_same_list_is_kept_once(proposal, interest, npo_member, office):
    one = save(proposal, npo_member).id
    assert save(proposal, npo_member).id == one
    assert save(proposal, office).id != one
    with transaction():
        interest.policy, interest.saved_at = "変わりました。", clock.now()
    assert save(proposal, npo_member).id != one


def test_equal_facts_are_kept_once_and_dropped_with_the_last_list(
    proposal, interest, npo_member, company_member, session
):
    one, other = save(proposal, npo_member), save(interest, company_member)

    def count():
        return session.scalar(select(func.count()).select_from(FactSnapshot))

    records_of_both_sides = 4 + 3
    assert count() == records_of_both_sides
    with transaction():
        saved_lists.remove(one.id, actor=npo_member, at=clock.now())
    assert count() == records_of_both_sides
    assert saved_lists.make_again(other, on=clock.today()).is_same
    with transaction():
        saved_lists.remove(other.id, actor=company_member, at=clock.now())
        saved_lists.remove(other.id, actor=company_member, at=clock.now())
    assert (count(), session.scalar(select(func.count()).select_from(SavedList))) == (0, 0)


def test_one_organisation_keeps_so_many_and_no_more(
    monkeypatch, proposal, interest, npo_member, company_member, office
):
    monkeypatch.setattr(saved_lists, "MOST_KEPT", 1)
    save(proposal, npo_member)
    with transaction():
        interest.policy, interest.saved_at = "変わりました。", clock.now()
    with pytest.raises(CannotSave, match="1件まで"):
        save(proposal, npo_member)
    save(interest, company_member)
    save(interest, office)
    with pytest.raises(CannotSave, match="1件まで"):
        save(proposal, office)


def test_a_registry_that_is_too_large_is_not_kept(monkeypatch, proposal, interest):
    monkeypatch.setattr(saved_lists, "LARGEST_POOL", 2)
    with pytest.raises(CannotSave, match="登録の数が多い"):
        saved_lists.capture(proposal, on=clock.today())


def test_the_button_saves_and_the_page_makes_it_again(npo_client, proposal, interest, administrator):
    page = parse(npo_client.get(f"/matches/{proposal.number}").text)
    action = next(form["action"] for form in page.select("form.post-button") if form["action"].endswith("/save"))
    saved = npo_client.post(action)
    assert saved.status_code == 303
    change_everything(proposal, interest, administrator)

    shown = npo_client.get(saved.location)
    again = npo_client.get(parse(shown.text).select_one("main a.button")["href"])

    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in parse(shown.text).select("tbody tr")
    ]
    first, *_others, refused = rows
    assert (first[0], refused[0]) == ("1", "条件の外")
    assert first[3].startswith("言葉の重なり ")
    assert "津みなと運輸" not in shown.text
    assert "同じ結果になりました" in main_text(again.text)
    listed = parse(npo_client.get("/saved-lists").text)
    assert [link["href"] for link in listed.select("main table a")] == [saved.location]
    assert npo_client.post(f"{saved.location}/remove").location == "/saved-lists"
    assert "まだありません" in main_text(npo_client.get("/saved-lists").text)


def test_a_saved_list_is_read_by_its_organisation_and_the_office(
    app, npo_client, office_client, other_npo_client, company_client, division_client, proposal, interest
):
    address = npo_client.post(f"/matches/{proposal.number}/save").location
    for path in (address, f"{address}/again"):
        assert npo_client.get(path).status_code == office_client.get(path).status_code == 200
        assert other_npo_client.get(path).status_code == company_client.get(path).status_code == 404
        assert division_client.get(path).status_code == 403
    assert other_npo_client.post(f"{address}/remove").status_code == 404
    assert office_client.post(f"{address}/remove").status_code == 403
    assert other_npo_client.post(f"/matches/{proposal.number}/save").status_code == 404


def test_an_unchecked_npo_saves_nothing(app, interest):
    waiting = records.organisation(Side.NPO, is_verified=False)
    draft = records.proposal(waiting)
    client = sign_in(app.test_client(), records.member(waiting))
    assert client.post(f"/matches/{draft.draft_number}/save").status_code == 403
    assert "この一覧を保存" not in client.get(f"/matches/{draft.draft_number}").text


def test_an_introduction_keeps_the_list_that_it_was_asked_from(
    npo_client, company_client, office_client, proposal, interest, administrator
):
    asked = npo_client.post(f"/matches/{proposal.number}~{interest.number}/ask", data={"message": "話したいです。"})
    link = parse(npo_client.get(asked.location).text).find("a", string="依頼したときの一覧を見る・再現する")
    change_everything(proposal, interest, administrator)

    assert "同じ結果になりました" in main_text(npo_client.get(f"{link['href']}/again").text)
    assert "同じ結果になりました" in main_text(office_client.get(f"{link['href']}/again").text)
    assert company_client.get(link["href"]).status_code == 404
    assert "依頼したときの一覧" not in company_client.get(asked.location).text
    npo_client.post(f"{link['href']}/remove")
    assert npo_client.get(link["href"]).status_code == 200


def test_facts_come_back_as_they_were():
    place = Place(Prefecture.MIE, "中勢", "津", "242012", "津市")
    proposal = ProposalFacts(
        "D-0001",
        "題\ud800名",
        "使命",
        "要約",
        "受益者",
        frozenset({ActivityField.CHILDREN, ActivityField.RURAL}),
        (place, Place()),
        (Need(ResourceKind.MONEY, "費用", 100, Unit.YEN), Need(ResourceKind.PEOPLE)),
        LegalForm.CIVIC,
        date(2027, 4, 1),
        None,
        date(2027, 1, 1),
    )
    interest = InterestFacts(
        "K-0001",
        "会社",
        Industry.TRANSPORT,
        frozenset({Theme.FOOD}),
        True,
        place,
        (Place(Prefecture.AICHI),),
        (Offer(ResourceKind.GOODS, "棚", 3, Unit.ITEMS),),
        Refusals(frozenset({ActivityField.TOURISM}), frozenset({LegalForm.NPO}), frozenset({ResourceKind.MONEY}), True),
        date(2027, 1, 1),
    )
    assert unpack_proposal(pack(proposal).data) == proposal
    assert unpack_interest(pack(interest).data) == interest
    assert pack(proposal).digest != pack(replace(proposal, title="題名")).digest


@given(any_proposal(1), any_interest(1))
def test_all_facts_come_back_as_they_were(proposal, interest):
    assert unpack_proposal(pack(proposal).data) == proposal
    assert unpack_interest(pack(interest).data) == interest


def test_the_pool_of_a_large_registry_is_measured_as_a_whole_for_the_record(
    monkeypatch, proposal, interest, npo_member, company
):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 3)
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    ranked_interests(proposal, on=clock.today())
    records.interest(company, policy="あとから加わった関心です。")

    kept = save(proposal, npo_member)

    assert saved_lists.make_again(kept, on=clock.today()).is_same


def test_the_page_of_saved_lists_costs_a_fixed_number_of_queries(npo_client, npo, npo_member, interest):
    def cost():
        with counted_queries() as statements:
            assert npo_client.get("/saved-lists").status_code == 200
        return len(statements)

    save(records.proposal(npo), npo_member)
    few = cost()
    save(records.proposal(npo), npo_member)
    save(records.proposal(npo), npo_member)
    assert cost() == few
