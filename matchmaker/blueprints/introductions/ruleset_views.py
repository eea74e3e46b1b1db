"""Views of the weights: their history, an edit, its effect before it is used, and using it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.ruleset_forms import RulesetForm, UseRulesetForm
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import rulesets
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.ruleset_preview import preview, quality
from matchmaker.matching.weights import STANDARD, Ruleset, from_data
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.recusals import closed_numbers


@bp.get("/rulesets", endpoint="rulesets")
@requires(Permission.RULESET_EDIT)
def list_rulesets() -> ResponseReturnValue:
    """List all editions of the weights: who made each, when and why."""
    return render_template(
        "introductions/rulesets.html",
        editions=rulesets.list_editions(),
        used=rulesets.number_in_force(clock.today()),
        form=RulesetForm(MultiDict(), rulesets.in_force(clock.today())),
    )


@bp.get("/rulesets/new")
@requires(Permission.RULESET_EDIT)
def ruleset_new() -> ResponseReturnValue:
    """Show the weights to be edited; the address may carry those typed before."""
    return _form_page(RulesetForm(request.args, _newest()))


@bp.route("/rulesets/preview", methods=["GET", "POST"])
@requires(Permission.RULESET_EDIT)
def ruleset_preview() -> ResponseReturnValue:
    """Show what the weights in the address would do; a POST uses them."""
    form = RulesetForm(request.args, _newest())
    ruleset = form.checked()
    if ruleset is None:
        return _form_page(form), 422
    if request.method == "GET":
        return _preview_page(form, ruleset, UseRulesetForm(in_force_from_on=clock.today()))
    using = UseRulesetForm()
    if not using.validate_on_submit():
        return _preview_page(form, ruleset, using), 422
    try:
        with transaction():
            version = rulesets.make(
                ruleset,
                reason=using.reason.data,
                in_force_from_on=using.first_day,
                base=using.base_number,
                actor=acting_user(),
                at=clock.now(),
            )
            label = version.label
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _preview_page(form, ruleset, using), 409
    flash(
        _("重み %(label)s を作りました。使い始める日から、すべての一覧がこの重みになります。", label=label), "success"
    )
    return redirect(url_for("introductions.rulesets"), code=303)


def _newest() -> Ruleset:
    last = rulesets.newest()
    return from_data(last.ruleset) if last else STANDARD


def _form_page(form: RulesetForm) -> str:
    return render_template("introductions/ruleset_new.html", form=form)


def _preview_page(form: RulesetForm, ruleset: Ruleset, using: UseRulesetForm) -> str:
    pool = match_registry().pool(clock.today())
    last = rulesets.newest()
    using.base.data = str(last.number if last else rulesets.BUILT_IN)
    return render_template(
        "introductions/ruleset_preview.html",
        form=form,
        using=using,
        changes=rulesets.changes_between(pool.ruleset, ruleset),
        compared_with=pool.ruleset.version,
        moves=preview(pool, ruleset, clock.today()).without(closed_numbers(acting_user())),
        qualities=quality(pool, ruleset),
        disclosure=disclosure_for(acting_user()),
    )
