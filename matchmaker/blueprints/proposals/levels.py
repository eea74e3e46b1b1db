"""How far the owner opens single fields."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.level_forms import OwnerLevelsForm
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.lookup import own
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import narrowing


@bp.route("/<proposal_number:number>/levels", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def levels(number: str) -> ResponseReturnValue:
    """Choose for each field of plan and budget who may read it."""
    proposal = own(number)
    chosen = {row.question.value: row.level.value for row in proposal.field_levels if not row.is_by_office}
    form = OwnerLevelsForm(data=chosen)
    if form.validate_on_submit():
        with transaction():
            narrowing.choose(proposal, form.levels, actor=acting_user(), at=clock.now())
        flash(_("公開の範囲を保存しました。"), "success")
        return redirect(url_for("proposals.show", number=proposal.public_number), code=303)
    kept = narrowing.list_kept(proposal)
    return render_template(
        "proposals/levels.html", proposal=proposal, form=form, kept=kept
    ), 422 if form.errors else 200
