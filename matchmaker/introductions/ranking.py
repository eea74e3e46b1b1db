"""The registry's match index: one a process, brought up to date when a request finds that the registry has changed.

What can be matched are published and open proposals and active interests, both of verified organisations. Each request
compares a fingerprint of either side with the one that the index was made from; on a difference the changed records
alone are read. A small registry is then measured anew as a whole, which gives every process the same points; a large
one takes the changed records in place, and is measured anew beside requests when one in fifty has changed. One lock
guards the index: it is read for milliseconds, and its engine may not be read while it is being changed.

A new edition of the vocabulary, or another ruleset, is noticed by the same look. A small registry takes it at once; in
a large one the old index answers under the old one until another thread has measured everything again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from matchmaker.foundation import clock
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import listed as interest_listed
from matchmaker.introductions import kept_readings, rulesets, vocabularies
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.index_file import IndexFile, KeptIndex, index_file
from matchmaker.introductions.listed import Changes, FactsInOrder, ListedSide
from matchmaker.introductions.reading_models import ReadSide
from matchmaker.matching.counterfactual import Step, next_steps
from matchmaker.matching.engine import Explained, MatchIndex, Ranking
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.meaning import Encoder, packaged_encoder
from matchmaker.matching.quotes import with_quotes
from matchmaker.matching.readings import Facts as AnyFacts
from matchmaker.matching.readings import Kept, Readings, prose_of
from matchmaker.matching.rereading import readings_under, reread
from matchmaker.matching.vocabulary import Knowledge, built_in, using
from matchmaker.matching.weights import Ruleset
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import open_clause

MEASURED_AS_A_WHOLE_UP_TO = 300
"""Records of both sides together; so many are measured anew in a third of a second once their texts are known."""
READ_AT_ONCE = 200
CHANGED_IN_PLACE = 50
"""When one record in so many of a larger registry has changed, everything is measured anew."""
_EXTENSION = "match_registry"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pool:
    """All that lists are made from at one moment, to build an index beside the one in use.

    Shapes: facts in order of ids; ``owner_of`` the organisation by the id of the facts; ``readings`` its own copy, made
    under ``knowledge``; an index over them is made and asked ``using(pool.knowledge)``.
    """

    proposals: Sequence[ProposalFacts]
    interests: Sequence[InterestFacts]
    owner_of: Mapping[str, int]
    ruleset: Ruleset
    readings: Readings
    knowledge: Knowledge

    @property
    def is_measured_as_a_whole(self) -> bool:
        """Whether each change of a record makes every process measure the registry anew."""
        return len(self.proposals) + len(self.interests) <= MEASURED_AS_A_WHOLE_UP_TO

    def index(self) -> MatchIndex:
        """Measure the pool anew, as every process would."""
        return MatchIndex(self.proposals, self.interests, self.ruleset, readings=self.readings)

    def index_with(self, proposal: ProposalFacts, interest: InterestFacts) -> MatchIndex:
        """Measure the pool with two records as given; one that is not listed stays outside."""
        proposals = [proposal if one.id == proposal.id else one for one in self.proposals]
        interests = [interest if one.id == interest.id else one for one in self.interests]
        return MatchIndex(proposals, interests, self.ruleset, readings=self.readings)


@dataclass(frozen=True, slots=True)
class Basis:
    """What an index is measured under."""

    ruleset: Ruleset
    knowledge: Knowledge


class MatchRegistry:
    """The index of one process over the registry in the database. Safe to use from many threads."""

    def __init__(self, make_encoder: Callable[[], Encoder | None], index_file: IndexFile | None = None) -> None:
        self._lock = threading.Lock()
        self._make_encoder = make_encoder
        self._encoder: Encoder | None = None
        self._index: MatchIndex | None = None
        self._knowledge = built_in()
        self._proposals = ListedSide(Proposal, open_clause, proposal_facts)
        self._interests = ListedSide(Interest, interest_listed, interest_facts)
        self._changed = 0
        self._missed: tuple[set[str], set[str]] = (set(), set())
        self._is_renewed = False
        self._file = index_file
        self._written_at = 0
        self._unstored: Readings | None = None
        self._stored: set[tuple[ReadSide, str]] = set()

    @property
    def vocabulary(self) -> str:
        """The digest of the edition of the vocabulary that answers come from now."""
        return self._knowledge.digest

    def prepare(self, on: date) -> None:
        """Bring the index up to date without asking it anything."""
        with self._held(on):
            pass

    def interests_for(self, proposal: ProposalFacts, on: date, *, owner: int) -> Ranking:
        """Rank all listed interests but those of organisation ``owner``; refused ones come last.

        The proposal need not be listed itself, nor be as it is stored. Lines are made when they are read.
        """
        with self._held(on) as index:
            is_listed = self._proposals.facts.get(proposal.id) == proposal
            ranking = index.ranking_of_interests(proposal.id if is_listed else proposal, on)
            return ranking.without(self._interests.ids_of(owner))

    def interests_for_all(self, asked: Iterable[tuple[ProposalFacts, int]], on: date) -> Iterator[Ranking]:
        """Rank as ``interests_for`` does for listed proposals with their owners, after one look at the database.

        The lock is given back between two rankings, so that no visitor waits for all of them.
        """
        with self._held(on):
            pass
        for proposal, owner in asked:
            with self._lock:
                index = self._index or self._present(on)
                with using(self._knowledge):
                    is_listed = self._proposals.facts.get(proposal.id) == proposal
                    ranking = index.ranking_of_interests(proposal.id if is_listed else proposal, on)
                    found = ranking.without(self._interests.ids_of(owner))
            yield found

    def proposals_for(self, interest: InterestFacts, on: date, *, owner: int) -> Ranking:
        """Rank all listed proposals but those of organisation ``owner``; see ``interests_for``."""
        with self._held(on) as index:
            is_listed = self._interests.facts.get(interest.id) == interest
            ranking = index.ranking_of_proposals(interest.id if is_listed else interest, on)
            return ranking.without(self._proposals.ids_of(owner))

    def next_steps(self, proposal: ProposalFacts, interest: InterestFacts, goal: int, on: date) -> list[Step]:
        """Return what would lift a pair to ``goal`` points; see ``counterfactual.next_steps``."""
        with self._held(on) as index:
            return next_steps(index, proposal, interest, goal, on)

    def pool(self, on: date) -> Pool:
        """Return what lists are made from on a day; what is done with it keeps nobody waiting."""
        with self._held(on) as index:
            return Pool(
                FactsInOrder(self._proposals.facts),
                FactsInOrder(self._interests.facts),
                {**self._proposals.owner_of(), **self._interests.owner_of()},
                index.ruleset,
                index.readings.branch(),
                self._knowledge,
            )

    def explain(
        self, pairs: Sequence[tuple[ProposalFacts, InterestFacts]], on: date, *, looks: bool = True
    ) -> list[Explained]:
        """Score pairs with every reason, in their order, whether or not their sides are listed.

        Without ``looks`` the database is not looked at again: for the lines of a list that was just made.
        """
        with self._held(on, looks=looks) as index:
            explained = index.explain_all(pairs, on)
        both = zip(explained, pairs, strict=True)
        return [replace(one, score=with_quotes(one.score, mine, theirs)) for one, (mine, theirs) in both]

    @contextmanager
    def _held(self, on: date, *, looks: bool = True) -> Iterator[MatchIndex]:
        """Hold the index, up to date, under the edition of the vocabulary that it was made with."""
        with self._lock:
            index = None if looks else self._index
            index = index or self._present(on)
            with using(self._knowledge):
                yield index

    def _present(self, on: date) -> MatchIndex:
        try:
            return self._brought_up_to(on)
        except BaseException:
            # Half of a change may have been taken in; everything is read again by the next request.
            self._forget()
            raise

    def _brought_up_to(self, on: date) -> MatchIndex:
        ruleset, knowledge = rulesets.in_force(on), vocabularies.in_force(on)
        if self._index is None and self._file:
            # Where several workers start at once, one makes the index and the others take it.
            with self._file.alone():
                self._begin_with_file(self._file, ruleset, knowledge)
                return self._followed(on, ruleset, knowledge)
        return self._followed(on, ruleset, knowledge)

    def _followed(self, on: date, ruleset: Ruleset, knowledge: Knowledge) -> MatchIndex:
        """Take in what changed in the database since the last request, or build the first index."""
        mine, theirs = self._proposals.changes(on), self._interests.changes(on)
        self._changed += len(mine) + len(theirs)
        self._missed[0].update(mine.ids)
        self._missed[1].update(theirs.ids)
        is_new_edition = knowledge.digest != self._knowledge.digest
        index = self._index
        if index is None or (self._is_small() and (len(mine) + len(theirs) or is_new_edition)):
            return self._measured_anew(ruleset, knowledge)
        with using(self._knowledge):
            if index.ruleset != ruleset and self._is_small():
                index = self._index = index.with_ruleset(ruleset)
            self._take_in(index, mine, theirs, encodes=False)
        if self._encoder and (new := [*mine.put, *theirs.put]):
            threading.Thread(target=self._encode, args=(self._encoder, new), name="match-encoding", daemon=True).start()
        is_behind = is_new_edition or index.ruleset != ruleset
        if (is_behind or self._changed > self._records() // CHANGED_IN_PLACE) and not self._is_renewed:
            self._is_renewed = True
            basis = Basis(ruleset, knowledge)
            renewal = threading.Thread(target=self._renew, args=(index, basis, _app()), name="match-renewal")
            renewal.daemon = True
            renewal.start()
        return index

    def _begin_with_file(self, file: IndexFile, ruleset: Ruleset, knowledge: Knowledge) -> None:
        """Take the index that another process, or an earlier one, has kept under the same rules and knowledge."""
        self._encoder = self._encoder or self._make_encoder()
        written_at = file.written_at()
        kept = file.load(ruleset, knowledge, self._encoder)
        # A registry that became small is measured as a whole like any other.
        if kept and sum(map(len, kept.index.sides)) > MEASURED_AS_A_WHOLE_UP_TO:
            self._take_over(kept, knowledge, written_at)

    def _take_over(self, kept: KeptIndex, knowledge: Knowledge, written_at: int) -> None:
        """Begin with an index from a file; what changed since is found by the next look at the database."""
        self._proposals.restore(*kept.states[0], kept.index.sides[0])
        self._interests.restore(*kept.states[1], kept.index.sides[1])
        self._index, self._knowledge, self._changed, self._missed = kept.index, knowledge, 0, (set(), set())
        self._written_at = written_at

    def _encode(self, encoder: Encoder, records: Sequence[AnyFacts]) -> None:
        """Let the meaning of changed records follow: no response waits for the sentence encoder."""
        for one in records:
            # It remembers what it has seen: the index then waits for no more than a look-up.
            encoder.encode([prose_of(one)])
            with self._lock, using(self._knowledge):
                if self._index is None:
                    continue
                if isinstance(one, ProposalFacts) and self._proposals.facts.get(one.id) == one:
                    self._index.put_proposal(one)
                elif isinstance(one, InterestFacts) and self._interests.facts.get(one.id) == one:
                    self._index.put_interest(one)

    @staticmethod
    def _take_in(
        index: MatchIndex, mine: Changes[ProposalFacts], theirs: Changes[InterestFacts], *, encodes: bool = True
    ) -> None:
        for asked in mine.put:
            index.put_proposal(asked, encodes=encodes)
        for offered in theirs.put:
            index.put_interest(offered, encodes=encodes)
        for gone in mine.removed:
            index.remove_proposal(gone)
        for gone in theirs.removed:
            index.remove_interest(gone)

    def _records(self) -> int:
        return len(self._proposals.facts) + len(self._interests.facts)

    def _is_small(self) -> bool:
        return self._records() <= MEASURED_AS_A_WHOLE_UP_TO

    def _renew(self, old: MatchIndex, basis: Basis, app: Flask) -> None:
        """Measure a large registry anew while the old index answers, under its own rules, then take its place."""
        try:
            with self._file.alone() if self._file else nullcontext():
                if not self._took_newer(old, basis):
                    self._rebuild(old, basis, app)
        finally:
            self._is_renewed = False

    def _took_newer(self, old: MatchIndex, basis: Basis) -> bool:
        """Take the index that another process has made in the meantime, if there is one."""
        written_at = self._file.written_at() if self._file else 0
        if not self._file or written_at == self._written_at:
            return False
        kept = self._file.load(basis.ruleset, basis.knowledge, self._encoder)
        with self._lock:
            if kept and self._index is old:
                self._take_over(kept, basis.knowledge, written_at)
        return kept is not None

    def _rebuild(self, old: MatchIndex, basis: Basis, app: Flask) -> None:
        ruleset, knowledge = basis.ruleset, basis.knowledge
        with self._lock:
            mine, theirs = FactsInOrder(self._proposals.facts), FactsInOrder(self._interests.facts)
            states, self._missed = (self._proposals.state(), self._interests.state()), (set(), set())
            readings, before = old.readings.branch(), self._knowledge
        if knowledge.digest != before.digest:
            with app.app_context():
                readings = self._reread(readings, before, knowledge)
        with using(knowledge):
            new = MatchIndex(mine, theirs, ruleset, readings=readings)
        if self._file:
            new = self._file.kept(new, states, knowledge)
        with self._lock:
            # Not so after a fault, when everything was read again.
            if self._index is old:
                with using(knowledge):
                    self._changed = self._catch_up(new)
                if self._file:
                    self._rebase(new, *self._missed)
                self._index, self._knowledge = new, knowledge

    def _rebase(self, index: MatchIndex, proposals: set[str], interests: set[str]) -> None:
        """Let go of the facts that an index from a file holds, but for those that changed since it was made."""
        self._proposals.rebase(index.sides[0], proposals)
        self._interests.rebase(index.sides[1], interests)
        self._written_at = self._file.written_at() if self._file else 0

    @staticmethod
    def _reread(readings: Readings, before: Knowledge, knowledge: Knowledge) -> Readings:
        """Read the topics of a pool again, keeping what is done: all workers see the progress, and none starts over."""

        def keep(some: list[tuple[AnyFacts, Kept]]) -> None:
            try:
                with using(knowledge):
                    kept_readings.store(some, readings.encoder_version, clock.now())
            except SQLAlchemyError as fault:
                # Another worker was faster, or the database is away; the readings at hand are good all the same.
                log.warning("readings not kept: %s", type(fault).__name__)

        return readings_under(knowledge, readings, before, keep)

    def _catch_up(self, index: MatchIndex) -> int:
        """Take into an index what changed since its facts were listed; return how many records."""
        asked, offered = self._missed
        proposals, interests = self._proposals.facts, self._interests.facts
        put_mine = [proposals[one] for one in sorted(asked) if one in proposals]
        put_theirs = [interests[one] for one in sorted(offered) if one in interests]
        gone_mine = [one for one in asked if one not in proposals and one in index.sides[0].row_of]
        gone_theirs = [one for one in offered if one not in interests and one in index.sides[1].row_of]
        self._take_in(index, Changes(put_mine, gone_mine), Changes(put_theirs, gone_theirs))
        return len(asked) + len(offered)

    def _measured_anew(self, ruleset: Ruleset, knowledge: Knowledge) -> MatchIndex:
        self._encoder = self._encoder or self._make_encoder()
        proposals, interests = FactsInOrder(self._proposals.facts), FactsInOrder(self._interests.facts)
        with using(knowledge):
            if self._index is None:
                readings = Readings(self._encoder)
                self._recall([*proposals, *interests], readings, knowledge)
            elif knowledge.digest != self._knowledge.digest:
                readings = readings_under(knowledge, self._index.readings, self._knowledge)
                self._stored = set()
            else:
                readings = self._index.readings
            index = MatchIndex(proposals, interests, ruleset, self._encoder, readings)
            self._unstored = readings
        if self._file and not self._is_small():
            index = self._file.kept(index, (self._proposals.state(), self._interests.state()), knowledge)
            self._rebase(index, set(), set())
        self._index, self._knowledge, self._changed, self._missed = index, knowledge, 0, (set(), set())
        return index

    def _recall(self, records: Sequence[AnyFacts], readings: Readings, knowledge: Knowledge) -> None:
        """Take over what is kept; what only the edition before has read needs new topics alone."""
        kept = kept_readings.load(records, readings.encoder_version)
        readings.recall((one, kept[key]) for one in records if (key := kept_readings.key_of(one)) in kept)
        self._stored = set(kept)
        missing = [one for one in records if kept_readings.key_of(one) not in kept]
        before = vocabularies.before(knowledge) if missing else None
        if before is not None:
            with using(before):
                older = kept_readings.load(missing, readings.encoder_version)
            known = [(one, older[key]) for one in missing if (key := kept_readings.key_of(one)) in older]
            readings.recall(reread(known, before, knowledge))

    def read_ahead(self, on: date, at: datetime) -> Iterator[tuple[int, int]]:
        """Read the texts that are not kept yet and keep them, some at a time; tell how many of how many are done.

        What was kept before an interruption is not read again; the index in use stays as it is.
        """
        self._encoder = self._encoder or self._make_encoder()
        readings = Readings(self._encoder)
        sides = (
            ListedSide(Proposal, open_clause, proposal_facts).changes(on).put,
            ListedSide(Interest, interest_listed, interest_facts).changes(on).put,
        )
        records: list[AnyFacts] = [*sides[0], *sides[1]]
        with using(vocabularies.in_force(on)):
            kept = kept_readings.load(records, readings.encoder_version)
            missing = [one for one in records if kept_readings.key_of(one) not in kept]
            for start in range(0, len(missing), READ_AT_ONCE):
                some = missing[start : start + READ_AT_ONCE]
                kept_readings.store(zip(some, readings.of(some), strict=True), readings.encoder_version, at)
                yield min(start + READ_AT_ONCE, len(missing)), len(missing)

    def keep_readings(self, at: datetime) -> int:
        """Write the readings of the pool that are not kept yet and return how many; for use beside requests."""
        with self._lock:
            readings, knowledge = self._unstored or Readings(), self._knowledge
            pool, encoder_version = readings.pool(), readings.encoder_version
            self._unstored = None
        new = [(facts, kept) for facts, kept in pool if kept_readings.key_of(facts) not in self._stored]
        with using(knowledge):
            kept_readings.store(new, encoder_version, at)
        self._stored |= {kept_readings.key_of(facts) for facts, _kept in new}
        return len(new)

    def load_encoder(self) -> None:
        """Load the sentence encoder where each change waits for it: in a registry that is measured as a whole."""
        if self._encoder and self._is_small():
            self._encoder.encode([""])

    def _forget(self) -> None:
        self._index = None
        self._proposals = ListedSide(Proposal, open_clause, proposal_facts)
        self._interests = ListedSide(Interest, interest_listed, interest_facts)


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def match_registry() -> MatchRegistry:
    """Return the registry of the running application; it is made on first use, so after any fork."""
    registry = current_app.extensions.get(_EXTENSION)
    if registry is None:
        file = index_file()
        folder = file.path.parent if file else None
        uses_meaning = current_app.config.get("MATCHES_BY_MEANING", True)
        made = MatchRegistry(lambda: packaged_encoder(folder) if uses_meaning else None, file)
        registry = current_app.extensions.setdefault(_EXTENSION, made)
    found: MatchRegistry = registry
    return found


def warm_up(app: Flask) -> threading.Thread:
    """Build the index beside the first requests of a worker: reading all texts once takes seconds."""

    def build() -> None:
        with app.app_context():
            try:
                match_registry().prepare(clock.today())
                match_registry().keep_readings(clock.now())
                match_registry().load_encoder()
            except SQLAlchemyError as fault:
                # The first request for a match builds it then, or says that the database is away.
                log.warning("match index not built ahead: %s", type(fault).__name__)

    thread = threading.Thread(target=build, name="match-index", daemon=True)
    thread.start()
    return thread
