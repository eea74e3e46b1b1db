"""While the work runs: milestones, reports with their due days, requests to change or stop."""

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.attachments import service as attachments
from matchmaker.attachments.service import UploadRefused
from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.handing_out import attachment_of, handed_out
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.delivery_forms import (
    AnswerReportForm,
    AnswerRequestForm,
    AskReportForm,
    MilestonesForm,
    ReportFileForm,
    ReportForm,
    RequestForm,
)
from matchmaker.blueprints.projects.forms import given_day
from matchmaker.blueprints.projects.taking_part import (
    Seat,
    act,
    address,
    conflict_page,
    page_of,
    refused,
    seen_version,
    take_seat,
    take_seat_of_prefecture,
    yen,
)
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.projects import change_requests, delivery, report_files, service
from matchmaker.projects.delivery import MilestoneLine
from matchmaker.projects.delivery_models import ChangeRequest, DeliveryReport
from matchmaker.projects.delivery_terms import WRITABLE_REPORTS, ReportKind, RequestKind, RequestStatus
from matchmaker.projects.status import UNDERWAY

_REPORT = "/<project_number:number>/reports/<int(max=9999):report_number>"
_REQUEST = "/<project_number:number>/requests/<int(max=9999):request_number>"


@bp.get("/<project_number:number>/delivery", endpoint="delivery")
@requires(Permission.PROJECT_TAKE_PART)
def show_delivery(number: str) -> ResponseReturnValue:
    """Milestones, reports and requests of one project."""
    seat = take_seat(number)
    project = seat.project
    return page_of(
        "projects/delivery.html",
        seat,
        milestones=delivery.list_milestones(project),
        reports=delivery.list_reports(project),
        requests=change_requests.list_requests(project),
        is_underway=project.status in UNDERWAY,
        may_plan_reports=seat.is_prefecture and project.status in delivery.REPORTABLE,
    )


@bp.route("/<project_number:number>/milestones", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def milestones(number: str) -> ResponseReturnValue:
    """What is to be reached by when, and what was."""
    seat = take_seat(number)
    stored = [
        {"title": row.title, "due_on": row.due_on, "reached_on": row.reached_on}
        for row in delivery.list_milestones(seat.project)
    ]
    form = MilestonesForm(data={"version": seat.project.version, "milestones": stored})
    if not form.validate_on_submit():
        return page_of("projects/milestones.html", seat, form)

    def take(at: datetime) -> None:
        service.require_version(seat.project, form.seen_version)
        delivery.set_milestones(seat.project, form.lines, actor=acting_user(), at=at)

    return act(
        seat,
        form,
        take,
        done=_("節目を保存しました。"),
        to=address(seat, "delivery"),
        conflict=lambda: _milestones_conflict(seat, form),
    )


@bp.route("/<project_number:number>/reports/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def ask_report(number: str) -> ResponseReturnValue:
    """Set another day on which a report is due."""
    seat, form = take_seat_of_prefecture(number), AskReportForm()
    if not form.validate_on_submit():
        return page_of("projects/ask_report.html", seat, form)
    return act(
        seat,
        form,
        lambda at: delivery.ask_for_report(
            seat.project, ReportKind(form.kind.data), given_day(form.due_on), actor=acting_user(), at=at
        ),
        done=_("報告の期限を決めました。"),
        to=address(seat, "delivery"),
    )


@bp.route(_REPORT, methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def delivery_report(number: str, report_number: int) -> ResponseReturnValue:
    """Read a report, or write and send it."""
    seat = take_seat(number)
    report = _found_report(seat, report_number)
    form = ReportForm(data={name: getattr(report, name) for name in (*_REPORT_FIELDS, "version")})
    if not form.validate_on_submit():
        return _report_page(seat, report, form)

    def take(at: datetime) -> None:
        delivery.send(report, seat.project, form.words, version=seen_version(form), actor=acting_user(), at=at)

    return act(
        seat,
        form,
        take,
        done=_("報告を出しました。"),
        to=address(seat, "delivery"),
        conflict=lambda: _report_conflict(seat, report, form),
    )


@bp.post(f"{_REPORT}/files")
@requires(Permission.PROJECT_TAKE_PART)
def attach_to_report(number: str, report_number: int) -> ResponseReturnValue:
    """Add a file to a report that is being written: checked and written first, then recorded."""
    seat = take_seat(number)
    report, form = _found_report(seat, report_number), ReportFileForm()
    if not report_files.is_of_partner(seat.project, acting_user()):
        abort(403)
    upload = form.file.data
    try:
        if not upload or not upload.filename:
            raise UploadRefused(_("ファイルを選んでください"))
        with attachments.received(upload.filename, upload.stream) as stored, transaction():
            report_files.attach(report, seat.project, stored, actor=acting_user(), at=clock.now())
    except UploadRefused as refusal:
        form.file.errors = [str(refusal)]
        return _report_page(seat, report, form)
    except DomainError as refusal:
        return refused(seat, form, refusal)
    flash(_("「%(name)s」を添えました。", name=stored.file_name), "success")
    return redirect(address(seat, "delivery_report", report_number=report_number), code=303)


@bp.get(f"{_REPORT}/files/<public_id>")
@requires(Permission.PROJECT_TAKE_PART)
def report_file(number: str, report_number: int, public_id: str) -> ResponseReturnValue:
    """Hand a file of a report out to the parties."""
    return handed_out(attachment_of(_found_report(take_seat(number), report_number).files, public_id))


@bp.post(f"{_REPORT}/files/<public_id>/remove")
@requires(Permission.PROJECT_TAKE_PART)
def remove_report_file(number: str, report_number: int, public_id: str) -> ResponseReturnValue:
    """Take a file away while the report is being written."""
    seat = take_seat(number)
    report, form = _found_report(seat, report_number), ReportFileForm(formdata=None)
    if not report_files.is_of_partner(seat.project, acting_user()):
        abort(403)
    kept = attachment_of(report.files, public_id)
    name = kept.file_name
    try:
        with transaction():
            stored_name = report_files.detach(report, seat.project, kept, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        return refused(seat, form, refusal)
    attachments.discard(stored_name)
    flash(_("「%(name)s」を外しました。", name=name), "success")
    return redirect(address(seat, "delivery_report", report_number=report_number), code=303)


@bp.post(f"{_REPORT}/answer")
@requires(Permission.PROJECT_TAKE_PART)
def answer_report(number: str, report_number: int) -> ResponseReturnValue:
    """Accept a report, send it back, or say that it is not needed."""
    seat = take_seat_of_prefecture(number)
    report = _found_report(seat, report_number)
    form = AnswerReportForm(_verdicts(seat, report) or _ALL_VERDICTS)
    if not form.validate_on_submit():
        return _report_page(seat, report, form)
    project, user = seat.project, acting_user()
    verbs: dict[str, Any] = {
        "accepted": lambda at: delivery.accept(report, project, actor=user, at=at),
        "returned": lambda at: delivery.send_back(report, project, reason=form.reason.data, actor=user, at=at),
        "waived": lambda at: delivery.waive(report, project, reason=form.reason.data, actor=user, at=at),
    }
    return act(seat, form, verbs[form.verdict.data], done=_("回答しました。"), to=address(seat, "delivery"))


@bp.route("/<project_number:number>/requests/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def new_request(number: str) -> ResponseReturnValue:
    """Ask to change or to stop the project."""
    seat, form = take_seat(number), RequestForm()
    if not form.validate_on_submit():
        return page_of("projects/new_request.html", seat, form)
    kind = RequestKind(form.kind.data)
    return act(
        seat,
        form,
        lambda at: change_requests.ask(
            seat.project, kind, what=form.what.data, reason=form.reason.data, actor=acting_user(), at=at
        ),
        done=_("申請しました。相手方の回答を待ちます。"),
        to=address(seat, "delivery"),
    )


@bp.route(_REQUEST, methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def change_request(number: str, request_number: int) -> ResponseReturnValue:
    """Read a request, and answer it for the other side."""
    seat = take_seat(number)
    asked, form = _found_request(seat, request_number), AnswerRequestForm()
    if not form.validate_on_submit():
        return _request_page(seat, asked, form)
    return act(
        seat,
        form,
        lambda at: change_requests.answer(
            asked,
            seat.project,
            is_accepted=form.verdict.data == "yes",
            words=form.answer.data or "",
            actor=acting_user(),
            at=at,
        ),
        done=_("回答しました。"),
        to=address(seat, "delivery"),
    )


@bp.post(f"{_REQUEST}/withdraw")
@requires(Permission.PROJECT_TAKE_PART)
def withdraw_request(number: str, request_number: int) -> ResponseReturnValue:
    """Take one's own request back."""
    seat = take_seat(number)
    asked, form = _found_request(seat, request_number), RequestForm(formdata=None)
    return act(
        seat,
        form,
        lambda at: change_requests.withdraw(asked, seat.project, actor=acting_user(), at=at),
        done=_("申請を取り下げました。"),
        to=address(seat, "delivery"),
    )


_REPORT_FIELDS = ("done", "results", "problems", "spent_yen")
_ALL_VERDICTS = [("accepted", "受理する"), ("returned", "直してもらう"), ("waived", "提出は不要とする")]


def _verdicts(seat: Seat, report: DeliveryReport) -> list[tuple[str, str]]:
    """What the reader may answer now; nothing to a report of one's own."""
    if delivery.may_answer(report, seat.project, acting_user()):
        return [(value, _(label)) for value, label in _ALL_VERDICTS[:2]]
    if seat.is_prefecture and report.status in WRITABLE_REPORTS:
        return [(value, _(label)) for value, label in _ALL_VERDICTS[2:]]
    return []


def _report_page(seat: Seat, report: DeliveryReport, form: Any) -> ResponseReturnValue:
    verdicts = _verdicts(seat, report)
    is_answering, is_attaching = isinstance(form, AnswerReportForm), isinstance(form, ReportFileForm)
    empty = ReportForm(formdata=None, data={name: getattr(report, name) for name in (*_REPORT_FIELDS, "version")})
    return page_of(
        "projects/delivery_report.html",
        seat,
        form,
        report=report,
        writing=(empty if is_answering or is_attaching else form) if report.status in WRITABLE_REPORTS else None,
        answering=(form if is_answering else AnswerReportForm(verdicts)) if verdicts else None,
        attaching=(form if is_attaching else ReportFileForm(formdata=None))
        if report_files.may_attach(report, seat.project, acting_user())
        else None,
    )


def _request_page(seat: Seat, asked: ChangeRequest, form: AnswerRequestForm) -> ResponseReturnValue:
    is_open = asked.status is RequestStatus.OPEN
    is_own = change_requests.is_own(acting_user(), seat.project, asked)
    return page_of(
        "projects/change_request.html",
        seat,
        form,
        asked=asked,
        may_answer=is_open and not is_own,
        may_withdraw=is_open and is_own,
    )


def _found_report(seat: Seat, report_number: int) -> DeliveryReport:
    return delivery.find_report(seat.project, report_number) or abort(404)


def _found_request(seat: Seat, request_number: int) -> ChangeRequest:
    return change_requests.find_request(seat.project, request_number) or abort(404)


def _report_conflict(seat: Seat, report: DeliveryReport, form: ReportForm) -> ResponseReturnValue:
    mine = form.words
    texts = [
        (_("行ったこと"), mine.done, report.done),
        (_("結果"), mine.results, report.results),
        (_("困っていること"), mine.problems, report.problems),
        (_("これまでに使った額"), yen(mine.spent_yen), yen(report.spent_yen)),
    ]
    return conflict_page(
        report.kind.label,
        texts,
        address=address(seat, "delivery_report", report_number=report.number),
        version=("version", report.version),
    )


def _milestones_conflict(seat: Seat, form: MilestonesForm) -> ResponseReturnValue:
    stored = [MilestoneLine(row.title, row.due_on, row.reached_on) for row in delivery.list_milestones(seat.project)]
    texts = [(_("節目"), _written(form.lines), _written(stored))]
    version = ("version", seat.project.version)
    return conflict_page(_("節目"), texts, address=address(seat, "milestones"), version=version)


def _written(lines: list[MilestoneLine]) -> str:
    return "\n".join(
        f"{japanese_date(line.due_on)} {line.title}"
        + (_("（%(day)sにできた）", day=japanese_date(line.reached_on)) if line.reached_on else "")
        for line in lines
    )
