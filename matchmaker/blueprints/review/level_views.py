"""What the office keeps back of a proposal, and why."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.level_forms import LiftForm, WithholdForm
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.lookup import found
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.permissions.levels import Level, WithholdingReason
from matchmaker.proposals import narrowing, publication
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import Question


@bp.route("/<proposal_number:number>/levels", methods=["GET", "POST"])
@requires(Permission.DISCLOSURE_EXPORT)
def levels(number: str) -> ResponseReturnValue:
    """Show how far each field is open, and keep one back for a reason."""
    proposal, form = found(number), WithholdForm()
    if not form.is_submitted():
        return _page(proposal, form)
    if not form.validate_on_submit():
        return _page(proposal, form), 422
    try:
        with transaction():
            narrowing.withhold(
                proposal,
                Question(form.question.data),
                Level(form.level.data),
                WithholdingReason(form.reason.data),
                until_on=form.until_on.data,
                actor=acting_user(),
                at=clock.now(),
            )
    except DomainError as refusal:
        form.until_on.errors = [str(refusal)]
        return _page(proposal, form), 422
    flash(_("公開の範囲をせばめました。"), "success")
    return redirect(url_for("review.levels", number=number), code=303)


@bp.post("/<proposal_number:number>/levels/lift")
@requires(Permission.DISCLOSURE_EXPORT)
def lift_level(number: str) -> ResponseReturnValue:
    """Open a field again as far as its owner wants it."""
    proposal = found(number)
    question = LiftForm().chosen or abort(404)
    with transaction():
        narrowing.lift(proposal, question, actor=acting_user(), at=clock.now())
    flash(_("公開の範囲を元に戻しました。"), "success")
    return redirect(url_for("review.levels", number=number), code=303)


def _page(proposal: Proposal, form: WithholdForm) -> str:
    today = clock.today()
    return render_template(
        "review/levels.html",
        proposal=proposal,
        form=form,
        kept=narrowing.list_kept(proposal),
        now=[(question, publication.level_of(proposal, question, today)) for question in Question],
    )
