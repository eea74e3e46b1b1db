"""A division's side of the yearly report round: its list, last year's projects, the form, the sheet, handing in.

The office has the same pages for a division that answers by mail or telephone: the address names it (``?division=``).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.attachments.sniffing import MEDIA_TYPES
from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.round_forms import (
    CarryForm,
    HandInForm,
    ProxyHandInForm,
    RoundReportForm,
    UploadForm,
)
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.projects import queries as project_queries
from matchmaker.projects import report_round_pairs, report_round_sheet, report_rounds
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects.models import Project
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer
from matchmaker.projects.report_round_rows import RowFacts, Sheet, key_of, read_rows
from matchmaker.projects.report_rounds import NewReport
from matchmaker.projects.service import NamedPartner, ProjectFacts

FAULTS_SHOWN = 100


@bp.get("/rounds/<fiscal_year:fy>")
@requires(Permission.PROJECT_REPORT)
def round_show(fy: int) -> ResponseReturnValue:
    """The office sees who has answered; a division sees its own list."""
    report_round, user = round_of(fy), acting_user()
    if user.may(Permission.PROJECT_CONFIRM):
        return render_template(
            "projects/round_overview.html",
            report_round=report_round,
            history=queries.history_of(report_round),
            today=clock.today(),
            awaiting=queries.list_awaiting(fy),
        )
    answer = queries.answer_of(user, report_round)
    return list_page(report_round, answer)


@bp.get("/rounds/<fiscal_year:fy>/template.xlsx")
@requires(Permission.PROJECT_REPORT)
def round_template(fy: int) -> ResponseReturnValue:
    """The sheet to fill in."""
    round_of(fy)
    names = [row.name for row in list_divisions(on=clock.today())]
    name = f"collaborations-{fiscal_year.code(fy)}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(report_round_sheet.template(fy, names), mimetype=MEDIA_TYPES["xlsx"], headers=headers)


@bp.route("/rounds/<fiscal_year:fy>/carry/<project_number:number>", methods=["GET", "POST"])
@requires(Permission.PROJECT_REPORT)
def round_carry(fy: int, number: str) -> ResponseReturnValue:
    """Say that a project of the year before goes on as it was."""
    answer = _asked(fy)
    project, form = _offered(answer, number), CarryForm(fy)
    if not form.validate_on_submit():
        return _carry_page(answer, project, form)
    try:
        with transaction():
            made = report_rounds.carry_over(answer, project, form.dates, actor=acting_user(), at=clock.now()).number
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _carry_page(_asked(fy), project, form)
    flash(_("続ける事業として報告しました（%(number)s）。", number=made), "success")
    return redirect(list_address(answer), code=303)


@bp.post('/rounds/<fiscal_year:fy>/<any("ended", "not-ended"):word>/<project_number:number>')
@requires(Permission.PROJECT_REPORT)
def round_ended(fy: int, word: str, number: str) -> ResponseReturnValue:
    """Say that a project of the year before has ended, or take that back."""
    answer, user = _asked(fy), acting_user()
    if word == "not-ended":
        return _act(
            answer, lambda at: report_rounds.undo_ended(answer, number, actor=user, at=at), _("取り消しました。")
        )
    project = _offered(answer, number)
    done = _("終わった事業として記録しました。")
    return _act(answer, lambda at: report_rounds.say_ended(answer, project, actor=user, at=at), done)


@bp.route("/rounds/<fiscal_year:fy>/report", methods=["GET", "POST"])
@requires(Permission.PROJECT_REPORT)
def round_report(fy: int) -> ResponseReturnValue:
    """Report a collaboration of the year; with ``from``, one of the year before that goes on differently."""
    answer = _asked(fy)
    before = _offered(answer, request.args["from"]) if request.args.get("from") else None
    own, today = report_rounds.division_today(answer), list_divisions(on=clock.today())
    form = RoundReportForm(
        today if own in today else [*today, own],
        own,
        report_rounds.facts_today(before) if before else None,
        before.form.value if before and before.form else "",
    )
    if not form.validate_on_submit():
        return _report_page(answer, form, before)
    try:
        with transaction():
            made = _store(answer, before, form.new_report, clock.now()).number
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _report_page(_asked(fy), form, before)
    flash(_("報告しました（%(number)s）。NPO担当課の確認を待ちます。", number=made), "success")
    return redirect(list_address(answer), code=303)


@bp.route("/rounds/<fiscal_year:fy>/upload", methods=["GET", "POST"])
@requires(Permission.PROJECT_REPORT)
def round_upload(fy: int) -> ResponseReturnValue:
    """Report the rows of a sheet: all of them, or those without a fault when the person says so."""
    answer, form = _asked(fy), UploadForm()
    if not form.validate_on_submit():
        return _upload_page(answer, form)
    sheet = None
    try:
        sheet = _read(answer, form)
        if sheet.faults and not (form.takes_good.data and sheet.rows):
            return _upload_page(answer, form, sheet)
        rows = [_new_report(row) for row in sheet.rows]
        with transaction():
            made = len(report_rounds.report_all(answer, rows, actor=acting_user(), at=clock.now()))
    except DomainError as refusal:
        form.file.errors = [str(refusal)]
        return _upload_page(_asked(fy), form, sheet)
    flash(_("%(count)s件を報告しました。NPO担当課の確認を待ちます。", count=made), "success")
    if sheet.faults:
        flash(_("まちがいのある%(count)s行は、登録していません。", count=sheet.faulty_rows), "info")
    return redirect(list_address(answer), code=303)


@bp.post("/rounds/<fiscal_year:fy>/hand-in")
@requires(Permission.PROJECT_REPORT)
def round_hand_in(fy: int) -> ResponseReturnValue:
    """Hand the list in."""
    answer, user = _asked(fy), acting_user()
    form = ProxyHandInForm() if report_rounds.is_proxy(answer, user) else HandInForm()
    if not form.validate_on_submit():
        return list_page(answer.round, answer, form), 422
    version, has_none = form.seen_version, bool(form.has_none.data)
    source = form.source.data or "" if isinstance(form, ProxyHandInForm) else ""

    def take(at: datetime) -> None:
        report_rounds.hand_in(answer, version=version, has_none=has_none, proxy_source=source, actor=user, at=at)

    if acted(take, _("一覧を提出しました。締め切りまでは、取り消して直せます。")) or not source:
        return redirect(list_address(answer), code=303)
    # A refused proxy entry keeps what was typed.
    answer = _asked(fy)
    form.version.data = str(answer.version)
    return list_page(answer.round, answer, form), 409


@bp.post("/rounds/<fiscal_year:fy>/take-back")
@requires(Permission.PROJECT_REPORT)
def round_take_back(fy: int) -> ResponseReturnValue:
    """Take the list back to change it."""
    answer, version = _asked(fy), HandInForm().seen_version

    def take(at: datetime) -> None:
        report_rounds.take_back(answer, version=version, actor=acting_user(), at=at)

    return _act(answer, take, _("提出を取り消しました。直したら、もう一度提出してください。"))


@bp.post("/rounds/<fiscal_year:fy>/confirm-proxy")
@requires(Permission.PROJECT_REPORT)
def round_confirm_proxy(fy: int) -> ResponseReturnValue:
    """Say for the division that the list which the office entered is right."""
    answer, version = _asked(fy), HandInForm().seen_version

    def take(at: datetime) -> None:
        report_rounds.confirm_proxy(answer, version=version, actor=acting_user(), at=at)

    return _act(answer, take, _("代理入力の内容を確認しました。"))


def round_of(fy: int) -> ReportRound:
    """Return the round of the address."""
    return queries.find_round(fy) or abort(404)


def list_page(report_round: ReportRound, answer: RoundAnswer | None, form: HandInForm | None = None) -> str:
    """Show a division's list, ``form`` as it was sent; without an answer, that the division was not asked."""
    is_open = answer is not None and report_round.closed_at is None
    by_proxy = answer is not None and report_rounds.is_proxy(answer, acting_user())
    found = queries.list_of(answer) if answer else None
    return render_template(
        "projects/round_list.html",
        report_round=report_round,
        answer=answer,
        found=found,
        alike=report_round_pairs.undecided_of(report_round.fy, found.projects) if found else [],
        history=queries.history_of(report_round, answer) if answer else [],
        proxy=answer.division_id if answer and by_proxy else None,
        may_write=is_open and answer is not None and answer.handed_in_at is None,
        may_take_back=is_open and answer is not None and (answer.is_unconfirmed if by_proxy else answer.handed_in_at),
        form=form or (_hand_in_form(answer, by_proxy=by_proxy) if answer else None),
    )


def list_address(answer: RoundAnswer) -> str:
    """Where the person finds the list: a division in the round, somebody of the office under the division's name."""
    fy = answer.round.fy
    if report_rounds.is_proxy(answer, acting_user()):
        return url_for("projects.round_division", fy=fy, division_id=answer.division_id)
    return url_for("projects.round_show", fy=fy)


def _hand_in_form(answer: RoundAnswer, *, by_proxy: bool) -> HandInForm:
    kind = ProxyHandInForm if by_proxy else HandInForm
    return kind(None, data={"version": answer.version})


def _asked(fy: int) -> RoundAnswer:
    """The list to write: that of the person's own division, or for the office of the one that the address names."""
    report_round, named = round_of(fy), request.args.get("division")
    if named is None:
        return queries.answer_of(acting_user(), report_round) or abort(403)
    if not acting_user().may(Permission.PROJECT_CONFIRM):
        abort(403)
    return next((row for row in report_round.answers if str(row.division_id) == named), None) or abort(404)


def _offered(answer: RoundAnswer, number: str) -> Project:
    return queries.find_in_list(answer, number) or abort(404)


def _act(answer: RoundAnswer, take: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    acted(take, done)
    return redirect(list_address(answer), code=303)


def _store(answer: RoundAnswer, before: Project | None, new: NewReport, at: datetime) -> Project:
    if before is None:
        return report_rounds.report(answer, new, actor=acting_user(), at=at)
    return report_rounds.carry_changed(answer, before, new, actor=acting_user(), at=at)


def _place(answer: RoundAnswer) -> dict[str, Any]:
    """What the pages of one act say of the list: where it is, and for whom the office enters it."""
    by_proxy = report_rounds.is_proxy(answer, acting_user())
    return {"back": list_address(answer), "proxy": answer.division_id if by_proxy else None}


def _carry_page(answer: RoundAnswer, project: Project, form: CarryForm) -> ResponseReturnValue:
    page = render_template("projects/round_carry.html", answer=answer, project=project, form=form, **_place(answer))
    return page, 422 if form.errors or form.form_errors else 200


def _report_page(answer: RoundAnswer, form: RoundReportForm, before: Project | None) -> ResponseReturnValue:
    names = project_queries.list_organisation_names()
    page = render_template(
        "projects/round_report.html",
        answer=answer,
        form=form,
        before=before,
        organisation_names=names,
        **_place(answer),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _upload_page(answer: RoundAnswer, form: UploadForm, sheet: Sheet | None = None) -> ResponseReturnValue:
    page = render_template(
        "projects/round_upload.html", answer=answer, form=form, sheet=sheet, shown=FAULTS_SHOWN, **_place(answer)
    )
    return page, 422 if form.errors or sheet else 200


def _read(answer: RoundAnswer, form: UploadForm) -> Sheet:
    upload = form.file.data
    if not upload or not upload.filename:
        raise report_round_sheet.SheetRefused(_("ファイルを選んでください。"))
    known = {
        key_of(row.title, row.starts_on, row.ends_on): row.number
        for row in queries.list_of(answer).counting
        if row.starts_on and row.ends_on
    }
    return read_rows(
        report_round_sheet.read_file(upload.filename, upload.stream),
        fy=answer.round.fy,
        today=clock.today(),
        divisions={row.name: row.id for row in list_divisions(on=clock.today())},
        known=known,
        is_sure=bool(form.is_sure.data),
    )


def _new_report(row: RowFacts) -> NewReport:
    facts = ProjectFacts(
        title=row.title,
        summary=row.summary,
        partners=[NamedPartner(kind, name) for kind, name in row.partners],
        division_ids=row.division_ids,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        budget_yen=row.budget_yen,
    )
    return NewReport(facts, row.form, row.form_agreed_on, row.row)
