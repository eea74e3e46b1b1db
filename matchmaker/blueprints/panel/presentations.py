"""The public presentation: its programme for everybody, its preparation and its clock for the office."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import abort

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.panel.blueprint import bp
from matchmaker.blueprints.panel.lookup import day_of, is_office, reviewed, slot_of
from matchmaker.blueprints.panel.presentation_forms import AttendanceForm, DayForm, DropForm, QuestionForm
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.review import panel, presentation
from matchmaker.review.call_models import Call
from matchmaker.review.presentation_models import Asker, PresentationDay, SlotState
from matchmaker.review.queries import steps_for
from matchmaker.review.workflow import Action

STEPS = {
    "start": presentation.start_talk,
    "questions": presentation.start_questions,
    "again": presentation.start_again,
    "held": presentation.finish,
}
"""What the timekeeper's buttons do."""


@bp.get("/presentations")
@public
def presentations() -> ResponseReturnValue:
    """The days that were published; the office also sees those that it prepares."""
    return render_template(
        "panel/presentations.html",
        page=presentation.list_days(is_office=is_office(), page=page_number()),
        url_for_page=lambda number: url_for("panel.presentations", page=number),
    )


@bp.get("/presentations/<int:day_id>")
@public
def programme(day_id: int) -> ResponseReturnValue:
    """The programme as everybody may know it; questions and answers once the office released them."""
    day = day_of(day_id)
    return render_template("panel/programme.html", day=day, slots=presentation.programme(day))


@bp.route("/presentations/new", methods=["GET", "POST"])
@requires(Permission.PANEL_MANAGE)
def plan() -> ResponseReturnValue:
    """Enter a day; with ``call`` in the address it begins with what the call says of its second stage."""
    calls = _calls()
    asked = next((one for one in calls if one.number == request.args.get("call")), None)
    form = DayForm(calls, of_call=asked)
    if form.validate_on_submit():
        with transaction():
            day_id = presentation.plan(form.facts(), actor=acting_user(), at=clock.now()).id
        flash(_("発表の日を作りました。次に、発表する提案を選んでください。"), "success")
        return redirect(url_for("panel.manage", day_id=day_id), code=303)
    return render_template("panel/day.html", form=form, day=None), 422 if form.errors else 200


@bp.route("/presentations/<int:day_id>/edit", methods=["GET", "POST"])
@requires(Permission.PANEL_MANAGE)
def edit(day_id: int) -> ResponseReturnValue:
    """Change place, time or lengths."""
    day = day_of(day_id)
    form = DayForm(_calls(day), day)
    if not form.validate_on_submit():
        return render_template("panel/day.html", form=form, day=day), 422 if form.errors else 200
    try:
        with transaction():
            presentation.change(day, form.facts(), opened_as=form.opened_as, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return render_template("panel/day.html", form=form, day=day_of(day_id)), 409
    flash(_("保存しました。"), "success")
    return redirect(url_for("panel.manage", day_id=day_id), code=303)


@bp.get("/presentations/<int:day_id>/manage")
@requires(Permission.PANEL_MANAGE)
def manage(day_id: int) -> ResponseReturnValue:
    """Order, results, questions and attendance of one day."""
    return _manage(day_of(day_id))


@bp.post("/presentations/<int:day_id>/slots")
@requires(Permission.PANEL_MANAGE)
def place(day_id: int) -> ResponseReturnValue:
    """Give the chosen proposals their slots."""
    day, chosen = day_of(day_id), set(request.form.getlist("proposal"))
    picked = [one for one in presentation.list_due(acting_user(), day) if one.public_number in chosen]
    return _act(
        day,
        lambda at: presentation.place(day, picked, actor=acting_user(), at=at),
        _("%(count)s件の枠を作りました。", count=len(picked)) if picked else _("提案が選ばれていません。"),
    )


@bp.post('/presentations/<int:day_id>/<any("draw", "publish", "release-questions", "held"):what>')
@requires(Permission.PANEL_MANAGE)
def on_day(day_id: int, what: str) -> ResponseReturnValue:
    """What is done to the day as a whole."""
    day = day_of(day_id)
    acts: dict[str, tuple[Callable[..., object], str]] = {
        "draw": (presentation.draw_order, _("順番を、くじで決めました。")),
        "publish": (presentation.publish, _("プログラムを公開しました。")),
        "release-questions": (presentation.release_questions, _("質疑を公開しました。")),
        "held": (presentation.finish_all, _("残りの枠を、すべて発表ずみにしました。")),
    }
    act, done = acts[what]
    return _act(day, lambda at: act(day, actor=acting_user(), at=at), done)


@bp.post("/presentations/<int:day_id>/attendance")
@requires(Permission.PANEL_MANAGE)
def attendance(day_id: int) -> ResponseReturnValue:
    """State how many people of a division came."""
    day, form = day_of(day_id), AttendanceForm()
    if not form.validate_on_submit():
        return _manage(day, attendance_form=form), 422
    division_id, people = int(form.division_id.data), form.data["people"]
    return _act(
        day,
        lambda at: presentation.note_attendance(day, division_id, people, actor=acting_user(), at=at),
        _("出席を記録しました。"),
    )


@bp.post('/presentations/<int:day_id>/slots/<int:slot_id>/<any("earlier", "later"):where>')
@requires(Permission.PANEL_MANAGE)
def move(day_id: int, slot_id: int, where: str) -> ResponseReturnValue:
    """Let a slot change places with its neighbour."""
    slot = slot_of(day_id, slot_id)
    return _act(
        slot.day,
        lambda at: presentation.move(slot, earlier=where == "earlier", actor=acting_user(), at=at),
        _("順番を変えました。"),
    )


@bp.post('/presentations/<int:day_id>/slots/<int:slot_id>/<any("start", "questions", "again", "held"):what>')
@requires(Permission.PANEL_MANAGE)
def step(day_id: int, slot_id: int, what: str) -> ResponseReturnValue:
    """A button of the timekeeper."""
    slot = slot_of(day_id, slot_id)
    try:
        with transaction():
            STEPS[what](slot, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    return redirect(url_for("panel.timekeeper", day_id=day_id), code=303)


@bp.post("/presentations/<int:day_id>/slots/<int:slot_id>/drop")
@requires(Permission.PANEL_MANAGE)
def drop(day_id: int, slot_id: int) -> ResponseReturnValue:
    """State that a slot was not held, and why."""
    slot, form = slot_of(day_id, slot_id), DropForm(slot_id)
    if not form.validate_on_submit():
        return _manage(slot.day, drop_form=form), 422
    state, reason = SlotState(form.state.data), form.reason.data
    return _act(
        slot.day,
        lambda at: presentation.drop(slot, state, reason=reason, actor=acting_user(), at=at),
        _("記録しました。提案の状態は変わりません。"),
    )


@bp.post("/presentations/<int:day_id>/slots/<int:slot_id>/note")
@requires(Permission.PANEL_MANAGE)
def note(day_id: int, slot_id: int) -> ResponseReturnValue:
    """Write a question and its answer down."""
    slot, form = slot_of(day_id, slot_id), QuestionForm(slot_id)
    if not form.validate_on_submit():
        return _manage(slot.day, question_form=form), 422
    asked_by = Asker(form.asked_by.data)
    return _act(
        slot.day,
        lambda at: presentation.note_question(
            slot,
            asked_by=asked_by,
            asker=form.asker.data,
            question=form.question.data,
            answer=form.answer.data,
            actor=acting_user(),
            at=at,
        ),
        _("質疑を記録しました。"),
    )


@bp.post("/presentations/<int:day_id>/slots/<int:slot_id>/note/<int:question_id>/remove")
@requires(Permission.PANEL_MANAGE)
def remove_note(day_id: int, slot_id: int, question_id: int) -> ResponseReturnValue:
    """Take a question out again that was written down by mistake."""
    slot = slot_of(day_id, slot_id)
    question = next((one for one in slot.questions if one.id == question_id), None) or abort(404)
    return _act(
        slot.day,
        lambda at: presentation.drop_question(slot, question, actor=acting_user(), at=at),
        _("質疑を1つ消しました。"),
    )


@bp.get("/presentations/<int:day_id>/timekeeper")
@requires(Permission.PANEL_MANAGE)
def timekeeper(day_id: int) -> ResponseReturnValue:
    """The time that is left, in large figures, with the buttons below; without scripts the planned times."""
    day, now = day_of(day_id), clock.now()
    slots = presentation.programme_for(acting_user(), day)
    running = presentation.clock_of(day, now)
    here = next((one for one in slots if running.slot is not None and one.slot.id == running.slot.id), None)
    return render_template("panel/timekeeper.html", day=day, slots=slots, running=running, here=here, now=now)


@bp.get("/presentations/<int:day_id>/timekeeper/state")
@requires(Permission.PANEL_MANAGE)
def timekeeper_state(day_id: int) -> ResponseReturnValue:
    """Which clock runs now, for a second screen that follows the first."""
    now = clock.now()
    return jsonify(mark=presentation.clock_of(day_of(day_id), now).mark, now=now.isoformat())


@bp.route("/panel/<proposal_number:number>/presentation", methods=["GET", "POST"])
@requires(Permission.PANEL_MANAGE)
def present(number: str) -> ResponseReturnValue:
    """Record that a proposal was presented: usually its slot does that, otherwise this button."""
    proposal = reviewed(number)
    if request.method == "GET":
        slots = presentation.list_slots_of(proposal)
        may_present = any(step.action is Action.PRESENT for step in steps_for(acting_user(), proposal))
        return render_template("panel/present.html", proposal=proposal, slots=slots, may_present=may_present)
    try:
        with transaction():
            presentation.present(proposal, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        return render_template("panel/sheet_refused.html", proposal=proposal, refusal=refusal, typed=[]), 409
    flash(_("発表がすんだことを記録しました。"), "success")
    return redirect(url_for("review.show", number=number), code=303)


def _calls(day: PresentationDay | None = None) -> list[Call]:
    calls = panel.list_calls_with_work()
    own = panel.find_call(day.call_id) if day and day.call_id else None
    return calls if own is None or own in calls else [*calls, own]


def _act(day: PresentationDay, act: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    day_id = day.id
    acted(act, done)
    return redirect(url_for("panel.manage", day_id=day_id), code=303)


def _manage(
    day: PresentationDay,
    *,
    question_form: QuestionForm | None = None,
    drop_form: DropForm | None = None,
    attendance_form: AttendanceForm | None = None,
) -> str:
    slots = presentation.programme_for(acting_user(), day)
    failed = {one._prefix: one for one in (question_form, drop_form) if one is not None}
    question_forms = {one.slot.id: QuestionForm(one.slot.id, formdata=None) for one in slots}
    drop_forms = {one.slot.id: DropForm(one.slot.id, formdata=None) for one in slots}
    return render_template(
        "panel/manage.html",
        day=day,
        slots=slots,
        due=presentation.list_due(acting_user(), day),
        has_begun=any(one.slot.talk_started_at or one.slot.ended_at for one in slots),
        question_forms={key: failed.get(one._prefix, one) for key, one in question_forms.items()},
        drop_forms={key: failed.get(one._prefix, one) for key, one in drop_forms.items()},
        attendance_form=attendance_form or AttendanceForm(formdata=None),
        form=question_form or drop_form or attendance_form,
    )
