"""Count a fiscal year and keep the count. Every function runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, insert, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, next_number
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators import counting_rules
from matchmaker.indicators.counting import CountingRule, as_data, judge
from matchmaker.indicators.counting_rules import Comparison, RuleChange
from matchmaker.indicators.facts import facts_of
from matchmaker.indicators.ledger_models import CountDecision, LedgerSnapshot
from matchmaker.indicators.reasons import sentences_of
from matchmaker.indicators.snapshots import Decision, SnapshotKind, digest
from matchmaker.projects import queries as projects
from matchmaker.projects import report_round_queries, states
from matchmaker.projects.states import Recorded


class YearClosed(DomainError):
    """The fiscal year was closed: only a correction with its reason can change its figure."""

    def __init__(self, fy: int) -> None:
        super().__init__(
            _(
                "%(year)sは、もう確定しています。数を直すときは、理由を書いて訂正してください。",
                year=fiscal_year.label(fy),
            )
        )


class SnapshotRefused(DomainError):
    """The snapshot cannot be taken as asked; the text says why."""


def take(
    fy: int,
    *,
    actor: User | None,
    at: datetime,
    kind: SnapshotKind = SnapshotKind.INTERIM,
    reason: str = "",
    as_of: datetime | None = None,
) -> LedgerSnapshot | None:
    """Count a fiscal year and keep it; None when an interim count gives nothing but the one before its moment.

    ``as_of`` counts what was on record at that moment, by the rule that held then; the note says what nobody kept.
    Errors: YearClosed, SnapshotRefused.
    """
    next_number(f"ledger-{fy}")  # one person at a time counts a year, so that the second of two closings sees the first
    _require_possible(fy, kind, reason, at)
    moment = as_of or at
    before = latest(fy, until=moment)
    if moment > at:
        raise SnapshotRefused(_("これから先の時点では、数えられません。"))
    rule = counting_rules.in_force_for(fy, as_of=as_of)
    decisions, note = (decide(fy, rule), "") if as_of is None else _decide_then(fy, rule, as_of)
    if kind is SnapshotKind.INTERIM and before is not None and _is_same(before, rule, decisions):
        return None
    snapshot = LedgerSnapshot(
        fy=fy,
        edition=1 + (db.session.scalar(select(func.max(LedgerSnapshot.edition)).where(LedgerSnapshot.fy == fy)) or 0),
        kind=kind,
        as_of=moment,
        taken_at=at,
        taken_by_id=actor.id if actor else None,
        reason=reason,
        note=note,
        rule=as_data(rule),
        value=sum(one.is_counted for one in decisions),
        digest=digest(fy, moment, as_data(rule), decisions),
    )
    db.session.add(snapshot)
    db.session.flush()
    if decisions:
        rows = [{"snapshot_id": snapshot.id, "position": place, **asdict(one)} for place, one in enumerate(decisions)]
        db.session.execute(insert(CountDecision), rows)
    audit.record(
        f"{'office' if actor else 'system'}:ledger:{kind.value}",
        f"{fiscal_year.code(fy)}-{snapshot.edition}",
        actor_id=actor.id if actor else None,
        at=at,
        value=snapshot.value,
        digest=snapshot.digest,
        **({"note": note} if note else {}),
    )
    return snapshot


def take_open_years(*, actor: User | None, at: datetime) -> list[LedgerSnapshot]:
    """Count every fiscal year that has confirmed projects and is not closed; return what was new."""
    closed = set(db.session.scalars(select(LedgerSnapshot.fy).where(LedgerSnapshot.kind == SnapshotKind.CLOSING)))
    years = set(projects.list_fiscal_years()) | {fiscal_year.fiscal_year_of(day_of(at))}
    taken = [take(fy, actor=actor, at=at) for fy in sorted(years - closed)]
    return [snapshot for snapshot in taken if snapshot is not None]


def decide(fy: int, rule: CountingRule) -> list[Decision]:
    """Return the decision on every confirmed project of a fiscal year, by number. Stores nothing."""
    return [_decision(states.recorded_of(project), fy, rule) for project in projects.list_confirmed_meeting(fy)]


def latest(fy: int, *, until: datetime | None = None) -> LedgerSnapshot | None:
    """Return the snapshot of a fiscal year that counts the latest moment, or the latest one until another."""
    query = select(LedgerSnapshot).where(LedgerSnapshot.fy == fy)
    if until is not None:
        query = query.where(LedgerSnapshot.as_of <= until)
    return db.session.scalar(query.order_by(LedgerSnapshot.as_of.desc(), LedgerSnapshot.edition.desc()).limit(1))


def is_closed(fy: int) -> bool:
    """Say whether a fiscal year was closed."""
    query = select(func.count()).select_from(LedgerSnapshot)
    return bool(db.session.scalar(query.where(LedgerSnapshot.fy == fy, LedgerSnapshot.kind == SnapshotKind.CLOSING)))


def stored_decisions(snapshot: LedgerSnapshot) -> list[Decision]:
    """Return the decisions of a snapshot as they were stored, in their order."""
    names = Decision.__slots__
    rows = db.session.execute(
        select(*(getattr(CountDecision, name) for name in names))
        .where(CountDecision.snapshot_id == snapshot.id)
        .order_by(CountDecision.position)
    )
    return [Decision(*row) for row in rows]


def has_changed_since(snapshot: LedgerSnapshot) -> bool:
    """Say whether counting the year again now would give anything else."""
    rule = counting_rules.in_force_for(snapshot.fy)
    return not _is_same(snapshot, rule, decide(snapshot.fy, rule))


def compare(fy: int, changed: CountingRule) -> Comparison:
    """Return which projects of a fiscal year would enter and leave under a changed rule. Stores nothing."""
    now = {one.project_id: one for one in decide(fy, counting_rules.in_force_for(fy))}
    then = decide(fy, changed)
    return Comparison(
        fy=fy,
        before=sum(one.is_counted for one in now.values()),
        after=sum(one.is_counted for one in then),
        enters=[_change(one) for one in then if one.is_counted and not now[one.project_id].is_counted],
        leaves=[_change(one) for one in then if not one.is_counted and now[one.project_id].is_counted],
    )


def _change(decision: Decision) -> RuleChange:
    return RuleChange(decision.project_number, decision.title, decision.reasons)


def faults_of(snapshot: LedgerSnapshot) -> list[str]:
    """Return what does not hold of a stored snapshot: its digest, and that its figure is its number of members."""
    decisions = stored_decisions(snapshot)
    faults = []
    if digest(snapshot.fy, snapshot.as_of, snapshot.rule, decisions) != snapshot.digest:
        faults.append("the digest does not match the stored rows")
    counted = sum(one.is_counted for one in decisions)
    if counted != snapshot.value:
        faults.append(f"the figure says {snapshot.value}, the members are {counted}")
    return faults


def _require_possible(fy: int, kind: SnapshotKind, reason: str, at: datetime) -> None:
    closed = is_closed(fy)
    if kind is SnapshotKind.CORRECTION:
        if not closed:
            raise SnapshotRefused(_("まだ確定していない年度は、訂正ではなく、もう一度数えてください。"))
        if not reason.strip():
            raise SnapshotRefused(_("訂正の理由を入力してください。"))
        return
    if closed:
        raise YearClosed(fy)
    if kind is SnapshotKind.CLOSING and report_round_queries.is_open(fy):
        raise SnapshotRefused(
            _(
                "%(year)sの取りまとめがまだ開いています。「事業の報告」の「年度の取りまとめ」から、いっしょに締め切ってください。",
                year=fiscal_year.label(fy),
            )
        )
    if kind is SnapshotKind.CLOSING and day_of(at) <= fiscal_year.last_day(fy):
        raise SnapshotRefused(
            _("%(year)sは、まだ終わっていません。年度の確定は、4月1日からできます。", year=fiscal_year.label(fy))
        )


def _is_same(before: LedgerSnapshot, rule: CountingRule, decisions: Sequence[Decision]) -> bool:
    return before.rule == as_data(rule) and stored_decisions(before) == list(decisions)


def _decide_then(fy: int, rule: CountingRule, as_of: datetime) -> tuple[list[Decision], str]:
    """As ``decide``, of what was on record at a moment; and a note on what nobody kept, "" where all was kept."""
    then = states.then(as_of)
    found = [one for one in then.projects if _is_confirmed_meeting(one, fy)]
    unknown = [one.number for one in found if one.project_id in then.without_history]
    notes = []
    if unknown:
        notes.append(
            _(
                "次の事業は、この時点の記録の履歴がありません。残っているいちばん古い内容で数えました：%(numbers)s",
                numbers="、".join(unknown),
            )
        )
    if rule.excluded_npos:
        notes.append(_("団体の種類（法人格）は履歴がないため、数えた日のもので判断しました。"))
    return [_decision(one, fy, rule) for one in found], "\n".join(notes)


def _is_confirmed_meeting(project: Recorded, fy: int) -> bool:
    """What ``projects.list_confirmed_meeting`` asks for."""
    if project.confirmed_at is None or project.form is None or project.starts_on is None or project.ends_on is None:
        return False
    return project.starts_on <= fiscal_year.last_day(fy) and project.ends_on >= fiscal_year.first_day(fy)


def _decision(project: Recorded, fy: int, rule: CountingRule) -> Decision:
    verdict = judge(facts_of(project), fy, rule)
    if project.starts_on is None or project.ends_on is None:
        raise ValueError(f"{project.number} has no period")  # the query asks for projects with one
    return Decision(
        project_id=project.project_id,
        project_number=project.number,
        title=project.title,
        form=project.form.value if project.form else "",
        parties="、".join(partner.name for partner in project.partners),
        divisions="、".join(project.divisions),
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        is_counted=verdict.is_counted,
        obstacles=" ".join(obstacle.value for obstacle in verdict.obstacles),
        reasons="\n".join(sentences_of(project, verdict)),
    )
