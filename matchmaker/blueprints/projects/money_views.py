"""Money of model projects, and what remains of the programmes' budgets."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.forms import given_day
from matchmaker.blueprints.projects.money_forms import (
    AllocateForm,
    CancelInstalmentForm,
    InstalmentForm,
    MoneyForm,
    PayForm,
    ProgrammeForm,
)
from matchmaker.blueprints.projects.taking_part import (
    Seat,
    act,
    address,
    page_of,
    refused,
    seen_version,
    take_seat,
    take_seat_of_prefecture,
)
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.projects import money
from matchmaker.projects.events import FactMissing
from matchmaker.projects.models import Project
from matchmaker.projects.money_models import Instalment
from matchmaker.projects.money_rules import InstalmentKind

_INSTALMENT = "/<project_number:number>/money/<int(max=9999):instalment_number>"


@bp.get("/<project_number:number>/money", endpoint="money")
@requires(Permission.PROJECT_TAKE_PART)
def show_money(number: str) -> ResponseReturnValue:
    """What the project was given, what was paid, and what remains of the programmes."""
    seat = take_seat(number)
    found = money.money_of(seat.project)
    years = {(row.programme, row.fy): money.programme_year(row.programme, row.fy) for row in found.allocations}
    fy = fiscal_year.fiscal_year_of(seat.project.starts_on or clock.today())
    return page_of("projects/money.html", seat, money=found, years=years, fy=fy)


@bp.route("/<project_number:number>/money/allocate", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def allocate(number: str) -> ResponseReturnValue:
    """Give the project a share of a programme's budget."""
    seat = take_seat(number)
    form = AllocateForm(money.list_programmes(), _years_of(seat.project))

    def take(at: datetime) -> None:
        fy = fiscal_year.parse(form.fy.data)
        money.allocate(seat.project, form.programme.data, fy, form.amount, actor=acting_user(), at=at)

    years = money.programme_years(fiscal_year.fiscal_year_of(clock.today()))
    return _money_step(seat, form, take, "projects/allocate.html", done=_("予算を割り当てました。"), years=years)


@bp.route("/<project_number:number>/money/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def new_instalment(number: str) -> ResponseReturnValue:
    """Plan a payment."""
    seat = take_seat_of_prefecture(number)
    allocations = money.money_of(seat.project).allocations
    form = InstalmentForm(allocations)

    def take(at: datetime) -> None:
        allocation = money.find_allocation(seat.project, int(form.allocation.data)) or abort(404)
        kind, planned_on = InstalmentKind(form.kind.data), given_day(form.planned_on)
        money.plan_instalment(seat.project, allocation, kind, planned_on, form.amount, actor=acting_user(), at=at)

    return _money_step(
        seat, form, take, "projects/new_instalment.html", done=_("支払を予定しました。"), allocations=allocations
    )


@bp.route(_INSTALMENT, methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def pay(number: str, instalment_number: int) -> ResponseReturnValue:
    """Record a payment as made."""
    seat = take_seat_of_prefecture(number)
    row = _found(seat, instalment_number)
    form = PayForm(data={"version": row.version, "yen": row.planned_yen, "paid_on": clock.today()})
    cancel = CancelInstalmentForm(row.version, formdata=None)

    def take(at: datetime) -> None:
        version = seen_version(form)
        money.pay(seat.project, row, given_day(form.paid_on), form.amount, version=version, actor=acting_user(), at=at)

    return _money_step(
        seat, form, take, "projects/pay.html", done=_("支払を記録しました。"), instalment=row, cancel=cancel, kept=form
    )


@bp.post(f"{_INSTALMENT}/cancel")
@requires(Permission.PROJECT_TAKE_PART)
def cancel_instalment(number: str, instalment_number: int) -> ResponseReturnValue:
    """Drop a planned payment."""
    seat = take_seat_of_prefecture(number)
    row = _found(seat, instalment_number)
    form = CancelInstalmentForm(row.version)
    if not form.validate_on_submit():
        kept = PayForm(formdata=None, data={"version": row.version, "yen": row.planned_yen, "paid_on": clock.today()})
        return page_of("projects/pay.html", seat, form, instalment=row, cancel=form, kept=kept)
    version, reason, user = seen_version(form), form.reason.data, acting_user()
    return act(
        seat,
        form,
        lambda at: money.cancel_instalment(seat.project, row, reason=reason, version=version, actor=user, at=at),
        done=_("支払の予定を取りやめました。"),
        to=address(seat, "money"),
    )


@bp.route("/programmes/<fiscal_year:fy>", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def programmes(fy: int) -> ResponseReturnValue:
    """What remains of each programme's budget of a year; a budget is entered or corrected here."""
    form = ProgrammeForm(money.list_programmes())
    if form.validate_on_submit() and _enter_budget(form, fy):
        flash(_("予算額を記録しました。"), "success")
        return redirect(url_for("projects.programmes", fy=fy), code=303)
    page = render_template("projects/programmes.html", form=form, fy=fy, years=money.programme_years(fy))
    return page, 422 if form.errors else 200


def _enter_budget(form: ProgrammeForm, fy: int) -> bool:
    try:
        with transaction():
            money.enter_budget(
                form.programme.data,
                fy,
                form.thousand_yen.data or 0,
                source=form.source.data or "",
                is_sure=bool(form.is_sure.data),
                actor=acting_user(),
                at=clock.now(),
            )
    except money.AmountInQuestion as question:
        form.asks = True
        form.form_errors.append(str(question))
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
    return not form.form_errors


def _money_step(
    seat: Seat, form: MoneyForm, take: Callable[[datetime], object], template: str, *, done: str, **values: Any
) -> ResponseReturnValue:
    """Take a step about money; a question or a missing reason comes back beside what was typed."""
    if not form.validate_on_submit():
        return page_of(template, seat, form, **values)

    def again(refusal: DomainError) -> ResponseReturnValue:
        if not isinstance(refusal, money.AmountInQuestion | money.OverSpending | FactMissing):
            return refused(seat, form, refusal)
        form.asks = isinstance(refusal, money.AmountInQuestion) or bool(form.is_sure.data)
        form.form_errors.append(str(refusal))
        return page_of(template, seat, form, **values)

    return act(seat, form, take, done=done, to=address(seat, "money"), again=again)


def _found(seat: Seat, instalment_number: int) -> Instalment:
    return money.find_instalment(seat.project, instalment_number) or abort(404)


def _years_of(project: Project) -> list[int]:
    """The fiscal years that the project meets, and the current one."""
    current = fiscal_year.fiscal_year_of(clock.today())
    if project.starts_on is None or project.ends_on is None:
        return [current]
    return sorted({current, *fiscal_year.fiscal_years_met(project.starts_on, project.ends_on)})
