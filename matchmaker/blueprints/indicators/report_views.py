"""The 成果レポート of a fiscal year, its files, and the judgement on the year by two people."""

import io
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.forms import hidden_number
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.blueprints.indicators.forms import ProgressForm
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import progress, report_files
from matchmaker.indicators.catalogue import Kind
from matchmaker.indicators.progress_degree import ProgressDegree
from matchmaker.indicators.progress_models import ProgressAssessment
from matchmaker.indicators.report import Report, column_label, report_of, report_years, written
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.differences import difference

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/report/<fiscal_year:fy>")
@public
def report(fy: int) -> ResponseReturnValue:
    """Targets, actuals, attainment, progress, and cost beside outcome, as the prefecture reports them."""
    content = _report(fy)
    versions = progress.list_versions(fy)
    return render_template(
        "indicators/report.html",
        report=content,
        kinds=list(Kind),
        column_label=column_label,
        written=written,
        files=report_files,
        versions=versions,
        waiting=progress.waiting(versions),
        years=report_years(_current_fy()),
    )


@bp.get("/report/<fiscal_year:fy>.xlsx")
@public
def report_xlsx(fy: int) -> ResponseReturnValue:
    content = _report(fy)
    return _file(report_files.workbook(content), XLSX, report_files.file_name(content, "xlsx"))


@bp.get("/report/<fiscal_year:fy>.pdf")
@public
def report_pdf(fy: int) -> ResponseReturnValue:
    content = _report(fy)
    return _file(report_files.paper(content), "application/pdf", report_files.file_name(content, "pdf"))


@bp.route("/report/<fiscal_year:fy>/progress", methods=["GET", "POST"])
@requires(Permission.INDICATOR_ENTER)
def draft_progress(fy: int) -> ResponseReturnValue:
    """Draft the judgement on the year; each saving is a version of its own."""
    _known(fy)
    versions = progress.list_versions(fy)
    newest = versions[0] if versions else None
    form = ProgressForm(data=_stored(newest))
    if not form.validate_on_submit():
        page = render_template("indicators/progress.html", form=form, fy=fy, versions=versions)
        return page, 422 if form.errors else 200
    try:
        with transaction():
            progress.draft(
                fy,
                degree=ProgressDegree(form.degree.data),
                reason=form.reason.data or "",
                after=hidden_number(form.after.data),
                actor=acting_user(),
                at=clock.now(),
            )
    except EditConflict:
        return render_template("errors/conflict.html", conflict=_conflict(fy, form)), 409
    except DomainError as refusal:
        flash(str(refusal), "error")
        return render_template("indicators/progress.html", form=form, fy=fy, versions=versions), 409
    flash(_("案を保存しました。決裁者が承認すると公開されます。"), "success")
    return redirect(url_for("indicators.report", fy=fy), code=303)


@bp.post("/report/<fiscal_year:fy>/progress/approve")
@requires(Permission.DECISION_DECIDE)
def approve_progress(fy: int) -> ResponseReturnValue:
    """Let the drafted judgement stand, as the approver has read it."""
    _known(fy)
    edition = hidden_number(request.form.get("edition", ""))
    acted(
        lambda at: progress.approve(fy, edition=edition, actor=acting_user(), at=at),
        _("承認しました。進展度と判断理由を公開しました。"),
    )
    return redirect(url_for("indicators.report", fy=fy), code=303)


def _report(fy: int) -> Report:
    _known(fy)
    return report_of(fy)


def _known(fy: int) -> None:
    if fy not in report_years(_current_fy()):
        abort(404)


def _current_fy() -> int:
    return fiscal_year.fiscal_year_of(clock.today())


def _stored(newest: ProgressAssessment | None) -> dict[str, Any]:
    if newest is None:
        return {"after": "0"}
    return {"degree": newest.degree.value, "reason": newest.reason, "after": str(newest.edition)}


def _conflict(fy: int, form: ProgressForm) -> dict[str, Any]:
    """What ``errors/conflict.html`` asks for: both texts, and how to save one's own as a later version."""
    versions = progress.list_versions(fy)
    newest = versions[0] if versions else None
    mine = (ProgressDegree(form.degree.data).label, form.reason.data or "")
    theirs = (newest.degree.label, newest.reason) if newest else ("", "")
    address = url_for("indicators.draft_progress", fy=fy)
    return {
        "what": _("%(year)sの進展度と判断理由", year=fiscal_year.label(fy)),
        "by": newest.drafted_by.name if newest else None,
        "at": newest.drafted_at if newest else None,
        "fields": [
            {"label": label, "mine": own, "theirs": other, "changes": difference(other, own)}
            for label, own, other in zip((_("進展度"), _("判断理由")), mine, theirs, strict=True)
            if own != other
        ],
        "edit_url": address,
        "resend": {
            "url": address,
            "values": [
                ("degree", form.degree.data),
                ("reason", mine[1]),
                ("after", str(newest.edition if newest else 0)),
            ],
        },
    }


def _file(content: bytes, media_type: str, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
