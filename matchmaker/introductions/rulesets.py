"""The editions of the weights: which one is in force, what changed between two, and making a new one."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.introductions.editions import newest_begun
from matchmaker.introductions.kept_models import RulesetVersion
from matchmaker.introductions.sentences import condition_label, criterion_label, level_label
from matchmaker.matching.eligibility import Refusal
from matchmaker.matching.weights import CONTENT_CRITERIA, STANDARD, Criterion, Ruleset, as_data, from_data

BUILT_IN = 1
"""The number of the edition that is part of the program."""


class CannotMakeRuleset(DomainError):
    """The edition cannot be made as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class RulesetChange:
    """One number, or one condition, that differs between two editions, as people read it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition in the history. ``version`` is None for the built-in one."""

    number: int
    ruleset: Ruleset
    changes: tuple[RulesetChange, ...]
    version: RulesetVersion | None


def in_force(on: date) -> Ruleset:
    """Return the ruleset that lists are made with on a day."""
    stored = newest_begun(RulesetVersion.ruleset, on)
    return STANDARD if stored is None else from_data(stored)


def number_in_force(on: date) -> int:
    """Return the number of the edition in force on a day."""
    return newest_begun(RulesetVersion.number, on) or BUILT_IN


def newest() -> RulesetVersion | None:
    """Return the edition made last, in force or not yet; None while there is only the built-in one."""
    return db.session.scalar(select(RulesetVersion).order_by(RulesetVersion.number.desc()).limit(1))


def list_editions() -> list[Edition]:
    """Return all editions, the newest first, each with what it changed."""
    before, editions = STANDARD, [Edition(BUILT_IN, STANDARD, (), None)]
    for version in db.session.scalars(select(RulesetVersion).order_by(RulesetVersion.number)):
        ruleset = from_data(version.ruleset)
        editions.append(Edition(version.number, ruleset, tuple(changes_between(before, ruleset)), version))
        before = ruleset
    return editions[::-1]


def changes_between(old: Ruleset, new: Ruleset) -> list[RulesetChange]:
    """Return what people would call the differences between two rulesets, in the order of the form."""
    pairs = [(criterion_label(one), str(old.weight(one)), str(new.weight(one))) for one in CONTENT_CRITERIA]
    pairs.append((criterion_label(Criterion.ONE_SIDEDNESS), str(old.one_sidedness), str(new.one_sidedness)))
    pairs.append((criterion_label(Criterion.POOL), f"{old.pool_percent}%", f"{new.pool_percent}%"))
    pairs += [
        (_("地域の近さ：%(level)s", level=level_label(name)), f"{getattr(old.levels, name)}%", f"{value}%")
        for name, value in asdict(new.levels).items()
    ]
    pairs += [
        (_("記入がないとき：%(name)s", name=criterion_label(one)), f"{getattr(old.neutral, one)}%", f"{percent}%")
        for one in CONTENT_CRITERIA
        for percent in [getattr(new.neutral, one)]
    ]
    pairs += [(condition_label(one), _switch(one, old), _switch(one, new)) for one in Refusal]
    return [RulesetChange(label, before, after) for label, before, after in pairs if before != after]


def make(
    ruleset: Ruleset, *, reason: str, in_force_from_on: date, base: int, actor: User, at: datetime
) -> RulesetVersion:
    """Add an edition. ``base``: the number that was the newest when its effect was looked at.

    Errors: CannotMakeRuleset when it changes nothing, begins too early, or somebody else was faster.
    """
    number = next_number("ruleset") + BUILT_IN
    last = newest()
    if base != number - 1:
        raise CannotMakeRuleset(
            _(
                "ほかの人が先に新しい重みを作りました。下の表は、その重みとくらべ直したものです。もう一度確認してください。"
            )
        )
    label = f"{day_of(at).year}-{number}"
    edition = replace(ruleset, version=label)
    before = from_data(last.ruleset) if last else STANDARD
    if replace(edition, version=before.version) == before:
        raise CannotMakeRuleset(_("いちばん新しい重みと同じなので、作りませんでした。数を変えてから進んでください。"))
    earliest = max(day_of(at), last.in_force_from_on) if last else day_of(at)
    if in_force_from_on < earliest:
        raise CannotMakeRuleset(
            _("使い始める日は、%(day)s以降にしてください。", day=f"{earliest.year}年{earliest.month}月{earliest.day}日")
        )
    version = RulesetVersion(
        number=number,
        label=label,
        ruleset=as_data(edition),
        digest=edition.digest,
        reason=reason,
        in_force_from_on=in_force_from_on,
        made_by_id=actor.id,
        made_at=at,
    )
    db.session.add(version)
    db.session.flush()
    audit.record(
        "administrator:ruleset:make",
        label,
        actor_id=actor.id,
        at=at,
        digest=edition.digest,
        in_force_from_on=in_force_from_on.isoformat(),
        changes=[f"{one.label}: {one.before} > {one.after}" for one in changes_between(before, edition)],
    )
    return version


def _switch(condition: Refusal, ruleset: Ruleset) -> str:
    return _("使う") if condition in ruleset.hard_conditions else _("使わない")
