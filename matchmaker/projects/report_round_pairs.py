"""Reports that look alike: found by plain comparison, decided by the office."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import select

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects.events import FactMissing, note
from matchmaker.projects.lifecycle import allowed
from matchmaker.projects.models import Project, ProjectPartner
from matchmaker.projects.parties import tell
from matchmaker.projects.report_round_models import PairDecision, ReportRound
from matchmaker.projects.report_round_terms import PairVerdict, RoundAction
from matchmaker.projects.report_rounds import RoundRefused, note_event, require_open
from matchmaker.projects.service import search_text_of
from matchmaker.projects.status import ProjectAction, ProjectStatus

MOST_IN_A_GROUP = 20
"""A name that more projects share than this says nothing of two of them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two projects of one year that could be the same; the one reported first is kept when they are."""

    first: Project
    second: Project
    alike: Sequence[str]
    decision: PairDecision | None = None

    @property
    def key(self) -> str:
        """The pair's name in addresses: "R7-P001.R7-P004"."""
        return f"{self.first.number}.{self.second.number}"


def pairs_in(fy: int) -> list[Pair]:
    """Return the pairs of a fiscal year on which nothing was decided, and those said to be different, in this order."""
    found = alike_among(queries.list_compared(fy))
    ids = {(pair.first.id, pair.second.id) for pair in found}
    firsts = {first for first, _second in ids}
    decided = {
        (row.first_id, row.second_id): row
        for row in db.session.scalars(select(PairDecision).where(PairDecision.first_id.in_(firsts)))
    }
    pairs = [Pair(pair.first, pair.second, pair.alike, decided.get((pair.first.id, pair.second.id))) for pair in found]
    return sorted(pairs, key=lambda pair: pair.decision is not None)


def undecided_of(fy: int, projects: Iterable[Project]) -> list[Pair]:
    """Return the undecided pairs of a fiscal year that one of the projects belongs to."""
    ids = {row.id for row in projects}
    return [pair for pair in pairs_in(fy) if pair.decision is None and ids & {pair.first.id, pair.second.id}]


def alike_among(projects: Iterable[Project]) -> list[Pair]:
    """Return the pairs whose periods meet and that share their name, or partners and period. Linear in the projects."""
    groups: defaultdict[Hashable, list[Project]] = defaultdict(list)
    for project in sorted(projects, key=lambda row: row.id):
        groups["title", _title(project)].append(project)
        groups["partners", _partners(project), project.starts_on, project.ends_on].append(project)
    pairs: dict[tuple[int, int], Pair] = {}
    for group in groups.values():
        for first, second in combinations(group[:MOST_IN_A_GROUP], 2):
            if _meet(first, second):
                pairs[first.id, second.id] = Pair(first, second, _alike(first, second))
    return [pairs[key] for key in sorted(pairs)]


def find_pair(fy: int, first_number: str, second_number: str) -> Pair | None:
    """Return an undecided pair by the numbers of its projects."""
    for pair in pairs_in(fy):
        if (pair.first.number, pair.second.number) == (first_number, second_number) and pair.decision is None:
            return pair
    return None


def decide(
    report_round: ReportRound,
    pair: Pair,
    verdict: PairVerdict,
    *,
    seen: tuple[int, int],
    reason: str,
    actor: User,
    at: datetime,
) -> None:
    """Say whether two reports are one project. When they are, the first goes on with the divisions and parties of both.

    ``seen``: the versions that the person saw. Errors: RoundRefused, EditConflict, FactMissing, those of ``allowed``.
    """
    require_open(report_round)
    first, second = locked(pair.first), locked(pair.second)
    if (first.version, second.version) != seen:
        raise EditConflict
    if not reason.strip():
        raise FactMissing(_("理由を入力してください。"))
    if find_pair(report_round.fy, first.number, second.number) is None:
        raise RoundRefused(_("この2つの事業については、もう判断されています。画面を開き直してください。"))
    db.session.add(
        PairDecision(
            first_id=first.id,
            second_id=second.id,
            verdict=verdict,
            reason=reason,
            decided_by_id=actor.id,
            decided_at=at,
        )
    )
    if verdict is PairVerdict.SAME:
        _make_one(first, second, reason, actor=actor, at=at)
    text = f"{first.number}・{second.number} {verdict.label}\n{reason}"
    note_event(report_round, RoundAction.COMPARE, actor=actor, at=at, text=text)


def _make_one(kept: Project, dropped: Project, reason: str, *, actor: User, at: datetime) -> None:
    step = allowed(dropped, ProjectAction.MERGE, actor=actor, reason=reason)
    was_reported = dropped.status is ProjectStatus.REPORTED
    names = {(row.kind, search_form(row.name)) for row in kept.partners}
    for row in dropped.partners:
        if (row.kind, search_form(row.name)) not in names:
            kept.partners.append(ProjectPartner(kind=row.kind, organisation_id=row.organisation_id, name=row.name))
    kept.divisions = list(dict.fromkeys([*kept.divisions, *dropped.divisions]))
    kept.search_text = search_text_of(kept)
    dropped.status, dropped.merged_into_id = step.to_status or dropped.status, kept.id
    dropped.merged_on = dropped.starts_on
    text = _("%(number)s と同じ事業として、1つにまとめた", number=kept.number)
    note(dropped, ProjectAction.MERGE, actor=actor, at=at, text=f"{text}\n{reason}")
    note(kept, ProjectAction.EDIT, actor=actor, at=at, text=_("%(number)s を統合", number=dropped.number))
    if was_reported:
        keys = [f"division-{row.id}" for row in dropped.divisions]
        tell(dropped, "project_merged", keys, at=at, but=actor, into=kept.number, on=dropped.starts_on, reason=reason)


def _title(project: Project) -> str:
    return "".join(letter for letter in search_form(project.title) if letter.isalnum())


def _partners(project: Project) -> frozenset[str]:
    return frozenset(search_form(row.name).replace(" ", "") for row in project.partners)


def _meet(first: Project, second: Project) -> bool:
    if not (first.starts_on and first.ends_on and second.starts_on and second.ends_on):
        return False
    return first.starts_on <= second.ends_on and second.starts_on <= first.ends_on


def _alike(first: Project, second: Project) -> list[str]:
    found = []
    if _title(first) == _title(second):
        found.append(_("名前が同じ"))
    if _partners(first) == _partners(second):
        found.append(_("団体が同じ"))
    elif _partners(first) & _partners(second):
        found.append(_("団体の一部が同じ"))
    if (first.starts_on, first.ends_on) == (second.starts_on, second.ends_on):
        found.append(_("期間が同じ"))
    else:
        found.append(_("期間が重なる"))
    return found
