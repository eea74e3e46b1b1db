import numpy as np
import pytest
from sqlalchemy import select

from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import ranking
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.ranking import MatchRegistry, warm_up
from matchmaker.introductions.reading_models import MatchingReading
from matchmaker.proposals.status import ProposalStatus
from tests.support import records


class CountingEncoder:
    version = "counting/1"

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = [np.random.default_rng(len(text)).normal(size=512) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), 512)


@pytest.fixture
def proposal(npo):
    return records.proposal(npo, status=ProposalStatus.SUBMITTED)


def lines(registry, proposal):
    found = registry.interests_for(proposal_facts(proposal), clock.today(), owner=proposal.organisation_id)
    return [(line.id, line.points, line.parts) for line in found]


def test_a_new_worker_reads_nothing_that_is_kept(proposal, company):
    interests = [records.interest(company, policy=f"方針{n}：海を守ります。") for n in range(3)]
    first = MatchRegistry(CountingEncoder)
    before = lines(first, proposal)
    assert first.keep_readings(clock.now()) == 4
    assert first.keep_readings(clock.now()) == 0
    encoder = CountingEncoder()
    assert lines(MatchRegistry(lambda: encoder), proposal) == before
    assert encoder.asked == []
    assert len(before) == len(interests)


def test_what_changed_since_is_read_anew_and_replaced(proposal, company):
    interest = records.interest(company, policy="海を守ります。")
    first = MatchRegistry(CountingEncoder)
    lines(first, proposal)
    first.keep_readings(clock.now())
    with transaction():
        interest.policy = "放課後の学習支援を応援します。"
        interest.saved_at = clock.now()
    encoder = CountingEncoder()
    second = MatchRegistry(lambda: encoder)
    changed = lines(second, proposal)
    assert len(encoder.asked) == 1
    assert second.keep_readings(clock.now()) == 1
    assert len(list(db.session.scalars(select(MatchingReading)))) == 2
    assert changed == lines(MatchRegistry(CountingEncoder), proposal)


def test_readings_of_another_encoder_are_not_used(proposal, company):
    records.interest(company)
    with_meaning, without = MatchRegistry(CountingEncoder), MatchRegistry(lambda: None)
    lines(with_meaning, proposal)
    with_meaning.keep_readings(clock.now())
    lines(without, proposal)
    assert without.keep_readings(clock.now()) == 2
    assert {row.encoder for row in db.session.scalars(select(MatchingReading))} == {""}


def test_a_worker_that_builds_ahead_keeps_what_it_read(app, proposal, company):
    interest = records.interest(company)
    app.config["MATCHES_BY_MEANING"] = False
    warm_up(app).join()
    db.session.rollback()
    kept = {(row.side.value, row.record) for row in db.session.scalars(select(MatchingReading))}
    assert kept == {("interest", interest_facts(interest).id), ("proposal", proposal.draft_number)}


def test_the_command_reads_the_registry_ahead(app, proposal, company):
    records.interest(company)
    app.config["MATCHES_BY_MEANING"] = False
    runner = app.test_cli_runner()
    said = [runner.invoke(args=["matching", "read"]).output for _turn in range(2)]
    assert said == ["2 records read\n", "0 records read\n"]


def test_reading_ahead_goes_on_where_it_was_interrupted(monkeypatch, proposal, company):
    for number in range(4):
        records.interest(company, policy=f"方針{number}：海を守ります。")
    monkeypatch.setattr(ranking, "READ_AT_ONCE", 2)
    first = MatchRegistry(CountingEncoder)
    progress = first.read_ahead(clock.today(), clock.now())
    assert next(progress) == (2, 5)
    progress.close()
    assert first._index is None
    encoder = CountingEncoder()
    assert list(MatchRegistry(lambda: encoder).read_ahead(clock.today(), clock.now())) == [(2, 3), (3, 3)]
    assert len(encoder.asked) == 3
    again = CountingEncoder()
    assert len(lines(MatchRegistry(lambda: again), proposal)) == 4
    assert again.asked == []
