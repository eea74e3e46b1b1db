"""The counting rule: its editions for everybody, and the workbench in which a change is tried before it is adopted."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.blueprints.indicators.forms import RuleForm, values_of
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import counting_rules, ledger
from matchmaker.indicators.counting import RULE_V1, CountingRule, from_data
from matchmaker.indicators.counting_rules import Comparison
from matchmaker.indicators.ledger_models import CountingRuleEdition
from matchmaker.permissions.grants import Permission

YEARS_COMPARED = 3


@bp.get("/counting-rules")
@public
def counting_rules_list() -> ResponseReturnValue:
    """Every edition of the rule, with what it counts and since when."""
    return render_template(
        "indicators/counting_rules.html",
        editions=[(edition, from_data(edition.rule)) for edition in counting_rules.list_editions()],
        built_in=RULE_V1,
    )


@bp.route("/counting-rules/new", methods=["GET", "POST"])
@requires(Permission.INDICATOR_ENTER)
def counting_rule_new() -> ResponseReturnValue:
    """Change the rule and see which projects enter or leave; then put it up for adoption."""
    current_fy = fiscal_year.fiscal_year_of(clock.today())
    form = RuleForm(data=values_of(counting_rules.in_force_for(current_fy), current_fy + 1))
    if not form.validate_on_submit():
        page = render_template("indicators/counting_rule_new.html", form=form, comparisons=None)
        return page, 422 if form.errors else 200
    if request.form.get("then") != "draft":
        return render_template("indicators/counting_rule_new.html", form=form, comparisons=_comparisons(form.rule))
    try:
        with transaction():
            reason = form.reason.data or ""
            counting_rules.draft(form.rule, from_fy=form.from_fy, reason=reason, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return render_template("indicators/counting_rule_new.html", form=form, comparisons=_comparisons(form.rule)), 409
    flash(_("数え方の案を作りました。ほかの人が採用すると、決めた年度から使われます。"), "success")
    return redirect(url_for("indicators.counting_rules_list"), code=303)


@bp.get("/counting-rules/<int:version>")
@public
def counting_rule(version: int) -> ResponseReturnValue:
    """One edition: what it counts, why it was made, and its effect on the last fiscal years."""
    edition = _edition(version)
    rule = from_data(edition.rule)
    waits = edition.adopted_at is None and edition.dropped_at is None
    return render_template(
        "indicators/counting_rule.html",
        edition=edition,
        rule=rule,
        waits=waits,
        comparisons=_comparisons(rule) if waits else [],
    )


@bp.post("/counting-rules/<int:version>/adopt")
@requires(Permission.DECISION_DECIDE)
def adopt_counting_rule(version: int) -> ResponseReturnValue:
    """Let a drafted rule count."""
    edition = _edition(version)
    return _act(
        lambda at: counting_rules.adopt(edition, actor=acting_user(), at=at),
        _("採用しました。次に数えるときから、この数え方を使います。"),
        version,
    )


@bp.post("/counting-rules/<int:version>/drop")
@requires(Permission.INDICATOR_ENTER)
def drop_counting_rule(version: int) -> ResponseReturnValue:
    """Give a drafted rule up."""
    edition = _edition(version)
    return _act(lambda at: counting_rules.drop(edition, actor=acting_user(), at=at), _("案を取りやめました。"), version)


def _act(take: Callable[[datetime], object], done: str, version: int) -> ResponseReturnValue:
    acted(take, done)
    return redirect(url_for("indicators.counting_rule", version=version), code=303)


def _edition(version: int) -> CountingRuleEdition:
    return counting_rules.find_edition(version) or abort(404)


def _comparisons(rule: CountingRule) -> list[Comparison]:
    current_fy = fiscal_year.fiscal_year_of(clock.today())
    return [ledger.compare(fy, rule) for fy in range(current_fy, current_fy - YEARS_COMPARED, -1)]
