"""Write calls (募集): drafted, published before they open, changed with a reason that everybody can read, cancelled.

Every function runs inside the caller's transaction.
"""

from datetime import date, datetime

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import code
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import division_names
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review.call_facts import (
    FROZEN_ONCE_OPEN,
    CallFacts,
    CriterionFacts,
    StageFacts,
    ThemeFacts,
    closing_of,
    dates_out_of_order,
    in_words,
    missing_to_publish,
    moved_a_year,
    opening_of,
)
from matchmaker.review.call_models import Call, CallCriterion, CallEdition, CallPhase, CallStage, CallTheme
from matchmaker.review.steps import members_of

_PLAIN = ("title", "aim", "eligibility", "publication_rules", "accepts_free_theme", "consultation_from_on")
_NUMBERS = ("grace_minutes", "pass_percent")
_UNDER_WAY = (ProposalStatus.WITHDRAWN, ProposalStatus.INELIGIBLE)


class CallNotReady(DomainError):
    """A call lacks what people must know before it opens; ``missing`` names each."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__(_("公表するには、次のことが必要です：%(missing)s", missing="、".join(missing)))


class Frozen(DomainError):
    """People can submit already: what they wrote for stays."""


class CallIsOver(DomainError):
    """A cancelled or finished call is a record."""


class ThemeChosen(DomainError):
    """Somebody's draft answers a theme that would be taken out."""


class ChangeNeedsReason(DomainError):
    """Everybody may read why a published call was changed."""

    def __init__(self) -> None:
        super().__init__(_("公表した募集を変えるには、変える理由を入力してください。理由は、だれでも読めます。"))


class DatesOutOfOrder(DomainError):
    """The days of a call do not follow each other."""


def facts_of(call: Call) -> CallFacts:
    """Return what a call says."""
    return CallFacts(
        **{name: getattr(call, name) for name in (*_PLAIN, *_NUMBERS)},
        opens_on=day_of(call.opens_at),
        closes_on=day_of(call.closes_at),
        themes=tuple(ThemeFacts(row.number, row.division_id, row.title, row.issue, row.wish) for row in call.themes),
        stages=tuple(StageFacts(row.kind, row.held_on, row.place) for row in call.stages),
        criteria=tuple(
            CriterionFacts(row.name, row.description, row.weight, row.least_score, row.most_score)
            for row in call.criteria
        ),
    )


def draft(facts: CallFacts, *, fiscal_year: int, actor: User, at: datetime, copied_from: Call | None = None) -> Call:
    """Begin a call of a fiscal year; nobody but the office sees it. Errors: DatesOutOfOrder."""
    _require_order(facts)
    call = Call(
        number=f"{code(fiscal_year)}-C{next_number(f'call-{fiscal_year}')}",
        fiscal_year_fy=fiscal_year,
        copied_from_id=copied_from.id if copied_from else None,
        created_by_id=actor.id,
        created_at=at,
    )
    _write(call, facts)
    db.session.add(call)
    db.session.flush()
    audit.record("office:call:draft", call.number, actor_id=actor.id, at=at)
    return call


def copy(call: Call, *, actor: User, at: datetime) -> Call:
    """Begin the call of the following year from this one: every day a year later."""
    facts = moved_a_year(facts_of(call))
    return draft(facts, fiscal_year=call.fiscal_year_fy + 1, actor=actor, at=at, copied_from=call)


def change(call: Call, facts: CallFacts, *, version: int, reason: str, actor: User, at: datetime) -> None:
    """Store a changed call; of a published one with the reason, as a new edition, told to those who write for it.

    Errors: EditConflict, DatesOutOfOrder, CallIsOver, Frozen, ThemeChosen, ChangeNeedsReason.
    """
    locked(call)
    if call.version != version:
        raise EditConflict
    before = facts_of(call)
    if before == facts:
        return
    _require_order(facts)
    _require_changeable(call, before, facts, at)
    is_published = call.published_at is not None
    if is_published and not reason.strip():
        raise ChangeNeedsReason
    if is_published and (missing := missing_to_publish(facts, on=date.min)):
        raise CallNotReady(missing)
    _keep_chosen_themes(call, facts)
    _write(call, facts)
    db.session.flush()
    if is_published:
        _add_edition(call, reason, actor, at)
        _tell(call, "call_changed", at=at, reason=reason)
    audit.record("office:call:change", call.number, actor_id=actor.id, at=at, is_published=is_published)


def publish(call: Call, *, actor: User, at: datetime) -> None:
    """Show a call to everybody, before it opens. Errors: CallIsOver, CallNotReady."""
    locked(call)
    if call.cancelled_at is not None:
        raise CallIsOver(_("中止した募集は、公表できません。"))
    if call.published_at is not None:
        return
    missing = missing_to_publish(facts_of(call), on=day_of(at))
    if missing:
        raise CallNotReady(missing)
    call.published_at = at
    db.session.flush()
    _add_edition(call, "", actor, at)
    audit.record("office:call:publish", call.number, actor_id=actor.id, at=at)


def cancel(call: Call, *, reason: str, actor: User, at: datetime) -> None:
    """End a call. Drafts written for it go on as standing proposals; what was submitted stays under review.

    Errors: CallIsOver, ChangeNeedsReason.
    """
    locked(call)
    if call.phase(at) in (CallPhase.CANCELLED, CallPhase.CLOSED):
        raise CallIsOver(_("終わった募集や中止した募集は、中止できません。"))
    if not reason.strip():
        raise ChangeNeedsReason
    call.cancelled_at, call.cancel_reason = at, reason
    _tell(call, "call_cancelled", at=at, reason=reason)
    drafts = select(Proposal).where(Proposal.call_id == call.id, Proposal.status == ProposalStatus.DRAFT)
    for proposal in db.session.scalars(drafts).all():
        proposal.theme_id = proposal.call_id = None
    db.session.flush()
    audit.record("office:call:cancel", call.number, actor_id=actor.id, at=at)


def _require_order(facts: CallFacts) -> None:
    wrong = dates_out_of_order(facts)
    if wrong:
        raise DatesOutOfOrder("。".join([*wrong.values(), ""]))


def _require_changeable(call: Call, before: CallFacts, facts: CallFacts, at: datetime) -> None:
    phase = call.phase(at)
    if phase is CallPhase.CANCELLED:
        raise CallIsOver(_("中止した募集は、変えられません。"))
    if phase is CallPhase.COMING and opening_of(facts.opens_on) <= at:
        raise Frozen(_("募集を始める日は、明日よりあとの日にしてください。"))
    if phase not in (CallPhase.OPEN, CallPhase.CLOSED):
        return
    frozen = [label for name, label in FROZEN_ONCE_OPEN.items() if getattr(before, name) != getattr(facts, name)]
    if frozen:
        raise Frozen(
            _("募集を始めたあとは、次のことは変えられません：%(frozen)s。", frozen="、".join(frozen)),
        )
    ends = (facts.closes_on, facts.grace_minutes)
    if phase is CallPhase.CLOSED and ends != (before.closes_on, before.grace_minutes):
        raise Frozen(_("締め切りを過ぎた募集の締め切りは、変えられません。"))
    if facts.closes_on < before.closes_on or (
        facts.closes_on == before.closes_on and facts.grace_minutes < before.grace_minutes
    ):
        raise Frozen(_("募集を始めたあとは、締め切りを早めることはできません。"))


def _keep_chosen_themes(call: Call, facts: CallFacts) -> None:
    kept = {theme.number for theme in facts.themes}
    gone = [row for row in call.themes if row.number not in kept]
    if not gone:
        return
    chosen = select(CallTheme.title).where(
        CallTheme.id.in_([row.id for row in gone]), CallTheme.id.in_(select(Proposal.theme_id).distinct())
    )
    titles = list(db.session.scalars(chosen))
    if titles:
        raise ThemeChosen(
            _("次のテーマは、すでに選んだ下書きがあるため、なくせません：%(titles)s。", titles="、".join(titles))
        )


def _write(call: Call, facts: CallFacts) -> None:
    for name in (*_PLAIN, *_NUMBERS):
        setattr(call, name, getattr(facts, name))
    call.opens_at, call.closes_at = opening_of(facts.opens_on), closing_of(facts.closes_on)
    with db.session.no_autoflush:
        _write_themes(call, facts)
        _write_stages(call, facts)
        _write_criteria(call, facts)


def _write_themes(call: Call, facts: CallFacts) -> None:
    kept = {row.number: row for row in call.themes}
    rows = []
    for theme in facts.themes:
        row = kept.get(theme.number) or CallTheme(number=f"T-{next_number('theme'):04d}")
        row.division_id, row.title, row.issue, row.wish = theme.division_id, theme.title, theme.issue, theme.wish
        rows.append(row)
    call.themes = rows


def _write_stages(call: Call, facts: CallFacts) -> None:
    kept = {row.kind: row for row in call.stages}
    rows = []
    for stage in facts.stages:
        row = kept.get(stage.kind) or CallStage(kind=stage.kind)
        row.held_on, row.place = stage.held_on, stage.place
        rows.append(row)
    call.stages = rows


def _write_criteria(call: Call, facts: CallFacts) -> None:
    """Rows are reused by their position: a score sheet names a criterion by its row."""
    rows = [*call.criteria, *(CallCriterion() for _ in facts.criteria)][: len(facts.criteria)]
    for position, (row, wanted) in enumerate(zip(rows, facts.criteria, strict=True), start=1):
        row.position, row.name, row.description = position, wanted.name, wanted.description
        row.weight, row.least_score, row.most_score = wanted.weight, wanted.least_score, wanted.most_score
    call.criteria = rows


def _add_edition(call: Call, reason: str, actor: User, at: datetime) -> None:
    last = db.session.scalar(select(func.max(CallEdition.number)).where(CallEdition.call_id == call.id)) or 0
    words = [list(pair) for pair in in_words(facts_of(call), division_names())]
    db.session.add(
        CallEdition(call_id=call.id, number=last + 1, content=words, reason=reason, saved_at=at, saved_by_id=actor.id)
    )
    db.session.flush()


def _tell(call: Call, kind: str, *, at: datetime, reason: str) -> None:
    """Queue one mail to each member of an organisation that writes for the call or has submitted to it."""
    if call.published_at is None:
        return
    writing = (
        select(Proposal.organisation_id)
        .where(Proposal.call_id == call.id, Proposal.status.not_in(_UNDER_WAY))
        .distinct()
        .order_by(Proposal.organisation_id)
    )
    for organisation_id in db.session.scalars(writing).all():
        for person in members_of(organisation_id):
            notices.tell(person, kind, at=at, call=call, reason=reason)
