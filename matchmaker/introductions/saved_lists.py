"""Saved lists: a ranking kept with all that it was made from, and made again from exactly that.

What is saved is made in the same way as what is made again: from the pool's facts, measured as a whole. In a registry
that is measured as a whole at each change this is the list on the screen. Facts are kept once, however many lists use
them. A list is in the order of points; the slots that the exposure guarantee reserves are no part of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import ColumnElement, delete, func, or_, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.database import db, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import reads_all
from matchmaker.introductions import vocabularies
from matchmaker.introductions.declined import Effects, effects_on_interests, effects_on_proposals
from matchmaker.introductions.facts import interest_facts, proposal_facts
from matchmaker.introductions.kept_models import FactSnapshot, SavedList
from matchmaker.introductions.models import Introduction
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.stored_facts import Packed, pack, unpack, unpack_interest, unpack_proposal
from matchmaker.matching import vocabulary
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.readings import Readings
from matchmaker.matching.rereading import readings_under
from matchmaker.matching.vocabulary import Knowledge, using
from matchmaker.matching.weights import Ruleset, as_data, from_data
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusals import closed_ids

MOST_KEPT = 30
"""Lists that one organisation, and all of the office together, may keep; those of introductions do not count."""
LARGEST_POOL = 4000
"""Records of both sides; measuring more as a whole takes longer than a person waits."""
PAGE_SIZE = 20
READ_AT_ONCE = 500

_CHANGES = "saved-list-change"
"""The series whose number every change takes first, so that no two count, store or drop facts at once."""


class CannotSave(DomainError):
    """The list cannot be kept; the text says what to do."""


@dataclass(frozen=True, slots=True)
class SavedLine:
    """One line as it was: its parts and what an earlier No took add up to the points."""

    id: str
    points: int
    parts: Mapping[str, int]
    refusals: tuple[str, ...]
    deducted: int = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a list is made from.

    Shapes: ``asked`` may be outside the pool (a draft); ``left_out`` are ids that are never in the list: those of the
    own organisation and those that an earlier No hides; ``deducted`` points by id.
    """

    proposals: tuple[ProposalFacts, ...]
    interests: tuple[InterestFacts, ...]
    asked: ProposalFacts | InterestFacts
    left_out: frozenset[str]
    deducted: Mapping[str, int]
    ruleset: Ruleset
    on: date


@dataclass(frozen=True, slots=True)
class Capture:
    """A list and its inputs, ready to be stored; made before the transaction, because it takes a moment."""

    record: Proposal | Interest
    inputs: Inputs
    lines: tuple[SavedLine, ...]
    knowledge: Mapping[str, str]
    vocabulary: Knowledge


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that is not what it was: its place and points then and now, None where it was or is not in the list."""

    id: str
    before: tuple[int, int] | None
    after: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class MadeAgain:
    """A saved list made again. ``changed_knowledge`` names what the program has learnt otherwise since.

    The vocabulary is that of the list, whatever edition is in force now, unless its tables are lost.
    """

    is_same: bool
    digest: str
    differences: tuple[Difference, ...]
    changed_knowledge: tuple[str, ...]


def capture(record: Proposal | Interest, *, on: date) -> Capture:
    """Make the list of a record as it stands. Errors: CannotSave when the registry is too large to be kept whole."""
    pool = match_registry().pool(on)
    if len(pool.proposals) + len(pool.interests) > LARGEST_POOL:
        raise CannotSave(_("登録の数が多いため、いまは一覧を保存できません。"))
    asked: ProposalFacts | InterestFacts
    effects: Effects
    if isinstance(record, Proposal):
        asked = proposal_facts(record)
        effects = effects_on_interests(record, asked, on)
    else:
        asked = interest_facts(record)
        effects = effects_on_proposals(record, asked, on)
    own = {one for one, owner in pool.owner_of.items() if owner == record.organisation_id}
    hidden = {one for one, effect in effects.items() if effect.is_hidden}
    deducted = {one: effect.points_deducted for one, effect in effects.items() if effect.points_deducted}
    inputs = Inputs(
        tuple(pool.proposals), tuple(pool.interests), asked, frozenset(own | hidden), deducted, pool.ruleset, on
    )
    with using(pool.knowledge):
        lines = tuple(list_from(inputs, pool.readings))
        return Capture(record, inputs, lines, knowledge_of(pool.readings), pool.knowledge)


def list_from(inputs: Inputs, readings: Readings) -> list[SavedLine]:
    """Make a list from its inputs alone: best first, equal points by id, refused ones last.

    The vocabulary is the one in use, under which ``readings`` were made.
    """
    index = MatchIndex(inputs.proposals, inputs.interests, inputs.ruleset, readings=readings)
    asked = inputs.asked
    if isinstance(asked, ProposalFacts):
        ranked = index.rank_interests(asked.id if asked in inputs.proposals else asked, on=inputs.on)
    else:
        ranked = index.rank_proposals(asked.id if asked in inputs.interests else asked, on=inputs.on)
    lines = [
        SavedLine(
            one.id,
            one.points - inputs.deducted.get(one.id, 0),
            {criterion.value: points for criterion, points in one.parts.items()},
            tuple(code.value for code in one.refusals),
            inputs.deducted.get(one.id, 0),
        )
        for one in ranked
        if one.id not in inputs.left_out
    ]
    return sorted(lines, key=lambda line: (bool(line.refusals), -line.points, line.id))


def knowledge_of(readings: Readings) -> dict[str, str]:
    """Return what the program knows beside the inputs: a list can be made again exactly while this is the same."""
    try:
        dictionary = version("sudachidict-small")
    except PackageNotFoundError:
        dictionary = ""
    return {"vocabulary": vocabulary.digest(), "encoder": readings.encoder_version, "dictionary": dictionary}


def save(made: Capture, *, actor: User, at: datetime, introduction: Introduction | None = None) -> SavedList:
    """Keep a list, for the person's organisation or for the office; the very same one is kept once.

    Errors: CannotSave when there are too many.
    """
    next_number(_CHANGES)
    organisation_id = actor.organisation.id if actor.organisation else None
    earlier = _find_equal(made, organisation_id) if introduction is None else None
    if earlier is not None:
        return earlier
    if introduction is None and _count_kept(organisation_id) >= MOST_KEPT:
        raise CannotSave(
            _(
                "保存できる一覧は%(most)d件までです。いらなくなったものを消してから、もう一度保存してください。",
                most=MOST_KEPT,
            )
        )
    inputs = made.inputs
    facts = {packed.digest: packed for packed in map(pack, [*inputs.proposals, *inputs.interests, inputs.asked])}
    known = set(_known_digests(facts))
    db.session.add_all(
        FactSnapshot(digest=one.digest, packed=one.data) for one in facts.values() if one.digest not in known
    )
    db.session.flush()
    vocabularies.keep(made.vocabulary)
    lines = _packed_lines(made.lines)
    is_proposal = isinstance(made.record, Proposal)
    saved = SavedList(
        proposal_id=made.record.id if is_proposal else None,
        interest_id=None if is_proposal else made.record.id,
        organisation_id=organisation_id,
        introduction_id=introduction.id if introduction else None,
        saved_by_id=actor.id,
        saved_at=at,
        on_day=inputs.on,
        ruleset=as_data(inputs.ruleset),
        ruleset_digest=inputs.ruleset.digest,
        knowledge=dict(made.knowledge),
        inputs=_packed_inputs(inputs).data,
        lines=lines.data,
        digest=lines.digest,
    )
    db.session.add(saved)
    db.session.flush()
    if introduction is None:  # a request has its own entry
        audit.record("member:saved-list:save", _subject(saved), actor_id=actor.id, at=at, digest=saved.digest)
    return saved


def remove(saved_id: int, *, actor: User, at: datetime) -> None:
    """Take a list away, and all facts that no other list needs; one that is gone already is no fault.

    Errors: CannotSave for the list of an introduction.
    """
    next_number(_CHANGES)
    saved = db.session.scalar(select(SavedList).where(SavedList.id == saved_id))
    if saved is None:
        return
    if saved.introduction_id is not None:
        raise CannotSave(_("紹介を依頼したときの一覧は、記録として残します。消すことはできません。"))
    needed: set[str] = set()
    for inputs in db.session.scalars(select(SavedList.inputs).where(SavedList.id != saved.id)):
        needed |= _digests_in(inputs)
    gone = sorted(_digests_in(saved.inputs) - needed)
    audit.record("member:saved-list:remove", _subject(saved), actor_id=actor.id, at=at, digest=saved.digest)
    db.session.delete(saved)
    db.session.flush()
    for some in _in_batches(gone):
        db.session.execute(delete(FactSnapshot).where(FactSnapshot.digest.in_(some)))


def lines_of(saved: SavedList) -> list[SavedLine]:
    """Return the list as it was."""
    return [
        SavedLine(one, points, parts, tuple(codes), less) for one, points, parts, codes, less in unpack(saved.lines)
    ]


def make_again(saved: SavedList, *, on: date) -> MadeAgain:
    """Make the list again from what was kept, and compare. ``on``: today, for the readings at hand."""
    pool = match_registry().pool(on)
    knowledge = vocabularies.knowledge_of(saved.knowledge["vocabulary"]) or pool.knowledge
    readings = pool.readings
    if knowledge.digest != pool.knowledge.digest:
        readings = readings_under(knowledge, readings, pool.knowledge)
    with using(knowledge):
        before, after = lines_of(saved), list_from(_inputs_of(saved), readings)
        now = knowledge_of(readings)
    digest = _packed_lines(after).digest
    return MadeAgain(
        is_same=digest == saved.digest,
        digest=digest,
        differences=tuple(_differences(before, after)),
        changed_knowledge=tuple(name for name in now if now[name] != saved.knowledge.get(name)),
    )


def find_for(user: User, saved_id: int) -> SavedList | None:
    """Return a saved list of the person's own organisation, or any for the office."""
    return db.session.scalar(select(SavedList).where(SavedList.id == saved_id, *_readable(user)))


def list_for(user: User, page: int) -> Page[SavedList]:
    """Return a page of the saved lists that the person may read, the newest first."""
    total = db.session.scalar(select(func.count()).select_from(SavedList).where(*_readable(user))) or 0
    rows = db.session.scalars(
        select(SavedList)
        .where(*_readable(user))
        .order_by(SavedList.id.desc())
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    )
    return Page(items=rows.all(), number=page, size=PAGE_SIZE, total=total)


def find_of_introduction(user: User, introduction: Introduction) -> SavedList | None:
    """Return the list that an introduction was asked from, if the person may read it."""
    return db.session.scalar(
        select(SavedList).where(SavedList.introduction_id == introduction.id, *_readable(user)).limit(1)
    )


def may_keep(user: User, record: Proposal | Interest) -> bool:
    """Say whether the person sees the list in full: the office, and organisations that the office has checked."""
    return reads_all(user) or record.organisation.is_verified


def _readable(user: User) -> list[ColumnElement[bool]]:
    if reads_all(user):
        return [or_(SavedList.proposal_id.is_(None), SavedList.proposal_id.not_in(closed_ids(user)))]
    return [SavedList.organisation_id == (user.organisation.id if user.organisation else None)]


def _subject(saved: SavedList) -> str:
    return f"L-{saved.id:04d}"


def _find_equal(made: Capture, organisation_id: int | None) -> SavedList | None:
    is_proposal = isinstance(made.record, Proposal)
    return db.session.scalar(
        select(SavedList)
        .where(
            (SavedList.proposal_id if is_proposal else SavedList.interest_id) == made.record.id,
            _owned_by(organisation_id),
            SavedList.introduction_id.is_(None),
            SavedList.on_day == made.inputs.on,
            SavedList.ruleset_digest == made.inputs.ruleset.digest,
            SavedList.digest == _packed_lines(made.lines).digest,
            SavedList.inputs == _packed_inputs(made.inputs).data,
        )
        .limit(1)
    )


def _owned_by(organisation_id: int | None) -> ColumnElement[bool]:
    return SavedList.organisation_id == organisation_id if organisation_id else SavedList.organisation_id.is_(None)


def _count_kept(organisation_id: int | None) -> int:
    statement = select(func.count()).select_from(SavedList)
    return db.session.scalar(statement.where(_owned_by(organisation_id), SavedList.introduction_id.is_(None))) or 0


def _known_digests(digests: Iterable[str]) -> Iterator[str]:
    for some in _in_batches(sorted(digests)):
        yield from db.session.scalars(select(FactSnapshot.digest).where(FactSnapshot.digest.in_(some)))


def _in_batches(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), READ_AT_ONCE):
        yield values[start : start + READ_AT_ONCE]


def _packed_lines(lines: Sequence[SavedLine]) -> Packed:
    return pack([[one.id, one.points, dict(one.parts), list(one.refusals), one.deducted] for one in lines])


def _packed_inputs(inputs: Inputs) -> Packed:
    return pack(
        {
            "proposals": [pack(one).digest for one in inputs.proposals],
            "interests": [pack(one).digest for one in inputs.interests],
            "asked": pack(inputs.asked).digest,
            "left_out": sorted(inputs.left_out),
            "deducted": dict(inputs.deducted),
        }
    )


def _digests_in(inputs: bytes) -> set[str]:
    kept = unpack(inputs)
    return {*kept["proposals"], *kept["interests"], kept["asked"]}


def _inputs_of(saved: SavedList) -> Inputs:
    kept = unpack(saved.inputs)
    wanted = sorted(_digests_in(saved.inputs))
    packed: dict[str, bytes] = {}
    for some in _in_batches(wanted):
        rows = db.session.execute(select(FactSnapshot.digest, FactSnapshot.packed).where(FactSnapshot.digest.in_(some)))
        packed.update((row[0], row[1]) for row in rows)
    to_asked = unpack_proposal if saved.proposal_id else unpack_interest
    return Inputs(
        proposals=tuple(unpack_proposal(packed[one]) for one in kept["proposals"]),
        interests=tuple(unpack_interest(packed[one]) for one in kept["interests"]),
        asked=to_asked(packed[kept["asked"]]),
        left_out=frozenset(kept["left_out"]),
        deducted=kept["deducted"],
        ruleset=from_data(saved.ruleset),
        on=saved.on_day,
    )


def _differences(before: Sequence[SavedLine], after: Sequence[SavedLine]) -> Iterator[Difference]:
    then = {line.id: (place, line) for place, line in enumerate(before, start=1)}
    now = {line.id: (place, line) for place, line in enumerate(after, start=1)}
    for one in dict.fromkeys([*then, *now]):
        if then.get(one) != now.get(one):
            yield Difference(one, _place_and_points(then.get(one)), _place_and_points(now.get(one)))


def _place_and_points(found: tuple[int, SavedLine] | None) -> tuple[int, int] | None:
    return (found[0], found[1].points) if found else None
