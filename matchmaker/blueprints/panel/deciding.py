"""What those who review see of the panel's work, and what the office records of its meeting."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.forms import typed_words
from matchmaker.blueprints.panel.blueprint import bp
from matchmaker.blueprints.panel.forms import MeetingForm, ReasonForm, RecuseForm, meeting_form
from matchmaker.blueprints.panel.lookup import reviewed
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.review import panel, panel_decisions, ties
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel_decisions import Meeting
from matchmaker.review.panel_scores import FEWEST_FOR_OUTLIERS, OUTLIER_DISTANCE
from matchmaker.review.workflow import OUTCOMES_FROM, Outcome


@bp.get("/panel/<proposal_number:number>/scores")
@requires(Permission.REVIEW_READ)
def scores(number: str) -> ResponseReturnValue:
    """Every sheet handed in side by side, their figures, ties and meetings."""
    proposal = reviewed(number)
    if panel.owes_sheet(acting_user(), proposal):
        return _refused(proposal, _("あなたの採点表を提出するまで、ほかの委員の採点は見られません。")), 403
    return _scores(proposal)


@bp.post("/panel/<proposal_number:number>/recuse")
@requires(Permission.PANEL_MANAGE)
def recuse(number: str) -> ResponseReturnValue:
    """Keep a judge out because of a tie that the office learned of."""
    proposal = reviewed(number)
    form = RecuseForm(panel.list_judges())
    if not form.validate_on_submit():
        return _scores(proposal, form), 422
    with transaction():
        judge = next(one for one in panel.list_judges() if one.id == int(form.judge_id.data))
        panel.office_recusal(
            proposal,
            judge,
            kind=TieKind(form.kind.data),
            words=form.words.data,
            actor=acting_user(),
            at=clock.now(),
        )
        is_own = judge.id == acting_user().id
    flash(_("回避を記録しました。その人には、公開されている部分だけが見えます。"), "success")
    return redirect(url_for("panel.assignments") if is_own else url_for("panel.scores", number=number), code=303)


@bp.post("/panel/<proposal_number:number>/recusals/<int:recusal_id>/lift")
@requires(Permission.PANEL_MANAGE)
def lift(number: str, recusal_id: int) -> ResponseReturnValue:
    """Take a recusal back that was made by mistake."""
    proposal = reviewed(number)
    recusal = next((one for one in ties.list_of([proposal]) if one.id == recusal_id), None) or abort(404)
    form = ReasonForm(prefix=f"lift-{recusal_id}-")
    if not form.validate_on_submit():
        return _scores(proposal, lift_form=form), 422
    try:
        with transaction():
            ties.lift(recusal, reason=form.reason.data, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        return _refused(proposal, refusal, form), 409
    flash(_("回避を取り消しました。"), "success")
    return redirect(url_for("panel.scores", number=number), code=303)


@bp.route("/panel/<proposal_number:number>/decision", methods=["GET", "POST"])
@requires(Permission.PANEL_MANAGE)
def decision(number: str) -> ResponseReturnValue:
    """Record what the meeting decided: who was there, what, why, and who was against it."""
    proposal = reviewed(number)
    if panel.owes_sheet(acting_user(), proposal):
        abort(403)
    if not panel_decisions.is_open(proposal):
        refusal = _("いまは「%(now)s」なので、審査会の判断は記録できません。", now=proposal.status.label)
        return _refused(proposal, refusal), 409
    form = _meeting_form(proposal)
    if not form.validate_on_submit():
        return _decision_page(proposal, form), 422 if form.errors else 200
    meeting = Meeting(
        outcome=Outcome(form.outcome.data),
        held_on=form.data["held_on"],
        chair=form.chair.data,
        quorum=form.data["quorum"],
        present_ids=form.present_ids,
        reason=form.reason.data,
        reasons=form.reasons,
        dissents=form.dissents,
    )
    try:
        with transaction():
            panel_decisions.record(proposal, meeting, seen=form.seen_id, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _decision_page(reviewed(number), form), 409
    flash(_("審査会の判断を記録しました。起案の根拠に使えます。"), "success")
    return redirect(url_for("review.show", number=number), code=303)


@bp.post("/panel/<proposal_number:number>/decision/none")
@requires(Permission.PANEL_MANAGE)
def no_meeting(number: str) -> ResponseReturnValue:
    """Go on without a meeting, and say why."""
    proposal = reviewed(number)
    form = ReasonForm(prefix="without-")
    if not form.validate_on_submit():
        return _decision_page(proposal, None, form), 422
    try:
        with transaction():
            panel_decisions.go_without(proposal, reason=form.reason.data, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        return _refused(reviewed(number), refusal, form), 409
    flash(_("審査会を開かずに進めることを、理由といっしょに記録しました。"), "success")
    return redirect(url_for("review.show", number=number), code=303)


def _scores(proposal: Proposal, form: RecuseForm | None = None, *, lift_form: ReasonForm | None = None) -> str:
    recusals = ties.list_of([proposal])
    lifting = {one.id: ReasonForm(formdata=None, prefix=f"lift-{one.id}-") for one in recusals if not one.lifted_at}
    if lift_form is not None:
        lifting = {key: lift_form if one._prefix == lift_form._prefix else one for key, one in lifting.items()}
    return render_template(
        "panel/scores.html",
        proposal=proposal,
        view=panel.view_of(proposal),
        criteria=criteria_of(proposal),
        recusals=recusals,
        recused_ids={one.user_id for one in recusals if one.lifted_at is None},
        lifting=lifting,
        is_open=panel_decisions.is_open(proposal),
        recuse_form=form or RecuseForm(panel.list_judges()),
        form=form or lift_form,
        outlier_distance=OUTLIER_DISTANCE,
        fewest=FEWEST_FOR_OUTLIERS,
    )


def _meeting_form(proposal: Proposal) -> MeetingForm:
    judges = panel_decisions.list_sitting(proposal)
    return meeting_form(
        criteria_of(proposal),
        judges,
        OUTCOMES_FROM.get(proposal.status, ()),
        quorum=panel_decisions.usual_quorum(len(judges)),
        seen=panel_decisions.newest_id(proposal),
    )


def _decision_page(proposal: Proposal, form: MeetingForm | None, without: ReasonForm | None = None) -> str:
    return render_template(
        "panel/decision.html",
        proposal=proposal,
        meeting=form or _meeting_form(proposal),
        without=without or ReasonForm(formdata=None, prefix="without-"),
        may_go_without=proposal.status in panel_decisions.SCORED_FROM,
        form=form or without,
        view=panel.view_of(proposal),
        criteria=criteria_of(proposal),
    )


def _refused(proposal: Proposal, refusal: DomainError | str, form: ReasonForm | None = None) -> str:
    typed = typed_words(form, "reason") if form else []
    return render_template("panel/sheet_refused.html", proposal=proposal, refusal=refusal, typed=typed)
