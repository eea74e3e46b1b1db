"""Money of model projects: what a programme's budget gives, what is paid, and what remains of the year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import fiscal_year_of, label
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import money_rules
from matchmaker.projects.events import FactMissing, next_within, note
from matchmaker.projects.models import Project
from matchmaker.projects.money_models import Allocation, Instalment, ProgrammeBudget
from matchmaker.projects.money_rules import InstalmentKind, ProgrammeYear
from matchmaker.projects.status import ENDED, ProjectAction, ProjectStatus


class AmountInQuestion(DomainError):
    """The amount is improbable: it is asked about before it is stored."""


class OverSpending(DomainError):
    """More than there is would be spent, and nothing says why."""


class InstalmentSettled(DomainError):
    """The payment was made or cancelled in the meantime."""

    def __init__(self) -> None:
        super().__init__(_("この支払は、すでに済んだか、取りやめられています。"))


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as somebody entered it; ``is_sure``: the question about it was answered with yes."""

    yen: int
    is_sure: bool = False
    over_reason: str = ""


@dataclass(frozen=True, slots=True)
class ProjectMoney:
    """All that is on record for one project, with its sums."""

    allocations: Sequence[Allocation]
    instalments: Sequence[Instalment]

    @property
    def allocated_yen(self) -> int:
        return sum(row.yen for row in self.allocations)

    @property
    def paid_yen(self) -> int:
        return sum(row.paid_yen or 0 for row in self.instalments)

    @property
    def planned_yen(self) -> int:
        """What is still to be paid by plan."""
        return sum(row.planned_yen for row in self.instalments if row.paid_on is None and not row.cancel_reason)


def money_of(project: Project) -> ProjectMoney:
    """Return what a project was given and paid."""
    allocations = db.session.scalars(
        select(Allocation).where(Allocation.project_id == project.id).order_by(Allocation.fy, Allocation.programme)
    ).all()
    instalments = db.session.scalars(
        select(Instalment).where(Instalment.project_id == project.id).order_by(Instalment.planned_on, Instalment.id)
    ).all()
    return ProjectMoney(allocations, instalments)


def programme_years(fy: int) -> list[ProgrammeYear]:
    """Return every programme that has a budget or a project in the fiscal year, with what remains."""
    budgets: dict[str, int] = {
        programme: thousand * 1000
        for programme, thousand in db.session.execute(
            select(ProgrammeBudget.programme, ProgrammeBudget.budget_thousand_yen)
            .where(ProgrammeBudget.fy == fy)
            .order_by(ProgrammeBudget.basic_programme_code, ProgrammeBudget.id)
        )
    }
    given = {
        programme: int(yen)
        for programme, yen in db.session.execute(
            select(Allocation.programme, func.sum(Allocation.yen))
            .where(Allocation.fy == fy)
            .group_by(Allocation.programme)
        )
    }
    paid = {
        programme: int(yen or 0)
        for programme, yen in db.session.execute(
            select(Allocation.programme, func.sum(Instalment.paid_yen))
            .join(Instalment, Instalment.allocation_id == Allocation.id)
            .where(Allocation.fy == fy, Instalment.paid_yen.is_not(None))
            .group_by(Allocation.programme)
        )
    }
    names = [*budgets, *(name for name in sorted(given) if name not in budgets)]
    return [ProgrammeYear(name, fy, budgets.get(name), given.get(name, 0), paid.get(name, 0)) for name in names]


def programme_year(programme: str, fy: int) -> ProgrammeYear:
    """Return one programme in one fiscal year, with or without a budget on record."""
    found = next((row for row in programme_years(fy) if row.programme == programme), None)
    return found or ProgrammeYear(programme, fy, None, 0, 0)


def list_programmes() -> list[str]:
    """Return the names of all programmes that ever had a budget."""
    query = select(ProgrammeBudget.programme).group_by(ProgrammeBudget.programme)
    return list(db.session.scalars(query.order_by(func.min(ProgrammeBudget.id))))


def enter_budget(
    programme: str, fy: int, thousand_yen: int, *, source: str, is_sure: bool, actor: User, at: datetime
) -> None:
    """Put a programme's budget of a year on record. A correction is a new row with its source; the newest row counts.

    Errors: AmountInQuestion; FactMissing for a programme that the policy does not name.
    """
    known = db.session.scalar(
        select(ProgrammeBudget).where(ProgrammeBudget.programme == programme).order_by(ProgrammeBudget.id).limit(1)
    )
    if known is None:
        raise FactMissing(_("その名前の事業は登録されていません。一覧から選んでください。"))
    _ask_about(thousand_yen * 1000, None, is_sure=is_sure)
    db.session.add(
        ProgrammeBudget(
            programme=programme,
            basic_programme_code=known.basic_programme_code,
            basic_programme=known.basic_programme,
            fy=fy,
            budget_thousand_yen=thousand_yen,
            source=source,
        )
    )
    tag = "office:programme-budget:enter"
    audit.record(tag, f"{programme} {label(fy)}"[:40], actor_id=actor.id, at=at, thousand_yen=thousand_yen)


def allocate(project: Project, programme: str, fy: int, amount: Amount, *, actor: User, at: datetime) -> Allocation:
    """Give the project a share of a programme's budget of a year, or change the share.

    Errors: FactMissing for an ended project; AmountInQuestion; OverSpending when more than remains is
    given without a reason, or less than was paid already.
    """
    _require_open(project)
    _lock_year(programme, fy)
    row = db.session.scalar(
        select(Allocation).where(
            Allocation.project_id == project.id, Allocation.programme == programme, Allocation.fy == fy
        )
    )
    _ask_about(amount.yen, project.budget_yen, is_sure=amount.is_sure)
    over = money_rules.over_programme(programme_year(programme, fy), amount.yen, row.yen if row else 0)
    if over and not amount.over_reason:
        raise OverSpending(over + _("それでも割り当てるときは、理由を入力してください。"))
    if row is not None and amount.yen < _committed(row):
        raise OverSpending(
            _("支払ずみと支払予定の合計（%(yen)s円）より少ない額にはできません。", yen=f"{_committed(row):,}")
        )
    row = row or Allocation(project_id=project.id, programme=programme, fy=fy)
    row.yen, row.over_reason = amount.yen, amount.over_reason if over else ""
    row.allocated_by_id, row.allocated_at = actor.id, at
    db.session.add(row)
    text = _("%(programme)s（%(year)s）に%(yen)s円", programme=programme, year=label(fy), yen=f"{amount.yen:,}")
    note(project, ProjectAction.FUND, actor=actor, at=at, text="\n".join(filter(None, [text, row.over_reason])))
    return row


def plan_instalment(
    project: Project,
    allocation: Allocation,
    kind: InstalmentKind,
    planned_on: date,
    amount: Amount,
    *,
    actor: User,
    at: datetime,
) -> Instalment:
    """Plan a payment out of what the project was given. Errors: AmountInQuestion; OverSpending; FactMissing."""
    _require_open(project)
    locked(allocation)
    if fiscal_year_of(planned_on) not in {allocation.fy, allocation.fy + 1}:
        raise FactMissing(
            _("支払の予定日が、%(year)sの予算で払える期間（翌年度の5月まで）の外です。", year=label(allocation.fy))
        )
    _ask_about(amount.yen, allocation.yen, is_sure=amount.is_sure)
    over = money_rules.over_allocation(allocation.yen, _committed(allocation), amount.yen)
    if over and not amount.over_reason:
        raise OverSpending(over + _("それでも予定するときは、理由を入力してください。"))
    row = Instalment(
        project_id=project.id,
        number=next_within(project, Instalment.number),
        allocation=allocation,
        kind=kind,
        planned_on=planned_on,
        planned_yen=amount.yen,
        over_reason=amount.over_reason if over else "",
    )
    db.session.add(row)
    text = _("支払の予定：%(kind)s %(yen)s円", kind=kind.label, yen=f"{amount.yen:,}")
    note(project, ProjectAction.FUND, actor=actor, at=at, text=text)
    return row


def pay(
    project: Project, row: Instalment, paid_on: date, amount: Amount, *, version: int, actor: User, at: datetime
) -> None:
    """Record a payment as made.

    Errors: EditConflict; InstalmentSettled; AmountInQuestion; OverSpending; FactMissing.
    """
    locked(row)
    locked(row.allocation)
    _require_unsettled(row, version)
    if paid_on > day_of(at):
        raise FactMissing(_("支払った日は、今日までの日を入力してください。"))
    _ask_about(amount.yen, row.allocation.yen, is_sure=amount.is_sure)
    others = _committed(row.allocation) - row.planned_yen
    over = money_rules.over_allocation(row.allocation.yen, others, amount.yen)
    if over and not (amount.over_reason or row.over_reason):
        raise OverSpending(over + _("それでも支払うときは、理由を入力してください。"))
    row.paid_on, row.paid_yen = paid_on, amount.yen
    row.over_reason = amount.over_reason or row.over_reason if over else ""
    text = _("支払：%(kind)s %(yen)s円", kind=row.kind.label, yen=f"{amount.yen:,}")
    note(project, ProjectAction.FUND, actor=actor, at=at, text="\n".join(filter(None, [text, row.over_reason])))


def cancel_instalment(
    project: Project, row: Instalment, *, reason: str, version: int, actor: User, at: datetime
) -> None:
    """Drop a planned payment, and say why. Errors: EditConflict; InstalmentSettled; FactMissing."""
    locked(row)
    _require_unsettled(row, version)
    if not reason.strip():
        raise FactMissing(_("取りやめる理由を入力してください。"))
    row.cancel_reason = reason
    text = _("支払の取りやめ：%(kind)s", kind=row.kind.label) + f"\n{reason}"
    note(project, ProjectAction.FUND, actor=actor, at=at, text=text)


def find_allocation(project: Project, allocation_id: int) -> Allocation | None:
    """Return a share of this project."""
    return db.session.scalar(
        select(Allocation).where(Allocation.project_id == project.id, Allocation.id == allocation_id)
    )


def find_instalment(project: Project, number: int) -> Instalment | None:
    """Return the payment with this number."""
    return db.session.scalar(select(Instalment).where(Instalment.project_id == project.id, Instalment.number == number))


def _committed(allocation: Allocation) -> int:
    """What was paid out of a share, and what is still planned."""
    return (
        db.session.scalar(
            select(func.coalesce(func.sum(func.coalesce(Instalment.paid_yen, Instalment.planned_yen)), 0)).where(
                Instalment.allocation_id == allocation.id, Instalment.cancel_reason == ""
            )
        )
        or 0
    )


def _lock_year(programme: str, fy: int) -> None:
    """Two shares of one budget at once must see each other."""
    db.session.execute(
        select(ProgrammeBudget.id)
        .where(ProgrammeBudget.programme == programme, ProgrammeBudget.fy == fy)
        .with_for_update()
    )


def _require_open(project: Project) -> None:
    locked(project)
    if project.status in ENDED or project.status is ProjectStatus.REPORTED:
        raise FactMissing(
            _("この事業はいま「%(now)s」なので、予算や支払の予定を変えられません。", now=project.status.label)
        )


def _require_unsettled(row: Instalment, version: int) -> None:
    if row.paid_on is not None or row.cancel_reason:
        raise InstalmentSettled
    if row.version != version:
        raise EditConflict


def _ask_about(yen: int, budget_yen: int | None, *, is_sure: bool) -> None:
    question = money_rules.question_about(yen, budget_yen)
    if question and not is_sure:
        raise AmountInQuestion(question)
