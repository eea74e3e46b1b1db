"""Official figures: entered by the office, approved by another person; breaks of a series."""

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.blueprints.indicators.forms import BreakForm, EnterForm
from matchmaker.foundation import fiscal_year
from matchmaker.indicators import attainment, queries, service
from matchmaker.indicators.catalogue import Indicator, find
from matchmaker.indicators.models import OfficialFigure
from matchmaker.permissions.grants import Permission


@bp.route("/<key>/enter", methods=["GET", "POST"])
@requires(Permission.INDICATOR_ENTER)
def enter(key: str) -> ResponseReturnValue:
    """Enter a target or an actual that was published later, or correct one; an unlikely value is asked about."""
    indicator = _indicator(key)
    form = EnterForm(indicator)
    question = ""
    if form.validate_on_submit():
        question = _question(indicator, form)
        if not question and acted(
            lambda at: service.enter(indicator, form.entry, actor=acting_user(), at=at),
            _("%(year)sの数値を入力しました。ほかの人が承認すると公開されます。", year=fiscal_year.label(form.fy)),
        ):
            return redirect(url_for("indicators.show", key=key), code=303)
    page = render_template(
        "indicators/enter.html",
        indicator=indicator,
        form=form,
        question=question,
        history=queries.list_history(indicator),
    )
    return page, 422 if form.errors or question else 200


@bp.post("/figures/<int:identity>/approve")
@requires(Permission.DECISION_DECIDE)
def approve_figure(identity: int) -> ResponseReturnValue:
    """Let an entered figure count."""
    figure = _waiting(identity)
    acted(lambda at: service.approve(figure, actor=acting_user(), at=at), _("承認しました。数値を公開しました。"))
    return redirect(url_for("indicators.show", key=figure.indicator), code=303)


@bp.post("/figures/<int:identity>/drop")
@requires(Permission.INDICATOR_ENTER)
def drop_figure(identity: int) -> ResponseReturnValue:
    """Give up a figure that waits for approval."""
    figure = _waiting(identity)
    acted(lambda at: service.drop(figure, actor=acting_user(), at=at), _("入力を取りやめました。"))
    return redirect(url_for("indicators.show", key=figure.indicator), code=303)


@bp.route("/<key>/break", methods=["GET", "POST"])
@requires(Permission.INDICATOR_ENTER)
def series_break(key: str) -> ResponseReturnValue:
    """Record from which fiscal year on the indicator is measured otherwise, or take that back."""
    indicator = _indicator(key)
    form = BreakForm()
    if form.validate_on_submit() and acted(
        lambda at: service.mark_break(
            indicator,
            fy=form.fy,
            is_break=not form.takes_back.data,
            note=form.note.data or "",
            actor=acting_user(),
            at=at,
        ),
        _("記録しました。"),
    ):
        return redirect(url_for("indicators.show", key=key), code=303)
    page = render_template(
        "indicators/series_break.html", indicator=indicator, form=form, breaks=queries.breaks_of([indicator])[key]
    )
    return page, 422 if form.errors else 200


def _question(indicator: Indicator, form: EnterForm) -> str:
    """What is asked before an unlikely value is stored; "" when it is likely or the person is sure."""
    last = queries.last_known(indicator, form.entry.measure, form.fy)
    if form.is_sure.data or last is None or not attainment.is_unlikely(form.amount, last.value):
        return ""
    return _(
        "いま分かっている%(year)sの値は%(last)s%(unit)sです。入力した値は%(value)s%(unit)sで、10倍以上ちがいます。"
        "単位は%(unit)sで合っていますか。",
        year=fiscal_year.label(last.reporting_fy),
        last=indicator.written(last.value),
        unit=indicator.unit,
        value=indicator.written(form.amount),
    )


def _indicator(key: str) -> Indicator:
    return find(key) or abort(404)


def _waiting(identity: int) -> OfficialFigure:
    return (queries.find_waiting(identity) if identity < 2**31 else None) or abort(404)
