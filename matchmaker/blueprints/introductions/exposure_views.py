"""Who is seen: the report, the alarms and the settings of the exposure guarantee, for the NPO office."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.exposure_forms import ExposureSettingsForm, PeriodForm
from matchmaker.blueprints.introductions.presentation import url_for_page
from matchmaker.foundation import clock
from matchmaker.foundation.errors import EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import exposure_plan, exposure_rules
from matchmaker.introductions.exposure_figures import exposure_report
from matchmaker.matching.exposure_report import Aspect
from matchmaker.permissions.grants import Permission


@bp.get("/exposure")
@requires(Permission.EXPOSURE_MANAGE)
def exposure() -> ResponseReturnValue:
    """Report how many companies saw the proposals, by region, legal form and newcomer."""
    today = clock.today()
    exposure_plan.ensure_plan(today, at=clock.now())
    form = PeriodForm()
    begin = None if form.length is None else today - timedelta(days=form.length - 1)
    titles = {
        Aspect.REGION: _("地域"),
        Aspect.LEGAL_FORM: _("団体の種類"),
        Aspect.NEWCOMER: _("初めての提案かどうか"),
    }
    return render_template(
        "introductions/exposure.html",
        report=exposure_report(begin, today),
        titles=titles,
        rules=exposure_rules.rules_in_force(),
        alarms=exposure_plan.count_alarms(today),
        form=form,
        begin=begin,
    )


@bp.get("/exposure/alarms")
@requires(Permission.EXPOSURE_MANAGE)
def exposure_alarms() -> ResponseReturnValue:
    """List the proposals whose guarantee is lost or at risk today, and those of earlier days that were lost."""
    today = clock.today()
    exposure_plan.ensure_plan(today, at=clock.now())
    return render_template(
        "introductions/exposure_alarms.html",
        page=exposure_plan.list_alarms(acting_user(), today, page_number()),
        counts=exposure_plan.count_alarms(today),
        url_for_page=url_for_page,
        lost=exposure_plan.list_lost(acting_user(), today),
        alarm_sentence=exposure_plan.alarm_sentence,
        rules=exposure_rules.rules_in_force(),
    )


@bp.route("/exposure/settings", methods=["GET", "POST"])
@requires(Permission.EXPOSURE_MANAGE)
def exposure_settings() -> ResponseReturnValue:
    """Change what is promised; every version is kept. New numbers count from the next day's plan."""
    rules = exposure_rules.rules_in_force()
    form = ExposureSettingsForm(rules)
    if not form.validate_on_submit():
        return _settings_page(form, rules), 422 if form.errors else 200
    try:
        with transaction():
            exposure_rules.save_settings(
                form.to_settings(), seen_version=form.seen_version, actor=acting_user(), at=clock.now()
            )
    except EditConflict as refusal:
        flash(str(refusal), "error")
        return _settings_page(form, exposure_rules.rules_in_force()), 409
    flash(_("設定を保存しました。枠と注意は、明日の計画から新しい設定で作ります。"), "success")
    return redirect(url_for("introductions.exposure_settings"), code=303)


def _settings_page(form: ExposureSettingsForm, rules: exposure_rules.ExposureRules) -> str:
    """After a conflict the form goes on from the version that the page now shows."""
    form.version.data = str(rules.version)
    return render_template(
        "introductions/exposure_settings.html", form=form, rules=rules, versions=exposure_rules.list_settings()
    )
