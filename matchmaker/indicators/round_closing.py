"""A report round and the ledger of its fiscal year: opened while the year is open, closed in one act."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from matchmaker.accounts.models import User
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators import counting_rules, ledger
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.projects import report_round_pairs, report_round_queries, report_rounds
from matchmaker.projects.models import Project
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer
from matchmaker.projects.report_round_pairs import Pair
from matchmaker.projects.report_rounds import RoundRefused


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What a round has still open, and the figure that closing it now would freeze."""

    silent: Sequence[RoundAnswer]
    unconfirmed: Sequence[RoundAnswer]
    awaiting: Sequence[Project]
    undecided: Sequence[Pair]
    without_form: Sequence[Project]
    value: int

    @property
    def is_clear(self) -> bool:
        return not (self.silent or self.unconfirmed or self.awaiting or self.undecided or self.without_form)


def open_round(fy: int, *, due_on: date, note: str, actor: User, at: datetime) -> ReportRound:
    """Open the round of a fiscal year that is not closed. Errors: RoundRefused."""
    if ledger.is_closed(fy):
        raise RoundRefused(_("%(year)sは、もう確定しています。", year=fiscal_year.label(fy)))
    return report_rounds.open_round(fy, due_on=due_on, note=note, actor=actor, at=at)


def open_matters(report_round: ReportRound) -> OpenMatters:
    """Return what is still open in a round. Stores nothing."""
    fy = report_round.fy
    return OpenMatters(
        silent=[row for row in report_round.answers if row.handed_in_at is None],
        unconfirmed=[row for row in report_round.answers if row.is_unconfirmed],
        awaiting=report_round_queries.list_awaiting(fy),
        undecided=[pair for pair in report_round_pairs.pairs_in(fy) if pair.decision is None],
        without_form=report_round_queries.list_without_form(fy),
        value=sum(one.is_counted for one in ledger.decide(fy, counting_rules.in_force_for(fy))),
    )


def part(
    report_round: ReportRound, pair: Pair, *, seen: tuple[int, int], reason: str, actor: User, at: datetime
) -> list[LedgerSnapshot]:
    """Part two reports that were made one; each closed year of the second is corrected with the reason, in one act.

    Errors: those of ``report_round_pairs.part``.
    """
    report_round_pairs.part(report_round, pair, seen=seen, reason=reason, actor=actor, at=at)
    db.session.flush()
    why = _(
        "%(first)s と %(second)s を分けた：%(reason)s",
        first=pair.first.number,
        second=pair.second.number,
        reason=reason,
    )
    return [
        taken
        for fy in closed_years_of(pair)
        if (taken := ledger.take(fy, actor=actor, at=at, kind=SnapshotKind.CORRECTION, reason=why))
    ]


def closed_years_of(pair: Pair) -> list[int]:
    """Return the closed fiscal years that the second project of a pair meets: parting the two corrects them."""
    if pair.second.starts_on is None or pair.second.ends_on is None:
        return []
    years = fiscal_year.fiscal_years_met(pair.second.starts_on, pair.second.ends_on)
    return [fy for fy in years if ledger.is_closed(fy)]


def may_close_on(report_round: ReportRound, day: date) -> bool:
    """Say whether the fiscal year of a round has ended."""
    return day > fiscal_year.last_day(report_round.fy)


def close(report_round: ReportRound, *, version: int, reason: str, actor: User, at: datetime) -> LedgerSnapshot:
    """Close the round and the fiscal year's ledger: both or neither. With open matters the reason must be said.

    Errors: RoundRefused, EditConflict, YearClosed, SnapshotRefused.
    """
    report_rounds.require_open(report_round)
    if not may_close_on(report_round, day_of(at)):
        raise RoundRefused(
            _("%(year)sは、まだ終わっていません。4月1日から締め切れます。", year=fiscal_year.label(report_round.fy))
        )
    if not reason.strip() and not open_matters(report_round).is_clear:
        raise RoundRefused(_("まだ終わっていないことがあります。このまま締め切る理由を入力してください。"))
    report_rounds.close(report_round, version=version, reason=reason, actor=actor, at=at)
    snapshot = ledger.take(report_round.fy, actor=actor, at=at, kind=SnapshotKind.CLOSING)
    if snapshot is None:
        raise RuntimeError("a closing count is always kept")
    db.session.flush()
    return snapshot
