"""The editions of the counting rule: which one counts a fiscal year, and making a new one with two people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators.counting import RULE_V1, CountingRule, as_data, from_data
from matchmaker.indicators.ledger_models import CountingRuleEdition, LedgerSnapshot
from matchmaker.indicators.snapshots import SnapshotKind


class RuleRefused(DomainError):
    """The rule cannot be drafted or adopted as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What one project's decision becomes under another rule."""

    project_number: str
    title: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which projects of a fiscal year enter and leave under a changed rule, and the two figures."""

    fy: int
    before: int
    after: int
    enters: Sequence[RuleChange]
    leaves: Sequence[RuleChange]


def in_force_for(fy: int, *, as_of: datetime | None = None) -> CountingRule:
    """Return the rule that counts a fiscal year: the newest adopted edition that reaches back to it.

    ``as_of``: the one that did so at a moment.
    """
    where = CountingRuleEdition.adopted_at.is_not(None) if as_of is None else CountingRuleEdition.adopted_at <= as_of
    row = db.session.execute(
        select(CountingRuleEdition.rule)
        .where(where, CountingRuleEdition.in_force_from_fy <= fy)
        .order_by(CountingRuleEdition.version.desc())
        .limit(1)
    ).one_or_none()
    return from_data(row[0]) if row else RULE_V1


def list_editions() -> Sequence[CountingRuleEdition]:
    """Return the editions after the built-in first, newest first."""
    return db.session.scalars(select(CountingRuleEdition).order_by(CountingRuleEdition.version.desc())).all()


def list_waiting(*where: ColumnElement[bool]) -> Sequence[CountingRuleEdition]:
    """Return the drafts that wait for adoption."""
    query = select(CountingRuleEdition).where(_is_waiting(), *where).order_by(CountingRuleEdition.version)
    return db.session.scalars(query.options(joinedload(CountingRuleEdition.drafted_by))).all()


def find_edition(version: int) -> CountingRuleEdition | None:
    """Return an edition by its version."""
    return db.session.scalar(select(CountingRuleEdition).where(CountingRuleEdition.version == version))


def draft(rule: CountingRule, *, from_fy: int, reason: str, actor: User, at: datetime) -> CountingRuleEdition:
    """Put a changed rule up for adoption by somebody else. ``rule.version`` is ignored. Errors: RuleRefused."""
    next_number("counting-rule")  # one draft at a time: two equal clicks become one edition
    if not rule.forms:
        raise RuleRefused(_("数える協働の形態を、1つ以上選んでください。"))
    if not reason.strip():
        raise RuleRefused(_("数え方を変える理由を入力してください。"))
    _require_open_years(from_fy)
    if waiting := list_waiting():
        raise RuleRefused(
            _(
                "第%(version)s版の案が、採用を待っています。先にそれを採用するか、取りやめてください。",
                version=waiting[0].version,
            )
        )
    if replace(rule, version=0) == replace(in_force_for(from_fy), version=0):
        raise RuleRefused(_("いまの数え方と同じです。変えるところがありません。"))
    newest = db.session.scalar(select(func.max(CountingRuleEdition.version))) or RULE_V1.version
    edition = CountingRuleEdition(
        version=newest + 1,
        rule=as_data(replace(rule, version=newest + 1)),
        in_force_from_fy=from_fy,
        reason=reason,
        drafted_by_id=actor.id,
        drafted_at=at,
    )
    db.session.add(edition)
    db.session.flush()
    audit.record("office:counting-rule:draft", str(edition.version), actor_id=actor.id, at=at, from_fy=from_fy)
    return edition


def adopt(edition: CountingRuleEdition, *, actor: User, at: datetime) -> None:
    """Let a drafted rule count from its fiscal year on. Errors: RuleRefused, also for its own drafter."""
    locked(edition)
    _require_waiting(edition)
    if edition.drafted_by_id == actor.id:
        raise RuleRefused(
            _("案を作った人は、採用できません。ほかの人に採用を頼んでください（2人で決める決まりです）。")
        )
    _require_open_years(edition.in_force_from_fy)
    edition.adopted_by_id, edition.adopted_at = actor.id, at
    audit.record("approver:counting-rule:adopt", str(edition.version), actor_id=actor.id, at=at)


def drop(edition: CountingRuleEdition, *, actor: User, at: datetime) -> None:
    """Give a drafted rule up; it stays on record. Errors: RuleRefused."""
    locked(edition)
    _require_waiting(edition)
    edition.dropped_at = at
    audit.record("office:counting-rule:drop", str(edition.version), actor_id=actor.id, at=at)


def _is_waiting() -> ColumnElement[bool]:
    return and_(CountingRuleEdition.adopted_at.is_(None), CountingRuleEdition.dropped_at.is_(None))


def _require_waiting(edition: CountingRuleEdition) -> None:
    if edition.adopted_at is not None or edition.dropped_at is not None:
        raise RuleRefused(_("この案は、もう採用されたか、取りやめられました。画面を開き直してください。"))


def _require_open_years(from_fy: int) -> None:
    last_closed = db.session.scalar(
        select(func.max(LedgerSnapshot.fy)).where(LedgerSnapshot.kind == SnapshotKind.CLOSING)
    )
    if last_closed is not None and from_fy <= last_closed:
        raise RuleRefused(
            _(
                "%(year)sまでは確定しているので、数え方は%(next)sからしか変えられません。",
                year=fiscal_year.label(last_closed),
                next=fiscal_year.label(last_closed + 1),
            )
        )
