"""The public presentation: its day, the order of the slots, the clock, the questions and who came."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory.queries import page_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import is_public
from matchmaker.proposals.recusals import open_to
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import steps
from matchmaker.review.presentation_models import (
    Asker,
    PresentationAttendance,
    PresentationDay,
    PresentationQuestion,
    PresentationSlot,
    SlotState,
)
from matchmaker.review.presentation_times import Lengths, drawn, planned_starts
from matchmaker.review.workflow import Action


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What the office states of a day."""

    title: str
    place: str
    starts_at: datetime
    lengths: Lengths
    call_id: int | None = None


@dataclass(frozen=True, slots=True)
class SlotShown:
    """A slot as one reader may know it: without its proposal when it is not public, or when they keep out of it."""

    slot: PresentationSlot
    starts_at: datetime
    is_known: bool

    @property
    def title(self) -> str:
        return self.slot.proposal.title if self.is_known else _("（公開していない提案）")

    @property
    def organisation(self) -> str:
        return self.slot.proposal.organisation.name if self.is_known else ""

    @property
    def questions(self) -> list[PresentationQuestion]:
        return self.slot.questions if self.is_known else []


@dataclass(frozen=True, slots=True)
class Clock:
    """Which clock runs: of which slot, what for, and until when. ``ends_at`` is None while none runs."""

    slot: PresentationSlot | None
    phase: str
    ends_at: datetime | None

    @property
    def mark(self) -> str:
        """Names this state, so that another screen sees that it has changed."""
        return f"{self.slot.id if self.slot else 0}-{self.phase}"


class SlotRefused(DomainError):
    """The slot's state has no such step."""


class OrderStands(DomainError):
    """The presentations have begun."""

    def __init__(self) -> None:
        super().__init__(_("発表が始まっているため、順番は変えられません。"))


class NotDueForPresentation(DomainError):
    """The proposal is not waiting to be presented."""


def lengths_of(day: PresentationDay) -> Lengths:
    """Return how long the parts of each slot are."""
    return Lengths(day.talk_minutes, day.questions_minutes, day.changeover_minutes)


def plan(facts: DayFacts, *, actor: User, at: datetime) -> PresentationDay:
    """Enter a day of presentations; nobody but the office sees it before it is published."""
    day = PresentationDay(call_id=facts.call_id, created_by_id=actor.id, created_at=at)
    _state(day, facts)
    db.session.add(day)
    db.session.flush()
    audit.record("office:presentation-day:plan", _name(day), actor_id=actor.id, at=at)
    return day


def change(day: PresentationDay, facts: DayFacts, *, opened_as: int, actor: User, at: datetime) -> None:
    """Change a day's place, time or lengths. Errors: EditConflict."""
    locked(day)
    if day.version != opened_as:
        raise EditConflict
    _state(day, facts)
    audit.record("office:presentation-day:change", _name(day), actor_id=actor.id, at=at)


def list_due(user: User, day: PresentationDay) -> list[Proposal]:
    """Return the proposals that wait to be presented and have no place on the day, those of its call first."""
    placed = select(PresentationSlot.proposal_id).where(PresentationSlot.day_id == day.id)
    of_call = Proposal.call_id == day.call_id if day.call_id else Proposal.call_id.is_(None)
    return list(
        db.session.scalars(
            select(Proposal)
            .where(Proposal.status == ProposalStatus.SHORTLISTED, Proposal.id.not_in(placed), of_call, open_to(user))
            .order_by(Proposal.number)
        )
    )


def place(day: PresentationDay, proposals: Sequence[Proposal], *, actor: User, at: datetime) -> None:
    """Give proposals their slots, after those that stand. Errors: NotDueForPresentation."""
    locked(day)
    last = max((slot.position for slot in day.slots), default=0)
    placed = {slot.proposal_id for slot in day.slots}
    for position, proposal in enumerate((one for one in proposals if one.id not in placed), start=last + 1):
        locked(proposal)
        if proposal.status is not ProposalStatus.SHORTLISTED:
            raise NotDueForPresentation(
                _(
                    "%(number)s は「%(now)s」なので、発表の枠を作れません。",
                    number=proposal.public_number,
                    now=proposal.status.label,
                )
            )
        day.slots.append(PresentationSlot(proposal_id=proposal.id, position=position))
        audit.record("office:presentation-slot:place", proposal.public_number, actor_id=actor.id, at=at)
    db.session.flush()


def draw_order(day: PresentationDay, *, actor: User, at: datetime) -> None:
    """Draw the order by lot; the record holds the seed, so that the lot can be drawn again. Errors: OrderStands."""
    seed = secrets.randbits(63)
    _require_not_begun(day)
    order = drawn([slot.id for slot in day.slots], seed)
    _put_in_order(day, order)
    audit.record("office:presentation-day:draw", _name(day), actor_id=actor.id, at=at, seed=seed, order=order)


def move(slot: PresentationSlot, *, earlier: bool, actor: User, at: datetime) -> None:
    """Let a slot change places with the one before or after it; at the end of the list nothing changes.

    Errors: OrderStands.
    """
    day = slot.day
    _require_not_begun(day)
    order = [one.id for one in day.slots]
    here = order.index(slot.id)
    there = here - 1 if earlier else here + 1
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
        _put_in_order(day, order)
        audit.record("office:presentation-day:order", _name(day), actor_id=actor.id, at=at, order=order)


def start_talk(slot: PresentationSlot, *, actor: User, at: datetime) -> None:
    """Start the talk's clock. Errors: SlotRefused when the slot is over, another one runs, or the proposal is gone."""
    _locked_planned(slot)
    if slot.talk_started_at is not None:
        return
    if slot.proposal.status not in (ProposalStatus.SHORTLISTED, ProposalStatus.PRESENTED):
        raise SlotRefused(
            _(
                "%(number)s は「%(now)s」なので、発表を始められません。枠を中止にしてください。",
                number=slot.proposal.public_number,
                now=slot.proposal.status.label,
            )
        )
    running = clock_of(slot.day, at).slot
    if running is not None and running.id != slot.id and running.talk_started_at is not None:
        raise SlotRefused(_("ほかの発表が続いています。先に、そちらを終えてください。"))
    slot.talk_started_at = at
    _record("start", slot, actor, at)


def start_questions(slot: PresentationSlot, *, actor: User, at: datetime) -> None:
    """Go over to the questions' clock. Errors: SlotRefused before the talk."""
    _locked_planned(slot)
    if slot.talk_started_at is None:
        raise SlotRefused(_("発表が、まだ始まっていません。"))
    if slot.questions_started_at is None:
        slot.questions_started_at = at
        _record("questions", slot, actor, at)


def start_again(slot: PresentationSlot, *, actor: User, at: datetime) -> None:
    """Set a slot's clocks back, after a button that was pressed by mistake. Errors: SlotRefused when it is over."""
    _locked_planned(slot)
    slot.talk_started_at = slot.questions_started_at = None
    _record("again", slot, actor, at)


def finish(slot: PresentationSlot, *, actor: User, at: datetime) -> None:
    """End a slot as held; its proposal is presented. Errors: SlotRefused."""
    locked(slot.proposal)
    _locked_planned(slot)
    slot.state, slot.ended_at = SlotState.HELD, at
    _record("held", slot, actor, at)
    # Between the slot and its end the proposer may have withdrawn; the talk was held all the same.
    if slot.proposal.status is ProposalStatus.SHORTLISTED:
        present(slot.proposal, actor=actor, at=at)


def finish_all(day: PresentationDay, *, actor: User, at: datetime) -> int:
    """End all slots that are still planned as held, at once; return how many."""
    locked(day)
    planned = [slot for slot in day.slots if slot.state is SlotState.PLANNED]
    for slot in planned:
        finish(slot, actor=actor, at=at)
    return len(planned)


def drop(slot: PresentationSlot, state: SlotState, *, reason: str, actor: User, at: datetime) -> None:
    """State that a slot was not held: the presenters did not come, or it was cancelled. The proposal stays where it is.

    Errors: SlotRefused, steps.ReasonNeeded; ValueError for a state that is no such end.
    """
    if state not in (SlotState.NO_SHOW, SlotState.CANCELLED):
        raise ValueError(f"{state.value} is no way in which a slot is dropped")
    _locked_planned(slot)
    if not reason.strip():
        raise steps.ReasonNeeded
    slot.state, slot.reason = state, reason
    slot.talk_started_at = slot.questions_started_at = None
    _record(state.value, slot, actor, at)


def present(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Record that a proposal was presented. Errors: steps.StepRefused."""
    locked(proposal)
    steps.take(proposal, steps.allowed(proposal, Action.PRESENT, actor), actor=actor, at=at)


def note_question(
    slot: PresentationSlot, *, asked_by: Asker, asker: str, question: str, answer: str, actor: User, at: datetime
) -> PresentationQuestion:
    """Write a question and its answer down. Of people on the floor no name is kept."""
    locked(slot)
    row = PresentationQuestion(
        slot_id=slot.id,
        asked_by=asked_by,
        asker="" if asked_by is Asker.FLOOR else asker,
        question=question,
        answer=answer,
        recorded_by_id=actor.id,
        recorded_at=at,
    )
    db.session.add(row)
    db.session.flush()
    _record("question", slot, actor, at)
    return row


def drop_question(slot: PresentationSlot, question: PresentationQuestion, *, actor: User, at: datetime) -> None:
    """Take a question out that was written down by mistake. Errors: SlotRefused after the release."""
    locked(slot.day)
    if slot.day.questions_released_at is not None:
        raise SlotRefused(_("公開ずみの質疑は消せません。訂正は、新しい行として書いてください。"))
    db.session.delete(question)
    db.session.flush()
    _record("question-drop", slot, actor, at)


def note_attendance(day: PresentationDay, division_id: int, people: int, *, actor: User, at: datetime) -> None:
    """State how many people of a division came; stating it again corrects it, zero takes it out."""
    locked(day)
    row = next((one for one in day.attendances if one.division_id == division_id), None)
    if people == 0 and row is not None:
        day.attendances.remove(row)
    elif row is not None:
        row.people = people
    elif people:
        day.attendances.append(PresentationAttendance(division_id=division_id, people=people))
    db.session.flush()
    audit.record(
        "office:presentation-day:attendance", _name(day), actor_id=actor.id, at=at, division=division_id, people=people
    )


def publish(day: PresentationDay, *, actor: User, at: datetime) -> None:
    """Show the programme to everybody; a second time changes nothing."""
    locked(day)
    if day.published_at is None:
        day.published_at = at
        audit.record("office:presentation-day:publish", _name(day), actor_id=actor.id, at=at)


def release_questions(day: PresentationDay, *, actor: User, at: datetime) -> None:
    """Show questions and answers to everybody. Errors: SlotRefused before the programme is public."""
    locked(day)
    if day.published_at is None:
        raise SlotRefused(_("先に、プログラムを公開してください。"))
    if day.questions_released_at is None:
        day.questions_released_at = at
        audit.record("office:presentation-day:release-questions", _name(day), actor_id=actor.id, at=at)


def clock_of(day: PresentationDay, at: datetime) -> Clock:
    """Return the clock of the day: of the slot that runs, else of the next one planned."""
    planned = [slot for slot in day.slots if slot.state is SlotState.PLANNED]
    running = next((slot for slot in planned if slot.talk_started_at is not None), None)
    if running is None:
        return Clock(planned[0] if planned else None, "waiting" if planned else "over", None)
    if running.questions_started_at is not None:
        return Clock(running, "questions", running.questions_started_at + timedelta(minutes=day.questions_minutes))
    started = running.talk_started_at or at
    return Clock(running, "talk", started + timedelta(minutes=day.talk_minutes))


def programme(day: PresentationDay) -> list[SlotShown]:
    """Return the day's slots as everybody may know them."""
    return _shown(day, is_public)


def programme_for(user: User, day: PresentationDay) -> list[SlotShown]:
    """Return the day's slots as the office knows them; what the person keeps out of stays closed."""
    ids = [slot.proposal_id for slot in day.slots]
    known = set(db.session.scalars(select(Proposal.id).where(Proposal.id.in_(ids), open_to(user))))
    return _shown(day, lambda proposal: proposal.id in known)


def find_day(day_id: int, *, is_office: bool) -> PresentationDay | None:
    """Return a day: any to the office, a published one to everybody."""
    day = db.session.get(PresentationDay, day_id)
    return day if day is not None and (is_office or day.published_at is not None) else None


def list_days(*, is_office: bool, page: int) -> Page[PresentationDay]:
    """Return a page of the days, the latest first."""
    statement = select(PresentationDay).order_by(PresentationDay.starts_at.desc(), PresentationDay.id.desc())
    if not is_office:
        statement = statement.where(PresentationDay.published_at.is_not(None))
    return page_of(statement, page)


def list_slots_of(proposal: Proposal) -> list[PresentationSlot]:
    """Return a proposal's slots, the newest first."""
    return list(
        db.session.scalars(
            select(PresentationSlot)
            .where(PresentationSlot.proposal_id == proposal.id)
            .order_by(PresentationSlot.id.desc())
        )
    )


def _shown(day: PresentationDay, knows: Callable[[Proposal], bool]) -> list[SlotShown]:
    happens = [slot.state in (SlotState.PLANNED, SlotState.HELD) for slot in day.slots]
    starts = planned_starts(day.starts_at, lengths_of(day), happens)
    return [SlotShown(slot, start, knows(slot.proposal)) for slot, start in zip(day.slots, starts, strict=True)]


def _state(day: PresentationDay, facts: DayFacts) -> None:
    day.title, day.place, day.starts_at = facts.title, facts.place, facts.starts_at
    day.talk_minutes, day.questions_minutes = facts.lengths.talk, facts.lengths.questions
    day.changeover_minutes = facts.lengths.changeover


def _require_not_begun(day: PresentationDay) -> None:
    locked(day)
    if any(slot.talk_started_at is not None or slot.ended_at is not None for slot in day.slots):
        raise OrderStands


def _put_in_order(day: PresentationDay, order: Sequence[int]) -> None:
    for slot in day.slots:
        slot.position = order.index(slot.id) + 1
    db.session.flush()
    db.session.expire(day, ["slots"])


def _locked_planned(slot: PresentationSlot) -> None:
    locked(slot)
    if slot.state is not SlotState.PLANNED:
        raise SlotRefused(_("この枠は「%(state)s」なので、いまは操作できません。", state=slot.state.label))


def _record(what: str, slot: PresentationSlot, actor: User, at: datetime) -> None:
    audit.record(f"office:presentation-slot:{what}", slot.proposal.public_number, actor_id=actor.id, at=at)


def _name(day: PresentationDay) -> str:
    return f"presentation day {day.id}"
