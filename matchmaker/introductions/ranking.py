"""The registry's match index: one a process, brought up to date when a request finds that the registry has changed.

What can be matched are published and open proposals and active interests, both of verified organisations. Each request
compares a fingerprint of either side with the one that the index was made from; on a difference the changed records
alone are read. A small registry is then measured anew as a whole, which gives every process the same points; a large
one takes the changed records in place, and is measured anew beside requests when one in fifty has changed. One lock
guards the index: it is read for milliseconds, and its engine may not be read while it is being changed.

A new edition of the vocabulary is noticed by the same look. A small registry takes it at once; in a large one the old
index answers under the old edition until another thread has read all topics again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from flask import Flask, current_app
from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.exc import SQLAlchemyError

from matchmaker.directory.models import Organisation
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import listed as interest_listed
from matchmaker.introductions import kept_readings, rulesets, vocabularies
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.reading_models import ReadSide
from matchmaker.matching.counterfactual import Step, next_steps
from matchmaker.matching.engine import Explained, MatchIndex, Ranking
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.meaning import Encoder, packaged_encoder
from matchmaker.matching.quotes import with_quotes
from matchmaker.matching.readings import Facts as AnyFacts
from matchmaker.matching.readings import Kept, Readings
from matchmaker.matching.rereading import readings_under, reread
from matchmaker.matching.vocabulary import Knowledge, built_in, using
from matchmaker.matching.weights import Ruleset
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import open_clause

MEASURED_AS_A_WHOLE_UP_TO = 300
"""Records of both sides together; so many are measured anew in a third of a second once their texts are known."""
CHANGED_IN_PLACE = 50
"""When one record in so many of a larger registry has changed, everything is measured anew."""
READ_AT_ONCE = 500

_EXTENSION = "match_registry"

log = logging.getLogger(__name__)

Record = TypeVar("Record", Proposal, Interest)
Facts = TypeVar("Facts", ProposalFacts, InterestFacts)


@dataclass(frozen=True, slots=True)
class Changes(Generic[Facts]):
    """What happened to one side since it was last read: facts that are new or different, ids that are gone."""

    put: list[Facts]
    removed: list[str]

    def __len__(self) -> int:
        return len(self.put) + len(self.removed)


@dataclass(frozen=True, slots=True)
class Pool:
    """All that lists are made from at one moment, to build an index beside the one in use.

    Shapes: facts in order of ids; ``owner_of`` the organisation by the id of the facts; ``readings`` its own copy, made
    under ``knowledge``; an index over them is made and asked ``using(pool.knowledge)``.
    """

    proposals: tuple[ProposalFacts, ...]
    interests: tuple[InterestFacts, ...]
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


class ListedSide(Generic[Record, Facts]):
    """The records of one side that can be matched, as facts; it notices what changed in the database."""

    def __init__(
        self,
        model: type[Record],
        listed: Callable[[date], ColumnElement[bool]],
        to_facts: Callable[[Record], Facts],
    ) -> None:
        self.facts: dict[str, Facts] = {}
        self.organisation_of: dict[str, int] = {}
        self.ids_of: dict[int, set[str]] = {}
        self._model: type[Record] = model
        self._listed = listed
        self._to_facts: Callable[[Record], Facts] = to_facts
        self._fingerprint: tuple[Any, ...] | None = None
        self._stamps: dict[int, tuple[Any, ...]] = {}
        self._id_of: dict[int, str] = {}

    def changes(self, on: date) -> Changes[Facts]:
        """Bring the facts up to the day and return what changed."""
        fingerprint = self._fingerprint_on(on)
        if fingerprint == self._fingerprint:
            return Changes([], [])
        stamps = self._stamps_on(on)
        removed = [self._forget(one) for one in self._stamps if one not in stamps]
        changed = [one for one, stamp in stamps.items() if self._stamps.get(one) != stamp]
        put = [self._remember(record) for record in self._read(changed)]
        self._stamps, self._fingerprint = stamps, fingerprint
        return Changes(put, removed)

    def _fingerprint_on(self, on: date) -> tuple[Any, ...]:
        """Add up ids and versions in one query: no entry, exit or change leaves every sum as it was."""
        model, number = self._model, cast(self._model.id, BigInteger)
        owner = cast(Organisation.id, BigInteger)
        columns = (
            func.count(),
            func.sum(number),
            func.sum(model.version),
            func.sum(number * model.version),
            func.max(model.saved_at),
            func.sum(Organisation.version),
            func.sum(owner * Organisation.version),
        )
        row = db.session.execute(select(*columns).select_from(model).join(model.organisation).where(self._listed(on)))
        return tuple(row.one())

    def _stamps_on(self, on: date) -> dict[int, tuple[Any, ...]]:
        model = self._model
        rows = db.session.execute(
            select(model.id, model.version, model.saved_at, Organisation.id, Organisation.version)
            .join(model.organisation)
            .where(self._listed(on))
            .order_by(model.id)
        )
        return {row[0]: tuple(row) for row in rows}

    def _read(self, ids: Sequence[int]) -> Iterator[Record]:
        for start in range(0, len(ids), READ_AT_ONCE):
            some = ids[start : start + READ_AT_ONCE]
            yield from db.session.scalars(select(self._model).where(self._model.id.in_(some)).order_by(self._model.id))

    def _remember(self, record: Record) -> Facts:
        facts: Facts = self._to_facts(record)
        if facts.id in self.facts:
            self._disown(facts.id)
        self.facts[facts.id] = facts
        self.ids_of.setdefault(record.organisation_id, set()).add(facts.id)
        self.organisation_of[facts.id] = record.organisation_id
        self._id_of[record.id] = facts.id
        return facts

    def _forget(self, record_id: int) -> str:
        facts_id = self._id_of.pop(record_id)
        self._disown(facts_id)
        del self.facts[facts_id], self.organisation_of[facts_id]
        return facts_id

    def _disown(self, facts_id: str) -> None:
        self.ids_of[self.organisation_of[facts_id]].discard(facts_id)


class MatchRegistry:
    """The index of one process over the registry in the database. Safe to use from many threads."""

    def __init__(self, make_encoder: Callable[[], Encoder | None]) -> None:
        self._lock = threading.Lock()
        self._make_encoder = make_encoder
        self._encoder: Encoder | None = None
        self._index: MatchIndex | None = None
        self._knowledge = built_in()
        self._proposals = ListedSide(Proposal, open_clause, proposal_facts)
        self._interests = ListedSide(Interest, interest_listed, interest_facts)
        self._changed = 0
        self._is_renewed = False
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
            return ranking.without(self._interests.ids_of.get(owner, ()))

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
                    found = ranking.without(self._interests.ids_of.get(owner, ()))
            yield found

    def proposals_for(self, interest: InterestFacts, on: date, *, owner: int) -> Ranking:
        """Rank all listed proposals but those of organisation ``owner``; see ``interests_for``."""
        with self._held(on) as index:
            is_listed = self._interests.facts.get(interest.id) == interest
            ranking = index.ranking_of_proposals(interest.id if is_listed else interest, on)
            return ranking.without(self._proposals.ids_of.get(owner, ()))

    def next_steps(self, proposal: ProposalFacts, interest: InterestFacts, goal: int, on: date) -> list[Step]:
        """Return what would lift a pair to ``goal`` points; see ``counterfactual.next_steps``."""
        with self._held(on) as index:
            return next_steps(index, proposal, interest, goal, on)

    def pool(self, on: date) -> Pool:
        """Return what lists are made from on a day; what is done with it keeps nobody waiting."""
        with self._held(on) as index:
            return Pool(
                tuple(self._proposals.facts[one] for one in sorted(self._proposals.facts)),
                tuple(self._interests.facts[one] for one in sorted(self._interests.facts)),
                {**self._proposals.organisation_of, **self._interests.organisation_of},
                index.ruleset,
                index.readings.branch(),
                self._knowledge,
            )

    def explain(self, pairs: Sequence[tuple[ProposalFacts, InterestFacts]], on: date) -> list[Explained]:
        """Score pairs with every reason, in their order, whether or not their sides are listed."""
        with self._held(on) as index:
            explained = index.explain_all(pairs, on)
        both = zip(explained, pairs, strict=True)
        return [replace(one, score=with_quotes(one.score, mine, theirs)) for one, (mine, theirs) in both]

    @contextmanager
    def _held(self, on: date) -> Iterator[MatchIndex]:
        """Hold the index, up to date, under the edition of the vocabulary that it was made with."""
        with self._lock:
            index = self._present(on)
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
        mine, theirs = self._proposals.changes(on), self._interests.changes(on)
        self._changed += len(mine) + len(theirs)
        index, ruleset, knowledge = self._index, rulesets.in_force(on), vocabularies.in_force(on)
        is_new_edition = knowledge.digest != self._knowledge.digest
        if index is None or (self._is_small() and (len(mine) + len(theirs) or is_new_edition)):
            return self._measured_anew(ruleset, knowledge)
        with using(self._knowledge):
            if index.ruleset != ruleset:
                index = self._index = index.with_ruleset(ruleset)
            self._take_in(index, mine, theirs)
        if (is_new_edition or self._changed > self._records() // CHANGED_IN_PLACE) and not self._is_renewed:
            self._is_renewed = True
            renewal = threading.Thread(
                target=self._renew, args=(index, knowledge, _app()), name="match-renewal", daemon=True
            )
            renewal.start()
        return index

    @staticmethod
    def _take_in(index: MatchIndex, mine: Changes[ProposalFacts], theirs: Changes[InterestFacts]) -> None:
        for asked in mine.put:
            index.put_proposal(asked)
        for offered in theirs.put:
            index.put_interest(offered)
        for gone in mine.removed:
            index.remove_proposal(gone)
        for gone in theirs.removed:
            index.remove_interest(gone)

    def _records(self) -> int:
        return len(self._proposals.facts) + len(self._interests.facts)

    def _is_small(self) -> bool:
        return self._records() <= MEASURED_AS_A_WHOLE_UP_TO

    def _renew(self, old: MatchIndex, knowledge: Knowledge, app: Flask) -> None:
        """Measure a large registry anew while the old index answers, then take its place."""
        try:
            with self._lock:
                mine, theirs = self._in_order(self._proposals), self._in_order(self._interests)
                ruleset, readings, before = old.ruleset, old.readings.branch(), self._knowledge
            if knowledge.digest != before.digest:
                with app.app_context():
                    readings = self._reread(readings, before, knowledge)
            with using(knowledge):
                new = MatchIndex(mine, theirs, ruleset, readings=readings)
                with self._lock:
                    if self._index is not None:
                        self._changed = self._catch_up(new, mine, theirs)
                        self._index, self._knowledge = new, knowledge
        finally:
            self._is_renewed = False

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

    def _catch_up(self, index: MatchIndex, mine: Sequence[ProposalFacts], theirs: Sequence[InterestFacts]) -> int:
        """Take into an index what changed since its facts were listed; return how many records."""
        proposals, interests = {one.id: one for one in mine}, {one.id: one for one in theirs}
        asked = [one for one in self._proposals.facts.values() if proposals.get(one.id) != one]
        offered = [one for one in self._interests.facts.values() if interests.get(one.id) != one]
        for proposal in asked:
            index.put_proposal(proposal)
        for interest in offered:
            index.put_interest(interest)
        closed, ended = proposals.keys() - self._proposals.facts, interests.keys() - self._interests.facts
        for gone in closed:
            index.remove_proposal(gone)
        for gone in ended:
            index.remove_interest(gone)
        return len(asked) + len(offered) + len(closed) + len(ended)

    @staticmethod
    def _in_order(side: ListedSide[Any, Facts]) -> list[Facts]:
        """Return a side's facts by id: the same registry gives the same index, whatever was changed first."""
        return [side.facts[one] for one in sorted(side.facts)]

    def _measured_anew(self, ruleset: Ruleset, knowledge: Knowledge) -> MatchIndex:
        if self._encoder is None:
            self._encoder = self._make_encoder()
        proposals, interests = self._in_order(self._proposals), self._in_order(self._interests)
        with using(knowledge):
            if self._index is None:
                readings = Readings(self._encoder)
                self._recall([*proposals, *interests], readings, knowledge)
            elif knowledge.digest != self._knowledge.digest:
                readings = readings_under(knowledge, self._index.readings, self._knowledge)
                self._stored = set()
            else:
                readings = self._index.readings
            self._index = MatchIndex(proposals, interests, ruleset, self._encoder, readings)
        self._knowledge, self._changed = knowledge, 0
        return self._index

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

    def keep_readings(self, at: datetime) -> int:
        """Write the readings of the pool that are not kept yet and return how many; for use beside requests."""
        with self._lock:
            pool = self._index.readings.pool() if self._index else []
            encoder_version = self._index.readings.encoder_version if self._index else ""
            knowledge = self._knowledge
        new = [(facts, kept) for facts, kept in pool if kept_readings.key_of(facts) not in self._stored]
        with using(knowledge):
            kept_readings.store(new, encoder_version, at)
        self._stored |= {kept_readings.key_of(facts) for facts, _kept in new}
        return len(new)

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
        uses_meaning = current_app.config.get("MATCHES_BY_MEANING", True)
        made = MatchRegistry(packaged_encoder if uses_meaning else lambda: None)
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
            except SQLAlchemyError as fault:
                # The first request for a match builds it then, or says that the database is away.
                log.warning("match index not built ahead: %s", type(fault).__name__)

    thread = threading.Thread(target=build, name="match-index", daemon=True)
    thread.start()
    return thread
