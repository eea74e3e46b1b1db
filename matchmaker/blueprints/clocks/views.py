"""Promised and real response times, and the way back from a wait that ended by itself."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.clocks.forms import PromiseForm, ResumeForm
from matchmaker.blueprints.forms import Form, typed_words
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import lapses, promises, queries
from matchmaker.review.promises import PromiseInForce, Promises
from matchmaker.review.response_times import FEWEST_SHOWN, response_times

bp = Blueprint("clocks", __name__)


@bp.get("/response-times", endpoint="response_times")
@public
def response_times_() -> ResponseReturnValue:
    """Show what every party promises, and what it kept in the last year."""
    return render_template("clocks/response_times.html", times=response_times(on=clock.today()), fewest=FEWEST_SHOWN)


@bp.route("/response-times/<kind>", methods=["GET", "POST"])
@requires(Permission.CALL_EDIT)
def promise(kind: str) -> ResponseReturnValue:
    """Set the promise of one kind from a day on; every version stays."""
    wanted = next((one for one in WaitingKind if one.value == kind), None) or abort(404)
    now = Promises.load().of(wanted, clock.today())
    form = PromiseForm(now, promises.newest_version(wanted))
    if not form.validate_on_submit():
        return _promise_page(form, now), 422 if form.errors else 200
    terms, seen_version = form.to_terms(), form.seen_version
    try:
        with transaction():
            promises.promise(wanted, terms, seen_version=seen_version, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        # The form goes on from the version that the page now shows.
        form.version.data = str(promises.newest_version(wanted))
        flash(str(refusal), "error")
        return _promise_page(form, now), 409
    flash(_("約束の日数を記録しました。すでに待っている人との約束は変わりません。"), "success")
    return redirect(url_for("clocks.promise", kind=kind), code=303)


@bp.route("/review/<proposal_number:number>/lapse", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_SCREEN)
def lapse(number: str) -> ResponseReturnValue:
    """Suspend by hand a proposal whose changes are late; the clock does the same some days later."""
    proposal = queries.find_for(acting_user(), number) or abort(404)
    form = Form()
    if not form.validate_on_submit():
        can_lapse = proposal.status is ProposalStatus.RETURNED_FOR_FIX
        return render_template("clocks/lapse.html", proposal=proposal, form=form, can_lapse=can_lapse)
    try:
        with transaction():
            lapses.lapse(proposal, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        return render_template("clocks/refused.html", proposal=proposal, refusal=refusal, typed=[]), 409
    flash(_("休止しました。提案者にメールで知らせます。"), "success")
    return redirect(url_for("review.show", number=number), code=303)


@bp.route("/review/<proposal_number:number>/resume", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_SCREEN)
def resume(number: str) -> ResponseReturnValue:
    """Let a suspended proposal be mended after all."""
    proposal = queries.find_for(acting_user(), number) or abort(404)
    due_on = Promises.load().due_after(WaitingKind.FIXING, clock.now())
    form = ResumeForm(data={"fix_due_on": due_on})
    if not form.validate_on_submit():
        can_resume = proposal.status is ProposalStatus.LAPSED
        page = render_template("clocks/resume.html", proposal=proposal, form=form, can_resume=can_resume)
        return page, 422 if form.errors else 200
    try:
        with transaction():
            lapses.resume(
                proposal,
                reason=form.reason.data,
                fix_due_on=form.fix_due_on.data or clock.today(),
                actor=acting_user(),
                at=clock.now(),
            )
    except DomainError as refusal:
        typed = typed_words(form, "reason")
        return render_template("clocks/refused.html", proposal=proposal, refusal=refusal, typed=typed), 409
    flash(_("再開しました。新しい期限を、提案者にメールで知らせます。"), "success")
    return redirect(url_for("review.show", number=number), code=303)


def _promise_page(form: PromiseForm, now: PromiseInForce) -> str:
    return render_template("clocks/promise.html", form=form, now=now, versions=promises.list_versions(now.kind))
