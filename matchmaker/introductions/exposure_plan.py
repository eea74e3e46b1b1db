"""The day's plan of reserved slots and alarms: made once a day by whoever needs it first, then only read.

A company suits a proposal when one of its interests does, and its slots stand in the list of each of its interests that
may be matched with the proposal: whichever list it opens, it is shown the proposal. A company that opened a list within
the last four weeks is expected on the same weekdays again, any other once a week.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from matchmaker.accounts.models import User
from matchmaker.directory.models import Organisation
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, insert_new
from matchmaker.foundation.messages import gettext as _
from matchmaker.foundation.paging import Page
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import listed
from matchmaker.introductions.declined import effective, effects_of_all
from matchmaker.introductions.exposure_rules import ExposureRules, open_requests_of, rules_in_force
from matchmaker.introductions.facts import proposal_facts
from matchmaker.introductions.models import (
    Exposure,
    ExposureAlarm,
    ExposurePlan,
    GuaranteedProposal,
    Introduction,
    ReservedSlot,
)
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.status import OPEN
from matchmaker.matching import exposure
from matchmaker.matching.exposure import AlarmReason, Company, DayPlan, OpenProposal, Reserved, plan_day
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import open_clause
from matchmaker.proposals.recusals import closed_ids

COMPANIES_AT_MOST = 100
"""Suitable companies considered for each proposal, best first: many times what a guarantee asks for."""
LINES_READ = 300
"""Lines of each proposal's ranking that are read for them: a company may have several interests."""
WEEKS_LOOKED_BACK = 4
ONCE_A_WEEK = frozenset({0})
ALARMS_A_PAGE = 20
LOST_SHOWN = 20


Suitability = dict[str, dict[int, int]]
"""By draft number and organisation id: the points of the company's best interest."""


def ensure_plan(on: date, *, at: datetime) -> None:
    """Make the day's plan unless it is there. Of several who try at once, one stores its plan and all go on."""
    if db.session.get(ExposurePlan, on) is None:
        _store(on, at, *_made(on))


def slots_of(interest: Interest, on: date) -> dict[str, Reserved]:
    """Return the slots that the day's plan reserved for the company, by draft number, the most urgent first."""
    rows = db.session.execute(
        select(ReservedSlot, Proposal.draft_number)
        .join(Proposal, Proposal.id == ReservedSlot.proposal_id)
        .where(ReservedSlot.planned_on == on, ReservedSlot.organisation_id == interest.organisation_id)
        .order_by(ReservedSlot.position)
    )
    return {number: Reserved(number, slot.days_left, slot.still_needed, slot.is_planned) for slot, number in rows}


def slot_sentence(slot: Reserved) -> str:
    """Say to the company why a proposal stands in its list although others have more points."""
    if slot.days_left == 0:
        return _("期限を過ぎましたが、あと%(companies)d社に見てもらう必要があります", companies=slot.still_needed)
    return _(
        "あと%(days)d日で、あと%(companies)d社に見てもらう必要があります",
        days=slot.days_left,
        companies=slot.still_needed,
    )


def list_alarms(user: User, on: date, page: int) -> Page[ExposureAlarm]:
    """Return a page of the alarms of a day's plan: lost guarantees first, then the most urgent.

    Neither here nor in ``list_lost`` is a proposal named to a person who keeps out of it; ``count_alarms`` names none.
    """
    is_at_risk = ExposureAlarm.reason == AlarmReason.LITTLE_TIME
    statement = (
        select(ExposureAlarm)
        .where(ExposureAlarm.planned_on == on, ExposureAlarm.proposal_id.not_in(closed_ids(user)))
        .order_by(is_at_risk, ExposureAlarm.last_day_on, ExposureAlarm.proposal_id)
    )
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = db.session.scalars(statement.offset((page - 1) * ALARMS_A_PAGE).limit(ALARMS_A_PAGE)).all()
    return Page(items=rows, number=page, size=ALARMS_A_PAGE, total=total)


@dataclass(frozen=True, slots=True)
class AlarmCount:
    """The alarms of a day: guarantees that are lost, and those that hold only if all goes as expected."""

    lost: int
    at_risk: int

    @property
    def total(self) -> int:
        return self.lost + self.at_risk


def count_alarms(on: date) -> AlarmCount:
    """Return how many alarms of either kind the day's plan raised."""
    is_at_risk = ExposureAlarm.reason == AlarmReason.LITTLE_TIME
    counted = select(is_at_risk, func.count()).where(ExposureAlarm.planned_on == on).group_by(is_at_risk)
    found = {bool(row[0]): row[1] for row in db.session.execute(counted)}
    return AlarmCount(found.get(False, 0), found.get(True, 0))


def count_slots(on: date) -> int:
    """Return how many slots the day's plan reserved."""
    counted = select(func.count()).select_from(ReservedSlot).where(ReservedSlot.planned_on == on)
    return db.session.scalar(counted) or 0


def list_lost(user: User, before: date) -> list[ExposureAlarm]:
    """Return the last lost alarm of each proposal of earlier days, the newest first."""
    last = (
        select(ExposureAlarm.proposal_id, func.max(ExposureAlarm.planned_on).label("planned_on"))
        .where(ExposureAlarm.reason != AlarmReason.LITTLE_TIME, ExposureAlarm.planned_on < before)
        .group_by(ExposureAlarm.proposal_id)
        .subquery()
    )
    statement = (
        select(ExposureAlarm)
        .join(
            last,
            (last.c.proposal_id == ExposureAlarm.proposal_id) & (last.c.planned_on == ExposureAlarm.planned_on),
        )
        .where(ExposureAlarm.proposal_id.not_in(closed_ids(user)))
        .order_by(ExposureAlarm.planned_on.desc(), ExposureAlarm.proposal_id)
        .limit(LOST_SHOWN)
    )
    return list(db.session.scalars(statement))


def alarm_sentence(alarm: ExposureAlarm) -> str:
    """Say why a guarantee cannot be met, or barely, and what can be done."""
    values = {"shown": alarm.shown, "reachable": alarm.reachable, "wanted": alarm.wanted}
    return {
        AlarmReason.TOO_FEW_SUITABLE: _(
            "合う企業が%(reachable)d社しかなく、%(wanted)d社に見てもらえません。"
            "企業に登録を呼びかけるか、提案の条件を団体と見直してください。",
            **values,
        ),
        AlarmReason.COMPANIES_AT_CAP: _(
            "合う企業の多くが、返事を待つ依頼の上限に達しているため、%(wanted)d社に見てもらえません。"
            "返事をうながすか、上限を見直してください。",
            **values,
        ),
        AlarmReason.TOO_FEW_OPENINGS: _(
            "期限までに一覧を開きそうな企業が%(reachable)d社しかなく、%(wanted)d社に届きません。"
            "企業に一覧を見るようお知らせしてください。",
            **values,
        ),
        AlarmReason.NOT_ENOUGH_SLOTS: _(
            "先に約束した提案で紹介の枠がうまり、%(wanted)d社に見てもらえません。枠の数を見直してください。", **values
        ),
        AlarmReason.LAST_DAY_PASSED: _(
            "期限を過ぎましたが、%(shown)d社にしか見てもらえていません（約束は%(wanted)d社）。", **values
        ),
        AlarmReason.LITTLE_TIME: _(
            "いままでに%(shown)d社です。余裕がなく、どの企業も見込みどおりに一覧を開いたときだけ、%(wanted)d社に届きます。",
            **values,
        ),
    }[alarm.reason]


def _made(on: date) -> tuple[DayPlan, dict[int, OpenProposal]]:
    """Work out the plan; nothing is stored. Returns also the open proposals by their ids."""
    rules = rules_in_force()
    found = _open_proposals(on)
    ids = {one.id: proposal_id for proposal_id, one in found}
    log = _log(ids, min((one.opened_on for _id, one in found), default=on))
    pending = _pending_ids(found, log, rules)
    suitable = _suitable(pending, rules, on)
    plan = plan_day(
        on,
        rules.guarantee,
        proposals=[one for _id, one in found],
        companies=_companies(suitable, on),
        suitability={
            number: {str(company): points for company, points in companies.items()}
            for number, companies in suitable.items()
        },
        log=log,
        already_lost=_already_lost(found, on),
    )
    return plan, dict(found)


def _open_proposals(on: date) -> list[tuple[int, OpenProposal]]:
    """Return the open proposals with their ids and the day since which each is open."""
    running = {row.proposal_id: row.since_on for row in db.session.scalars(select(GuaranteedProposal))}
    last_plan = db.session.scalar(select(func.max(ExposurePlan.planned_on)).where(ExposurePlan.planned_on < on))
    rows = db.session.execute(
        select(
            Proposal.id, Proposal.draft_number, Proposal.open_until_on, Proposal.published_at, Organisation.checked_at
        )
        .join(Proposal.organisation)
        .where(open_clause(on))
        .order_by(Proposal.id)
    )
    return [
        (
            row.id,
            OpenProposal(
                row.draft_number,
                _open_since(row.published_at, row.checked_at, running.get(row.id), last_plan, on),
                row.open_until_on,
            ),
        )
        for row in rows
    ]


def _open_since(
    published_at: datetime | None, checked_at: datetime | None, running: date | None, last_plan: date | None, on: date
) -> date:
    """Return the day on which a proposal was opened: published, by an organisation that the office had checked.

    What was published before the last plan, and is not among those whose days run since, was closed at that plan: by a
    step of the review, which leaves no other trace. Its days begin today, like those of one without a moment.
    """
    if published_at is None:
        return running or on
    opened = day_of(max(published_at, checked_at or published_at))
    if running is None and last_plan is not None and opened < last_plan:
        return on
    return max(opened, running or opened)


def _log(ids: Mapping[str, int], begin: date) -> list[exposure.Exposure]:
    number_of = {proposal_id: number for number, proposal_id in ids.items()}
    rows = db.session.execute(
        select(Exposure.proposal_id, Exposure.organisation_id, Exposure.shown_on).where(Exposure.shown_on >= begin)
    )
    return [
        exposure.Exposure(number_of[proposal_id], str(company), day)
        for proposal_id, company, day in rows
        if proposal_id in number_of
    ]


def _pending_ids(
    found: Iterable[tuple[int, OpenProposal]], log: Iterable[exposure.Exposure], rules: ExposureRules
) -> list[int]:
    """Return the proposals that need more companies: only their suitability has to be known."""
    opened = {one.id: one.opened_on for _id, one in found}
    seen = {(row.proposal_id, row.company_id) for row in log if row.shown_on >= opened[row.proposal_id]}
    counts = Counter(proposal for proposal, _company in seen)
    return [proposal_id for proposal_id, one in found if counts[one.id] < rules.guarantee.companies]


def _suitable(proposal_ids: list[int], rules: ExposureRules, on: date) -> Suitability:
    """Return who suits each proposal: no condition refuses the pair, no No hides it, and its points are enough.

    A company that was already introduced to the proposal needs no slot to see it.
    """
    if not proposal_ids:
        return {}
    introduced = _introduced()
    rows = db.session.execute(
        select(Interest.number, Interest.organisation_id).join(Interest.organisation).where(listed(on))
    )
    owners = {row.number: row.organisation_id for row in rows}
    suitable: Suitability = {}
    proposals = db.session.scalars(select(Proposal).where(Proposal.id.in_(proposal_ids)).order_by(Proposal.id)).all()
    effects = effects_of_all(proposals, on)
    rankings = match_registry().interests_for_all(
        [(proposal_facts(proposal), proposal.organisation_id) for proposal in proposals], on
    )
    for proposal, ranking in zip(proposals, rankings, strict=True):
        companies: dict[int, int] = {}
        for line in effective(ranking, effects.get(proposal.id, {}))[0][:LINES_READ]:
            if line.refusals or line.points < rules.suitable_points or len(companies) == COMPANIES_AT_MOST:
                break
            if line.id in owners and (proposal.id, owners[line.id]) not in introduced:
                companies.setdefault(owners[line.id], line.points)
        suitable[proposal.draft_number] = companies
    return suitable


def _introduced() -> set[tuple[int, int]]:
    """Return the proposals and companies that have an open introduction."""
    rows = db.session.execute(
        select(Introduction.proposal_id, Interest.organisation_id)
        .join(Interest, Interest.id == Introduction.interest_id)
        .where(Introduction.status.in_(OPEN))
    )
    return {(proposal_id, company) for proposal_id, company in rows}


def _companies(suitable: Suitability, on: date) -> list[Company]:
    ids = sorted({company for companies in suitable.values() for company in companies})
    requests = open_requests_of(ids)
    rows = db.session.execute(
        select(Exposure.organisation_id, Exposure.shown_on)
        .where(Exposure.shown_on >= on - timedelta(weeks=WEEKS_LOOKED_BACK), Exposure.shown_on < on)
        .distinct()
    )
    weekdays: dict[int, set[int]] = {}
    for company, day in rows:
        weekdays.setdefault(company, set()).add(day.weekday())
    return [Company(str(one), requests.get(one, 0), frozenset(weekdays.get(one, ONCE_A_WEEK))) for one in ids]


def _already_lost(found: Iterable[tuple[int, OpenProposal]], on: date) -> frozenset[str]:
    lost = {
        (row.proposal_id, row.planned_on)
        for row in db.session.execute(
            select(ExposureAlarm.proposal_id, ExposureAlarm.planned_on).where(
                ExposureAlarm.reason != AlarmReason.LITTLE_TIME, ExposureAlarm.planned_on < on
            )
        )
    }
    last: dict[int, date] = {}
    for proposal_id, day in lost:
        last[proposal_id] = max(day, last.get(proposal_id, day))
    return frozenset(one.id for proposal_id, one in found if last.get(proposal_id, date.min) >= one.opened_on)


def _store(on: date, at: datetime, plan: DayPlan, found: dict[int, OpenProposal]) -> None:
    """Store a plan unless another one was faster."""
    ids = {one.id: proposal_id for proposal_id, one in found.items()}
    with transaction():
        if not insert_new(ExposurePlan, [{"planned_on": on, "made_at": at}]):
            return
        db.session.execute(delete(GuaranteedProposal))
        since = [{"proposal_id": proposal_id, "since_on": one.opened_on} for proposal_id, one in found.items()]
        insert_new(GuaranteedProposal, since)
        insert_new(ReservedSlot, list(_slot_rows(on, plan, ids)))
        insert_new(
            ExposureAlarm,
            [
                {
                    "planned_on": on,
                    "proposal_id": ids[one.proposal_id],
                    "reason": one.reason,
                    "last_day_on": one.last_day,
                    "shown": one.shown,
                    "reachable": one.reachable,
                    "wanted": one.wanted,
                }
                for one in plan.alarms
            ],
        )


def _slot_rows(on: date, plan: DayPlan, ids: dict[str, int]) -> Iterable[dict[str, Any]]:
    for company, slots in plan.reserved.items():
        for position, slot in enumerate(slots, start=1):
            yield {
                "planned_on": on,
                "organisation_id": int(company),
                "proposal_id": ids[slot.proposal_id],
                "position": position,
                "days_left": slot.days_left,
                "still_needed": slot.still_needed,
                "is_planned": slot.is_planned,
            }
