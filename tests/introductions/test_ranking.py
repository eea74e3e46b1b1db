import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from matchmaker.directory.terms import Side, Verification
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.status import InterestStatus
from matchmaker.introductions import ranking
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.matches import explain, ranked_interests, ranked_proposals, snapshot
from matchmaker.introductions.ranking import MatchRegistry, match_registry, warm_up
from matchmaker.matching.terms import ActivityField, Theme
from matchmaker.proposals.status import ProposalStatus
from tests.support import records


@pytest.fixture
def registry():
    return MatchRegistry(lambda: None)


def interests_for(registry, proposal):
    return registry.interests_for(proposal_facts(proposal), clock.today(), owner=proposal.organisation_id)


def proposals_for(registry, interest):
    return registry.proposals_for(interest_facts(interest), clock.today(), owner=interest.organisation_id)


def ids(lines):
    return [line.id for line in lines]


def save(record, **values):
    with transaction():
        for name, value in values.items():
            setattr(record, name, value)
        record.saved_at = clock.now()


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


@pytest.fixture
def interest(company):
    return records.interest(company)


def test_only_listed_interests_of_verified_companies_are_ranked(registry, proposal, company):
    today = clock.today()
    listed = records.interest(company)
    records.interest(company, status=InterestStatus.PAUSED)
    records.interest(company, valid_until_on=today - timedelta(days=1))
    records.interest(records.organisation(Side.COMPANY, is_verified=False))
    assert ids(interests_for(registry, proposal)) == [listed.number]


def test_only_open_proposals_of_verified_npos_are_ranked(registry, interest, npo):
    today = clock.today()
    listed = records.proposal(npo, status=ProposalStatus.SUBMITTED)
    records.proposal(npo, status=ProposalStatus.DRAFT)
    records.proposal(npo, status=ProposalStatus.WITHDRAWN)
    records.proposal(npo, status=ProposalStatus.SUBMITTED, open_until_on=today - timedelta(days=1))
    records.proposal(records.organisation(Side.NPO, is_verified=False), status=ProposalStatus.SUBMITTED)
    assert ids(proposals_for(registry, interest)) == [listed.draft_number]


def test_each_change_is_seen_by_the_next_request_of_every_worker(proposal, company):
    workers = [MatchRegistry(lambda: None), MatchRegistry(lambda: None)]
    first = records.interest(company)
    second = records.interest(company, policy="海を守ります。")

    def seen():
        return [{line.id: line.points for line in interests_for(worker, proposal)} for worker in workers]

    before = seen()
    save(second, policy="放課後の学習支援と外国につながる子どもを支えます。")
    changed = seen()
    save(first, status=InterestStatus.PAUSED)
    paused = seen()
    save(first, status=InterestStatus.ACTIVE)
    assert before[0] == before[1]
    assert changed[0] == changed[1] != before[0]
    assert changed[0][second.number] > before[0][second.number]
    assert paused[0] == paused[1]
    assert list(paused[0]) == [second.number]
    assert seen() == changed


def test_verification_taken_back_empties_the_list(registry, proposal, interest, company):
    assert ids(interests_for(registry, proposal)) == [interest.number]
    with transaction():
        company.verification, company.check_note = Verification.REFUSED, "確認できません"
    assert ids(interests_for(registry, proposal)) == []


def test_large_registry_takes_changes_in_place(monkeypatch, registry, proposal, company):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 0)
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    kept, changed, gone = (records.interest(company, policy=f"方針{n}") for n in range(3))
    interests_for(registry, proposal)
    index = registry._index
    save(changed, policy="放課後の学習支援を応援します。")
    save(gone, status=InterestStatus.ENDED)
    added = records.interest(company, policy="外国につながる子どもの学習支援")
    lines = interests_for(registry, proposal)
    assert registry._index is index
    assert sorted(ids(lines)) == sorted([kept.number, changed.number, added.number])
    explained = registry.explain([(proposal_facts(proposal), interest_facts(changed))], clock.today())[0]
    assert {line.id: line.points for line in lines}[changed.number] == explained.score.points


def test_fault_while_reading_makes_the_next_request_read_everything(monkeypatch, registry, proposal, interest):
    interests_for(registry, proposal)
    save(interest, policy="変わりました。")
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(ranking, "MatchIndex", lambda *_facts: 1 // 0)
        interests_for(registry, proposal)
    assert ids(interests_for(registry, proposal)) == [interest.number]


def test_many_threads_read_while_records_change(app, registry, proposal, company):
    faults, results = [], []
    interests = [records.interest(company) for _n in range(5)]

    def read():
        try:
            with app.app_context():
                for _turn in range(10):
                    fresh = db.session.get(type(proposal), proposal_id)
                    results.append(len(interests_for(registry, fresh)))
                    db.session.rollback()
        except Exception as fault:
            faults.append(fault)

    proposal_id = proposal.id
    threads = [threading.Thread(target=read) for _n in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        save(interests[turn % 5], policy=f"方針 {turn}")
    for thread in threads:
        thread.join()
    assert faults == []
    assert results == [5] * 40


def test_unpublished_draft_of_the_owner_is_ranked(npo, interest):
    draft = records.proposal(npo, status=ProposalStatus.DRAFT)
    found = ranked_interests(draft, on=clock.today())
    assert [line.record.number for line in found.page.items] == [interest.number]
    assert ranked_proposals(interest, on=clock.today()).page.items == []


def test_parts_add_up_to_the_points_and_lists_agree_with_pairs(proposal, company):
    for number in range(4):
        records.interest(company, policy=f"学習支援 {number}", themes=list(Theme)[number : number + 2])
    found = ranked_interests(proposal, on=clock.today())
    for line in found.page.items:
        assert sum(part.points for part in line.match.parts) == line.match.points
        assert explain(proposal, line.record, on=clock.today()) == line.match
        assert all(part.sentence.endswith("。") for part in line.match.parts)
    points = [line.match.points for line in found.page.items]
    assert points == sorted(points, reverse=True)
    assert [line.place for line in found.page.items] == [1, 2, 3, 4]


def test_refused_pair_is_a_near_miss_with_its_reason(proposal, company):
    from matchmaker.interests.models import InterestRefusal
    from matchmaker.interests.status import RefusalKind

    refusal = InterestRefusal(kind=RefusalKind.FIELD, value=ActivityField.CHILDREN.value)
    refused = records.interest(company, refusals=[refusal])
    found = ranked_interests(proposal, on=clock.today())
    assert found.page.items == []
    assert [(line.record.number, line.match.refusals) for line in found.near_misses] == [
        (refused.number, ("企業が受けないとしている分野の提案です。",))
    ]


def test_pages_of_a_long_list_hold_each_interest_once(proposal, company):
    numbers = {records.interest(company, policy=f"方針{n}").number for n in range(5)}
    pages = [ranked_interests(proposal, on=clock.today(), page=page, size=2).page for page in (1, 2, 3, 4)]
    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}
    assert {line.record.number for page in pages for line in page.items} == numbers


def test_snapshot_holds_parts_that_add_up_and_the_rules(proposal, interest):
    match = explain(proposal, interest, on=clock.today())
    kept = snapshot(match)
    assert kept["points"] == match.points == sum(part["points"] for part in kept["parts"])
    assert kept["ruleset"] == match.ruleset
    assert len(kept["digest"]) == 64


def test_index_is_built_ahead_of_the_first_request(app, proposal, interest):
    warm_up(app).join()
    registry = app.extensions["match_registry"]
    assert registry._index is not None
    assert ids(interests_for(registry, proposal)) == [interest.number]


def test_index_that_cannot_be_built_ahead_is_built_later(app, proposal, interest, monkeypatch):
    def away(_registry, _on):
        raise OperationalError("select", {}, Exception("away"))

    with monkeypatch.context() as broken:
        broken.setattr(MatchRegistry, "_brought_up_to", away)
        warm_up(app).join()
    assert ids(interests_for(match_registry(), proposal)) == [interest.number]


def test_large_registry_is_measured_anew_beside_requests(monkeypatch, registry, proposal, company):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 0)
    kept, changed, gone = (records.interest(company, policy=f"方針{n}") for n in range(3))
    interests_for(registry, proposal)
    old = registry._index
    save(changed, policy="放課後の学習支援を応援します。")
    save(gone, status=InterestStatus.ENDED)
    during = interests_for(registry, proposal)
    for thread in threading.enumerate():
        if thread.name == "match-renewal":
            thread.join()
    assert registry._index is not old
    after = interests_for(registry, proposal)
    assert sorted(ids(during)) == sorted(ids(after)) == sorted([kept.number, changed.number])
    fresh = MatchRegistry(lambda: None)
    assert [(line.id, line.points) for line in after] == [
        (line.id, line.points) for line in interests_for(fresh, proposal)
    ]


def test_changes_during_a_renewal_are_caught_up_with(monkeypatch, registry, proposal, company):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 0)
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    first, second = (records.interest(company, policy=f"方針{n}") for n in range(2))
    interests_for(registry, proposal)
    old = registry._index
    facts = interest_facts(first)
    save(first, policy="放課後の学習支援を応援します。")
    added = records.interest(company, policy="海を守ります。")
    save(second, status=InterestStatus.ENDED)
    now = {line.id: line.points for line in interests_for(registry, proposal)}
    asked, listed = list(registry._proposals.facts.values()), [facts, interest_facts(second)]
    new = ranking.MatchIndex(asked, listed, old.ruleset)
    assert registry._catch_up(new) == 3
    assert sorted(line.id for line in new.rank_interests(proposal_facts(proposal))) == sorted(now)
    assert sorted(now) == sorted([first.number, added.number])
