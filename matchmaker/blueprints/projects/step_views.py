"""The steps of a project's life, one page each, and the list of projects that a person takes part in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.step_forms import FORMS, PlainStepForm, step_form
from matchmaker.blueprints.projects.taking_part import Seat, act, address, page_of, refused, take_seat
from matchmaker.directory.queries import find_division, list_divisions
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.permissions.grants import Permission
from matchmaker.projects import continuing, lifecycle, queries, service, workflow
from matchmaker.projects.delivery_waiting import page_of_taking_part, waiting_in_delivery
from matchmaker.projects.events import FactMissing
from matchmaker.projects.lifecycle import NotYours
from matchmaker.projects.parties import acting_of
from matchmaker.projects.status import ProjectAction

ACTIONS = ", ".join(f'"{action.value}"' for action in FORMS)

EXPLANATIONS = {
    ProjectAction.CONTRACT: "契約や交付決定などの手続きを終えたら記録します。記録すると、実施を始められます。",
    ProjectAction.START: "実施を始めます。報告の期限（途中と終わったあと）が決まり、当事者に知らせます。",
    ProjectAction.STALL: "だれを、いつから待っているかは公開されます。待っている相手に、メールで知らせます。",
    ProjectAction.RESUME: "停滞する前の状態にもどります。",
    ProjectAction.REROUTE: "担当する課を変えるか、加えます。署名がすんでいない協定の文書は、新しい版がいります。",
    ProjectAction.DISSOLVE: "合意して終わりにします。始まる前なら、指標には数えられません。あとで取り消せません。",
    ProjectAction.COMPLETE: "実績報告を確かめて、完了と事業費の額を確定します。",
    ProjectAction.CLOSE: "この事業の手続きをすべて終えます。記録は残ります。",
    ProjectAction.CONTINUE: "同じ当事者で、翌年度の事業をつくります。形態と協定は、新しい事業で決めます。",
    ProjectAction.MERGE: "この事業の記録は残ります。指標では、入力した日の年度から、続ける事業だけを数えます。",
}


@bp.get("/mine")
@requires(Permission.PROJECT_TAKE_PART)
def mine() -> ResponseReturnValue:
    """The projects that the person takes part in, and what waits for them there."""
    user = acting_user()
    return render_template(
        "projects/mine.html",
        page=page_of_taking_part(acting_of(user), number=page_number()),
        waiting=sorted(waiting_in_delivery(user), key=lambda item: item.since),
    )


@bp.route(f"/<project_number:number>/steps/<any({ACTIONS}):action>", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def step(number: str, action: str) -> ResponseReturnValue:
    """Take a step of the project's life."""
    seat, taken = take_seat(number), ProjectAction(action)
    form = step_form(seat.project, taken, list_divisions(on=clock.today()))
    try:
        lifecycle.step_of(seat.project, taken, actor=acting_user(), reason="-")
    except NotYours as refusal:
        return refused(seat, form, refusal, code=403)
    except DomainError as refusal:
        return refused(seat, form, refusal)
    if not form.validate_on_submit():
        return _step_page(seat, taken, form)
    if taken is ProjectAction.CONTINUE:
        return _continue(seat, form)
    return act(
        seat,
        form,
        _taking(seat, taken, form),
        done=_("記録しました：%(action)s", action=taken.label),
        to=address(seat, "show"),
        again=lambda refusal: _with_refusal(seat, taken, form, refusal),
    )


def _step_page(seat: Seat, action: ProjectAction, form: PlainStepForm) -> ResponseReturnValue:
    return page_of(
        "projects/step.html",
        seat,
        form,
        heading=_(workflow.BUTTONS[action]),
        explanation=_(EXPLANATIONS[action]),
    )


def _with_refusal(seat: Seat, action: ProjectAction, form: PlainStepForm, refusal: DomainError) -> ResponseReturnValue:
    """What is missing can be filled in on the same page; anything else needs another look at the project."""
    if not isinstance(refusal, FactMissing | continuing.CannotMerge):
        return refused(seat, form, refusal)
    form.form_errors.append(str(refusal))
    return _step_page(seat, action, form)


def _taking(seat: Seat, action: ProjectAction, form: Any) -> Callable[[datetime], object]:
    project, user = seat.project, acting_user()
    said = form.reason.data if "reason" in form else ""
    verbs: dict[ProjectAction, Callable[[datetime], object]] = {
        ProjectAction.CONTRACT: lambda at: lifecycle.contract(project, on=form.on.data, reason=said, actor=user, at=at),
        ProjectAction.START: lambda at: lifecycle.start(project, actor=user, at=at),
        ProjectAction.STALL: lambda at: lifecycle.stall(
            project,
            key=form.waiting.data,
            name=form.waiting_name.data,
            since_on=form.since_on.data,
            reason=said,
            actor=user,
            at=at,
        ),
        ProjectAction.RESUME: lambda at: lifecycle.resume(project, reason=said, actor=user, at=at),
        ProjectAction.REROUTE: lambda at: _reroute(seat, form, at),
        ProjectAction.DISSOLVE: lambda at: lifecycle.dissolve(project, reason=said, actor=user, at=at),
        ProjectAction.COMPLETE: lambda at: lifecycle.complete(
            project, settled_yen=form.settled_yen.data, reason=said, actor=user, at=at
        ),
        ProjectAction.CLOSE: lambda at: lifecycle.close(project, reason=said, actor=user, at=at),
        ProjectAction.MERGE: lambda at: _merge(seat, form, at),
    }

    def take(at: datetime) -> None:
        service.require_version(project, form.seen_version)
        verbs[action](at)

    return take


def _reroute(seat: Seat, form: Any, at: datetime) -> None:
    before, after = form.from_division.data, find_division(int(form.to_division.data))
    if after is None:
        raise FactMissing(_("その課は、もうありません。選びなおしてください。"))
    lifecycle.reroute(
        seat.project,
        from_division=find_division(int(before)) if before else None,
        to_division=after,
        reason=form.reason.data,
        actor=acting_user(),
        at=at,
    )


def _merge(seat: Seat, form: Any, at: datetime) -> None:
    into = queries.find_for(acting_user(), form.into.data.upper())
    if into is None:
        raise continuing.CannotMerge(_("その番号の事業が見つかりません。番号を確かめてください（例：R8-P012）。"))
    continuing.merge(seat.project, into, on=form.on.data, reason=form.reason.data, actor=acting_user(), at=at)


def _continue(seat: Seat, form: PlainStepForm) -> ResponseReturnValue:
    found: list[str] = []

    def take(at: datetime) -> None:
        service.require_version(seat.project, form.seen_version)
        found.append(continuing.continue_next_year(seat.project, actor=acting_user(), at=at).number)

    answer = act(seat, form, take, done=_("翌年度の事業をつくりました。"), to=address(seat, "show"))
    if not found:
        return answer
    flash(_("新しい事業は %(number)s です。協働の形態から決めてください。", number=found[0]), "info")
    return redirect(url_for("projects.show", number=found[0]), code=303)
