"""The index of a large registry in a file: other workers begin with it, and it is trusted only as far as it goes."""

import threading

import pytest

from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.status import InterestStatus
from matchmaker.introductions import index_file, ranking, rulesets
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.index_file import IndexFile
from matchmaker.introductions.ranking import MatchRegistry, match_registry
from matchmaker.matching.scoring import to_points
from matchmaker.matching.weights import Criterion, Ruleset
from matchmaker.proposals.status import ProposalStatus
from tests.introductions.test_kept_readings import CountingEncoder
from tests.support import records


@pytest.fixture
def file(monkeypatch, tmp_path):
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 0)
    return IndexFile(tmp_path / "kept" / "one.index")


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


def lines(registry, proposal):
    found = registry.interests_for(proposal_facts(proposal), clock.today(), owner=proposal.organisation_id)
    return [(line.id, line.points, line.parts) for line in found]


def save(record, **values):
    with transaction():
        for name, value in values.items():
            setattr(record, name, value)
        record.saved_at = clock.now()


def no_building(*_arguments, **_named):
    raise AssertionError("an index was built")


def test_a_worker_begins_with_the_index_of_another_one(monkeypatch, file, proposal, company):
    for number in range(3):
        records.interest(company, policy=f"方針{number}：海を守ります。")
    before = lines(MatchRegistry(CountingEncoder, file), proposal)
    encoder = CountingEncoder()
    monkeypatch.setattr(ranking, "MatchIndex", no_building)
    assert lines(MatchRegistry(lambda: encoder, file), proposal) == before
    assert encoder.asked == []


def test_what_changed_since_the_file_was_written_is_taken_in(file, proposal, company):
    kept, changed, gone = (records.interest(company, policy=f"方針{n}") for n in range(3))
    first = MatchRegistry(lambda: None, file)
    lines(first, proposal)
    save(changed, policy="放課後の学習支援を応援します。")
    save(gone, status=InterestStatus.ENDED)
    added = records.interest(company, policy="海を守ります。")
    second = MatchRegistry(lambda: None, file)
    assert lines(second, proposal) == lines(first, proposal)
    assert sorted(one for one, *_rest in lines(second, proposal)) == sorted([kept.number, changed.number, added.number])
    pool = second.pool(clock.today())
    assert [one.id for one in pool.interests] == sorted([kept.number, changed.number, added.number])
    assert pool.owner_of[added.number] == company.id
    assert second.interests_for(proposal_facts(proposal), clock.today(), owner=company.id).eligible == 0


@pytest.mark.parametrize("spoil", ["encoder", "ruleset", "damage"])
def test_a_file_that_was_made_from_something_else_is_made_anew(monkeypatch, file, proposal, company, spoil):
    records.interest(company)
    lines(MatchRegistry(lambda: None, file), proposal)
    written_at = file.written_at()
    encoder = None
    if spoil == "encoder":
        encoder = CountingEncoder()
    elif spoil == "ruleset":
        other = Ruleset("other", 270, 80, 125, 210, 95, 65, 155)
        monkeypatch.setattr(rulesets, "in_force", lambda _on: other)
    else:
        file.path.write_bytes(file.path.read_bytes()[:-1])
    fresh = lines(MatchRegistry(lambda: encoder), proposal)
    assert lines(MatchRegistry(lambda: encoder, file), proposal) == fresh
    assert file.written_at() != written_at


def test_a_registry_that_is_measured_as_a_whole_needs_no_file(monkeypatch, file, proposal, company):
    records.interest(company)
    monkeypatch.setattr(ranking, "MEASURED_AS_A_WHOLE_UP_TO", 300)
    lines(MatchRegistry(lambda: None, file), proposal)
    assert file.written_at() == 0


def test_a_file_that_cannot_be_written_keeps_nobody_from_a_list(monkeypatch, file, proposal, company, caplog):
    interest = records.interest(company)

    def full(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr(index_file.array_file, "write", full)
    assert [one for one, *_rest in lines(MatchRegistry(lambda: None, file), proposal)] == [interest.number]
    assert "match index not kept: no space left" in caplog.text


def test_a_folder_that_cannot_be_made_keeps_nobody_from_a_list(monkeypatch, file, proposal, company, caplog):
    interest = records.interest(company)
    file.path.parent.write_text("a file stands where the folder should be")
    assert [one for one, *_rest in lines(MatchRegistry(lambda: None, file), proposal)] == [interest.number]
    assert "match index not kept" in caplog.text


def test_one_worker_renews_the_index_and_the_others_take_it(app, monkeypatch, file, proposal, company):
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    interests = [records.interest(company, policy=f"方針{n}") for n in range(3)]
    first, second = MatchRegistry(lambda: None, file), MatchRegistry(lambda: None, file)
    lines(first, proposal), lines(second, proposal)
    save(interests[0], policy="放課後の学習支援を応援します。")
    lines(first, proposal), lines(second, proposal)
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 50)  # of four records

    renewed(first, proposal)
    monkeypatch.setattr(ranking, "MatchIndex", no_building)
    renewed(second, proposal)

    monkeypatch.undo()
    assert lines(first, proposal) == lines(second, proposal) == lines(MatchRegistry(lambda: None), proposal)


class WaitingEncoder(CountingEncoder):
    """Encodes nothing until it may."""

    def __init__(self):
        super().__init__()
        self.may = threading.Event()

    def encode(self, texts):
        self.may.wait(timeout=60)
        return super().encode(texts)


def test_a_list_after_a_change_waits_for_no_encoder_whose_part_follows(app, monkeypatch, file, proposal, company):
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    changed, kept = (records.interest(company, policy=f"方針{n}：海を守ります。") for n in range(2))
    encoder = WaitingEncoder()
    encoder.may.set()
    registry = MatchRegistry(lambda: encoder, file)
    before = {one: parts for one, _points, parts in lines(registry, proposal)}
    encoder.may.clear()
    save(changed, policy="放課後の学習支援を応援します。")

    during = {one: parts for one, _points, parts in lines(registry, proposal)}
    encoder.may.set()
    for thread in threading.enumerate():
        if thread.name == "match-encoding":
            thread.join()

    neutral = ranking.rulesets.in_force(clock.today())
    assert during[changed.number][Criterion.MEANING] == to_points(
        neutral.neutral_share(Criterion.MEANING), neutral.meaning
    )
    assert during[kept.number][Criterion.MEANING] == before[kept.number][Criterion.MEANING]
    after = {one: parts for one, _points, parts in lines(registry, proposal)}
    registry._index.put_interest(interest_facts(changed))
    assert after == {one: parts for one, _points, parts in lines(registry, proposal)}
    interests = registry._index.sides[1]
    assert interests.meaning.answered[interests.row_of[changed.number]]
    assert after[changed.number][Criterion.WORDS] == during[changed.number][Criterion.WORDS]


def test_another_ruleset_is_measured_beside_requests(app, monkeypatch, file, proposal, company):
    monkeypatch.setattr(ranking, "CHANGED_IN_PLACE", 1)
    records.interest(company, policy="海を守ります。")
    registry = MatchRegistry(lambda: None, file)
    before = lines(registry, proposal)
    other = Ruleset("other", 270, 80, 125, 210, 95, 65, 155)
    monkeypatch.setattr(rulesets, "in_force", lambda _on: other)

    old = registry._index
    assert lines(registry, proposal) == before
    for thread in threading.enumerate():
        if thread.name == "match-renewal":
            thread.join()

    assert registry._index is not old
    assert lines(registry, proposal) == lines(MatchRegistry(lambda: None), proposal) != before
    assert registry.pool(clock.today()).ruleset == other


def renewed(registry, proposal):
    old = registry._index
    lines(registry, proposal)
    for thread in threading.enumerate():
        if thread.name == "match-renewal":
            thread.join()
    assert registry._index is not old


def test_the_file_is_named_after_the_database_and_off_in_tests(app, session, tmp_path):
    assert index_file.index_file() is None
    app.config["MATCH_INDEX_FOLDER"] = str(tmp_path)
    found = index_file.index_file()
    assert (found.path.parent, found.path.suffix, len(found.path.stem)) == (tmp_path, ".index", 16)
    assert match_registry()._file == found
