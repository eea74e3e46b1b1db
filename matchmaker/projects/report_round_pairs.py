"""Reports that look alike: found by plain comparison, decided by the office."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.text import search_form
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects import states
from matchmaker.projects.events import FactMissing, note
from matchmaker.projects.lifecycle import allowed, forget_standstill
from matchmaker.projects.models import Project, ProjectPartner, ProjectState
from matchmaker.projects.parties import tell
from matchmaker.projects.report_round_models import PairDecision, ReportRound
from matchmaker.projects.report_round_terms import PairVerdict, RoundAction
from matchmaker.projects.report_rounds import RoundRefused, note_event, require_open
from matchmaker.projects.service import search_text_of, status_after_report
from matchmaker.projects.status import PartnerKind, ProjectAction, ProjectStatus

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
        for row in db.session.scalars(
            select(PairDecision).where(PairDecision.first_id.in_(firsts)).order_by(PairDecision.id)
        )
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


def merged_in(fy: int) -> list[Pair]:
    """Return the pairs of a fiscal year that were made one and can be parted again."""
    rows = db.session.execute(
        select(PairDecision, Project)
        .join(Project, Project.id == PairDecision.second_id)
        .where(
            PairDecision.verdict == PairVerdict.SAME,
            Project.merged_into_id == PairDecision.first_id,
            queries.meets(fy),
        )
        .order_by(PairDecision.id)
        .options(joinedload(Project.merged_into).selectinload(Project.divisions))
    ).unique()
    return [
        Pair(second.merged_into, second, _alike(second.merged_into, second), decision)
        for decision, second in rows
        if second.merged_into is not None
    ]


def find_merged(fy: int, first_number: str, second_number: str) -> Pair | None:
    """Return a pair that was made one, by the numbers of its projects."""
    wanted = (first_number, second_number)
    return next((pair for pair in merged_in(fy) if (pair.first.number, pair.second.number) == wanted), None)


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
    _say(first, second, verdict, reason, actor=actor, at=at)
    if verdict is PairVerdict.SAME:
        _make_one(first, second, reason, actor=actor, at=at)
    text = f"{first.number}・{second.number} {verdict.label}\n{reason}"
    note_event(report_round, RoundAction.COMPARE, actor=actor, at=at, text=text)


def part(
    report_round: ReportRound, pair: Pair, *, seen: tuple[int, int], reason: str, actor: User, at: datetime
) -> None:
    """Take back that two reports are one project: each has its own parties again, and the second stands where it stood.

    ``indicators.round_closing`` calls this, and corrects the years that were closed meanwhile. ``seen``: as ``decide``.
    Errors: RoundRefused, EditConflict, those of ``allowed``.
    """
    locked(report_round)
    kept, parted = locked(pair.first), locked(pair.second)
    if parted.merged_into_id != kept.id:
        raise RoundRefused(_("この2つの事業は、もう分けられています。画面を開き直してください。"))
    if (kept.version, parted.version) != seen:
        raise EditConflict
    allowed(parted, ProjectAction.PART, actor=actor, reason=reason)
    if kept.merged_into is not None:
        raise RoundRefused(
            _(
                "%(kept)sは%(into)sに統合されています。先にそちらを分けてください。",
                kept=kept.number,
                into=kept.merged_into.number,
            )
        )
    before = states.newest_of(parted, ProjectState.status.not_in((ProjectStatus.MERGED, ProjectStatus.STALLED)))
    _give_back(kept, parted, _before_merger(kept, parted))
    parted.status = before.status if before else _status_without_history(parted, at)
    parted.merged_into_id = parted.merged_on = None
    _say(kept, parted, PairVerdict.DIFFERENT, reason, actor=actor, at=at)
    text = _("%(number)s から分けた", number=kept.number)
    note(parted, ProjectAction.PART, actor=actor, at=at, text=f"{text}\n{reason}")
    note(kept, ProjectAction.EDIT, actor=actor, at=at, text=_("%(number)s を分けた", number=parted.number))
    keys = [f"division-{row.id}" for row in parted.divisions]
    tell(parted, "project_parted", keys, at=at, but=actor, kept=kept.number, reason=reason)
    note_event(report_round, RoundAction.PART, actor=actor, at=at, text=f"{kept.number}・{parted.number}\n{reason}")


def _status_without_history(project: Project, at: datetime) -> ProjectStatus:
    return ProjectStatus.REPORTED if project.confirmed_at is None else status_after_report(project, day_of(at))


def _before_merger(kept: Project, parted: Project) -> ProjectState | None:
    """What was on record of the kept project before it got the parties of the other, or None where nobody kept it."""
    apart = states.newest_of(parted, ProjectState.merged_into_id.is_(None))
    merger = states.after(apart) if apart else None
    return states.newest_of(kept, ProjectState.id < merger.id) if merger else None


def _give_back(kept: Project, parted: Project, before: ProjectState | None) -> None:
    """Take those parties out of the kept project that it has only from the other one.

    Without history nobody knows which they are, and all stay.
    """
    if before is None:
        return
    own = {(kind, search_form(name)) for kind, name, _organisation in before.partners}
    others = {(row.kind, search_form(row.name)) for row in parted.partners} - own
    lent = {row.id for row in parted.divisions} - set(before.division_ids)
    partners = [row for row in kept.partners if (row.kind, search_form(row.name)) not in others]
    divisions = [row for row in kept.divisions if row.id not in lent]
    if not divisions or not any(row.kind is PartnerKind.NPO for row in partners):
        raise RoundRefused(
            _(
                "分けると、%(kept)sにNPOか県の担当課がなくなります。先に%(kept)sの内容を直してください。",
                kept=kept.number,
            )
        )
    kept.partners, kept.divisions = partners, divisions
    kept.search_text = search_text_of(kept)


def _say(first: Project, second: Project, verdict: PairVerdict, reason: str, *, actor: User, at: datetime) -> None:
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


def _make_one(kept: Project, dropped: Project, reason: str, *, actor: User, at: datetime) -> None:
    step = allowed(dropped, ProjectAction.MERGE, actor=actor, reason=reason)
    was_reported = dropped.status is ProjectStatus.REPORTED
    names = {(row.kind, search_form(row.name)) for row in kept.partners}
    for row in dropped.partners:
        if (row.kind, search_form(row.name)) not in names:
            kept.partners.append(ProjectPartner(kind=row.kind, organisation_id=row.organisation_id, name=row.name))
    kept.divisions = list(dict.fromkeys([*kept.divisions, *dropped.divisions]))
    kept.search_text = search_text_of(kept)
    forget_standstill(dropped)
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
