"""The office's side of the yearly report round: opening, who has answered, comparing, confirming, closing."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.forms import given_day
from matchmaker.blueprints.projects.round_forms import (
    CloseForm,
    ConfirmAllForm,
    DueForm,
    OpenRoundForm,
    PairForm,
    PartForm,
)
from matchmaker.blueprints.projects.round_views import list_page, round_of
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import round_closing
from matchmaker.permissions.grants import Permission
from matchmaker.projects import report_round_pairs, report_rounds
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects.report_round_models import ReportRound
from matchmaker.projects.report_round_pairs import Pair
from matchmaker.projects.report_round_terms import PairVerdict
from matchmaker.proposals.differences import difference


@bp.get("/rounds")
@requires(Permission.PROJECT_REPORT)
def rounds() -> ResponseReturnValue:
    """Every year's round, and for a division where its list stands."""
    user = acting_user()
    found = queries.list_rounds()
    return render_template(
        "projects/rounds.html",
        rounds=[(row, queries.answer_of(user, row)) for row in found],
        is_office=user.may(Permission.PROJECT_CONFIRM),
    )


@bp.route("/rounds/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def round_open() -> ResponseReturnValue:
    """Ask every division for its collaborations of a fiscal year."""
    form = OpenRoundForm()
    if not form.validate_on_submit():
        return render_template("projects/round_open.html", form=form), 422 if form.errors else 200
    fy, note = fiscal_year.parse(form.fy.data), form.note.data or ""
    try:
        with transaction():
            round_closing.open_round(fy, due_on=given_day(form.due_on), note=note, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return render_template("projects/round_open.html", form=form), 422
    flash(_("取りまとめを始めました。各課の「あなたの仕事」に出て、毎日のメールで知らせます。"), "success")
    return redirect(url_for("projects.round_show", fy=fy), code=303)


@bp.route("/rounds/<fiscal_year:fy>/change", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def round_change(fy: int) -> ResponseReturnValue:
    """Set another due date, or another note to the divisions."""
    report_round = round_of(fy)
    form = DueForm(report_round)
    if not form.validate_on_submit():
        return render_template("projects/round_change.html", report_round=report_round, form=form), (
            422 if form.errors else 200
        )
    seen, due_on, note = form.seen_version, given_day(form.due_on), form.note.data or ""
    try:
        with transaction():
            report_rounds.change(
                report_round, version=seen, due_on=due_on, note=note, actor=acting_user(), at=clock.now()
            )
    except EditConflict:
        return render_template("errors/conflict.html", conflict=_conflict(round_of(fy), form)), 409
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return render_template("projects/round_change.html", report_round=round_of(fy), form=form), 409
    flash(_("保存しました。"), "success")
    return redirect(url_for("projects.round_show", fy=fy), code=303)


@bp.get("/rounds/<fiscal_year:fy>/divisions/<int(max=999999999):division_id>")
@requires(Permission.PROJECT_CONFIRM)
def round_division(fy: int, division_id: int) -> ResponseReturnValue:
    """One division's list: the office reads it, and enters it for a division that answers in another way."""
    report_round = round_of(fy)
    answer = next((row for row in report_round.answers if row.division_id == division_id), None)
    if answer is None:
        abort(404)
    return list_page(report_round, answer)


@bp.get("/rounds/<fiscal_year:fy>/pairs")
@requires(Permission.PROJECT_CONFIRM)
def round_pairs(fy: int) -> ResponseReturnValue:
    """The reports that look alike, those without a decision first."""
    report_round = round_of(fy)
    return render_template(
        "projects/round_pairs.html",
        report_round=report_round,
        pairs=report_round_pairs.pairs_in(fy),
        merged=report_round_pairs.merged_in(fy),
    )


@bp.route("/rounds/<fiscal_year:fy>/pairs/<project_number:first>/<project_number:second>", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def round_pair(fy: int, first: str, second: str) -> ResponseReturnValue:
    """Say whether two reports are one project."""
    report_round = round_of(fy)
    pair = report_round_pairs.find_pair(fy, first, second) or abort(404)
    form = PairForm(pair)
    if not form.validate_on_submit():
        page = render_template("projects/round_pair.html", report_round=report_round, pair=pair, form=form)
        return page, 422 if form.errors else 200
    verdict, seen, reason = PairVerdict(form.verdict.data), form.seen, form.reason.data or ""
    try:
        with transaction():
            report_round_pairs.decide(
                report_round, pair, verdict, seen=seen, reason=reason, actor=acting_user(), at=clock.now()
            )
    except DomainError as refusal:
        flash(str(refusal), "error")
        again = report_round_pairs.find_pair(fy, first, second)
        if again is None:
            return redirect(url_for("projects.round_pairs", fy=fy), code=303)
        form.look_again(again)
        return render_template("projects/round_pair.html", report_round=round_of(fy), pair=again, form=form), 409
    flash(_("判断を記録しました。"), "success")
    return redirect(url_for("projects.round_pairs", fy=fy), code=303)


@bp.route("/rounds/<fiscal_year:fy>/pairs/<project_number:first>/<project_number:second>/part", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def round_part(fy: int, first: str, second: str) -> ResponseReturnValue:
    """Part two reports that were made one; of a closed year that is a correction."""
    report_round = round_of(fy)
    pair = report_round_pairs.find_merged(fy, first, second) or abort(404)
    form = PartForm(pair)
    if not form.validate_on_submit():
        return _part_page(report_round, pair, form), 422 if form.errors else 200
    seen, reason = form.seen, form.reason.data or ""
    try:
        with transaction():
            corrected = round_closing.part(
                report_round, pair, seen=seen, reason=reason, actor=acting_user(), at=clock.now()
            )
            years = "、".join(fiscal_year.label(row.fy) for row in corrected)
    except DomainError as refusal:
        again = report_round_pairs.find_merged(fy, first, second)
        if again is None:
            flash(str(refusal), "error")
            return redirect(url_for("projects.round_pairs", fy=fy), code=303)
        form.form_errors.append(str(refusal))
        form.look_again(again)
        return _part_page(round_of(fy), again, form), 409
    flash(_("2つの事業に分けました。"), "success")
    if years:
        flash(_("確定した%(years)sの数を、訂正として数え直しました。", years=years), "info")
    return redirect(url_for("projects.round_pairs", fy=fy), code=303)


@bp.route("/rounds/<fiscal_year:fy>/confirm", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def round_confirm(fy: int) -> ResponseReturnValue:
    """Choose reports, look at them once more, and confirm them together."""
    report_round, user = round_of(fy), acting_user()
    waiting = queries.list_awaiting(fy)
    form = ConfirmAllForm([row for row in waiting if row.reported_by_id != user.id])
    if not form.validate_on_submit():
        return _confirm_page(report_round, form), 422 if form.errors else 200
    if not form.is_looked_at.data:
        return render_template("projects/round_confirm_check.html", report_round=report_round, form=form)
    seen = form.seen
    try:
        with transaction():
            numbers = report_rounds.confirm_all(report_round, seen, actor=user, at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("projects.round_confirm", fy=fy), code=303)
    flash(_("%(count)s件を確認しました。", count=len(numbers)), "success")
    return redirect(url_for("projects.round_show", fy=fy), code=303)


@bp.route("/rounds/<fiscal_year:fy>/close", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def round_close(fy: int) -> ResponseReturnValue:
    """Look at what is still open, then close the round and freeze the year's figure in one act."""
    report_round = round_of(fy)
    form = CloseForm(data={"version": report_round.version})
    if not form.validate_on_submit():
        return _close_page(report_round, form), 422 if form.errors else 200
    seen, reason = form.seen_version, form.reason.data or ""
    try:
        with transaction():
            value = round_closing.close(
                report_round, version=seen, reason=reason, actor=acting_user(), at=clock.now()
            ).value
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        form.version.data = round_of(fy).version
        return _close_page(round_of(fy), form), 409
    year = fiscal_year.label(fy)
    flash(_("取りまとめを締め切り、%(year)sの数を%(value)s件で確定しました。", year=year, value=value), "success")
    return redirect(url_for("projects.round_show", fy=fy), code=303)


def _conflict(report_round: ReportRound, form: DueForm) -> dict[str, Any]:
    """What the conflict page shows: both texts where they differ, and how to save one's own."""
    last = queries.history_of(report_round)[-1]
    due_on = fiscal_year.japanese_date(form.due_on.data) if form.due_on.data else ""
    texts = [
        (_("提出の期限"), due_on, fiscal_year.japanese_date(report_round.due_on)),
        (_("課へのお知らせ"), form.note.data or "", report_round.note),
    ]
    address = url_for("projects.round_change", fy=report_round.fy)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "version"}]
    return {
        "what": _("%(year)sの取りまとめ", year=fiscal_year.label(report_round.fy)),
        "by": last.actor.name,
        "at": last.at,
        "fields": [
            {"label": label, "mine": mine, "theirs": theirs, "changes": difference(theirs, mine)}
            for label, mine, theirs in texts
            if mine != theirs
        ],
        "edit_url": address,
        "resend": {"url": address, "values": [*kept, ("version", str(report_round.version))]},
    }


def _part_page(report_round: ReportRound, pair: Pair, form: PartForm) -> str:
    closed = [fiscal_year.label(fy) for fy in round_closing.closed_years_of(pair)]
    return render_template("projects/round_part.html", report_round=report_round, pair=pair, form=form, closed=closed)


def _confirm_page(report_round: ReportRound, form: ConfirmAllForm) -> str:
    user = acting_user()
    own = [row for row in queries.list_awaiting(report_round.fy) if row.reported_by_id == user.id]
    return render_template("projects/round_confirm.html", report_round=report_round, form=form, own=own)


def _close_page(report_round: ReportRound, form: CloseForm) -> str:
    return render_template(
        "projects/round_close.html",
        report_round=report_round,
        form=form,
        matters=round_closing.open_matters(report_round),
        may_close=round_closing.may_close_on(report_round, clock.today()),
    )
