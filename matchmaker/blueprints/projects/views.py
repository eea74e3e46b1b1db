"""Projects: what the public reads, what divisions report, and what the office confirms and keeps."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.desks import division_today
from matchmaker.accounts.models import User
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.forms import typed_words
from matchmaker.blueprints.projects import (
    agreement_views,
    delivery_views,
    money_views,
    reflection_views,
    round_office_views,
    round_views,
    step_views,
    working_views,
)
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.conflict import conflict_between
from matchmaker.blueprints.projects.forms import (
    ConfirmForm,
    EditForm,
    RefuseForm,
    ReportForm,
    StepForm,
    VersionedForm,
    given_day,
)
from matchmaker.blueprints.projects.project_page import working_side_of
from matchmaker.directory.models import Division
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.text import tidy_line
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators.queries import counting_for
from matchmaker.permissions.grants import Permission
from matchmaker.projects import queries, reflection_queries, service
from matchmaker.projects.models import Project
from matchmaker.projects.queries import ProjectFilter
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.queries import find_for as find_proposal
from matchmaker.proposals.status import CollaborationForm
from matchmaker.review.queries import released_decision

__all__ = [
    "agreement_views",
    "bp",
    "delivery_views",
    "money_views",
    "reflection_views",
    "round_office_views",
    "round_views",
    "step_views",
    "working_views",
]

SHOWN_STATUSES = [status for status in ProjectStatus if status not in {ProjectStatus.REPORTED, ProjectStatus.REFUSED}]


@bp.get("", endpoint="list")
@public
def list_projects() -> ResponseReturnValue:
    """Confirmed projects and those born from adopted proposals."""
    asked = request.args
    wanted = ProjectFilter(
        text=tidy_line(asked.get("q", ""))[:100],
        form=next((form for form in CollaborationForm if form.value == asked.get("form")), None),
        fy=_asked_year(asked.get("fy", "")),
        status=next((status for status in SHOWN_STATUSES if status.value == asked.get("status")), None),
    )
    return render_template(
        "projects/list.html",
        page=queries.list_public(wanted, number=page_number()),
        wanted=wanted,
        options={
            "forms": [(form.value, form.label) for form in CollaborationForm],
            "years": [(fiscal_year.code(fy), fiscal_year.label(fy)) for fy in queries.list_fiscal_years()],
            "statuses": [(status.value, status.label) for status in SHOWN_STATUSES],
        },
    )


@bp.get("/<project_number:number>")
@public
def show(number: str) -> ResponseReturnValue:
    """The facts of one project; those who keep it also find their steps here."""
    return _project_page(_found(number))


@bp.get("/reports")
@requires(Permission.PROJECT_REPORT)
def reports() -> ResponseReturnValue:
    """What was reported: the office's all, a division's own; what waits for confirmation first."""
    user = acting_user()
    return render_template(
        "projects/reports.html",
        page=queries.list_reports_for(user, number=page_number()),
        waiting=queries.count_waiting() if user.may(Permission.PROJECT_CONFIRM) else 0,
        without_form=queries.list_without_form(user),
        this_year=fiscal_year.fiscal_year_of(clock.today()),
    )


@bp.route("/report", methods=["GET", "POST"])
@requires(Permission.PROJECT_REPORT)
def report() -> ResponseReturnValue:
    """Report a collaboration that a division carries out with NPOs."""
    user = acting_user()
    form = ReportForm(list_divisions(on=clock.today()), division_today(user))
    if not form.validate_on_submit():
        return _form_page("projects/report.html", form)
    try:
        with transaction():
            number = service.report(
                form.facts,
                form=CollaborationForm(form.form_of_collaboration.data),
                form_agreed_on=given_day(form.form_agreed_on),
                actor=user,
                at=clock.now(),
            ).number
    except service.AlreadyReported as again:
        flash(str(again), "info")
        number = again.number
    else:
        flash(_("報告しました（%(number)s）。NPO担当課の確認を待ちます。", number=number), "success")
    return redirect(url_for("projects.show", number=number), code=303)


@bp.post("/<project_number:number>/confirm")
@requires(Permission.PROJECT_CONFIRM)
def confirm(number: str) -> ResponseReturnValue:
    """Vouch for a reported project."""
    project, form = _found(number), ConfirmForm()
    return _step(
        project,
        form,
        lambda at: service.confirm(project, actor=acting_user(), at=at),
        _("確認しました。この事業は公開されました。"),
    )


@bp.post("/<project_number:number>/refuse")
@requires(Permission.PROJECT_CONFIRM)
def refuse(number: str) -> ResponseReturnValue:
    """Say that a reported project cannot be confirmed, and why."""
    project, form = _found(number), RefuseForm()
    return _step(
        project,
        form,
        lambda at: service.refuse(project, reason=form.reason.data, actor=acting_user(), at=at),
        _("確認できないことと理由を、報告した人に知らせます。"),
    )


@bp.route("/<project_number:number>/edit", methods=["GET", "POST"])
@requires(Permission.PROJECT_CONFIRM)
def edit(number: str) -> ResponseReturnValue:
    """Change what is known of a project."""
    project = _found(number)
    form = EditForm(project, _divisions_for(project))
    if not form.validate_on_submit():
        return _form_page("projects/edit.html", form, project)
    return _save(
        project, form, lambda at: service.edit(project, form.facts, actor=acting_user(), at=at), _("保存しました。")
    )


def _found(number: str) -> Project:
    return queries.find_for(_reader(), number) or abort(404)


def _reader() -> User | None:
    return acting_user() if current_user.is_authenticated else None


def _asked_year(text: str) -> int | None:
    try:
        return fiscal_year.parse(text)
    except fiscal_year.NotAFiscalYear:
        return None


def _divisions_for(project: Project) -> Sequence[Division]:
    """The divisions of today, and those that the project already names though they have ended."""
    today = list_divisions(on=clock.today())
    return [*today, *(row for row in project.divisions if row not in today)]


def _form_page(template: str, form: VersionedForm, project: Project | None = None) -> ResponseReturnValue:
    names = queries.list_organisation_names()
    page = render_template(template, form=form, project=project, organisation_names=names)
    return page, 422 if form.errors else 200


def _step(project: Project, form: StepForm, take: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    """Take a step of the project's page as one act."""
    if not form.validate_on_submit():
        return _project_page(project, form), 422
    try:
        with transaction():
            service.require_version(project, form.seen_version)
            take(clock.now())
    except DomainError as refusal:
        typed = typed_words(form, "reason", "note")
        return render_template("projects/refused.html", project=project, refusal=refusal, typed=typed), 409
    flash(done, "success")
    return redirect(url_for("projects.show", number=project.number), code=303)


def _save(project: Project, form: EditForm, save: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    """Store a form as one act; when somebody else was first, show both texts."""
    try:
        with transaction():
            service.require_version(project, form.seen_version)
            save(clock.now())
    except EditConflict:
        conflict = conflict_between(project, form)
        if conflict["fields"]:
            return render_template("errors/conflict.html", conflict=conflict), 409
        done = _("同じ内容が、すでに保存されています。")
    except DomainError as refusal:
        return render_template("projects/refused.html", project=project, refusal=refusal, typed=[]), 409
    flash(done, "success")
    return redirect(url_for("projects.show", number=project.number), code=303)


def _project_page(project: Project, failed: StepForm | None = None) -> str:
    """Show the page; a form that failed takes the place of its empty one."""
    reader, proposal = _reader(), project.proposal
    forms = _steps_of(project, reader)
    if failed is not None:
        forms[failed.step_name] = failed
    return render_template(
        "projects/show.html",
        project=project,
        decision=released_decision(proposal) if proposal else None,
        may_read_proposal=proposal is not None and find_proposal(reader, proposal.public_number) is not None,
        counting=counting_for(project),
        reflection=reflection_queries.of_project(reader, project),
        history=queries.history_for(reader, project),
        is_own_report=reader is not None and project.reported_by_id == reader.id,
        forms=forms,
        form=failed,
        **working_side_of(project, reader),
    )


def _steps_of(project: Project, reader: User | None) -> dict[str, StepForm]:
    """The empty forms of the steps that the reader may take now."""
    seen = {"version": project.version}
    if reader is None or not reader.may(Permission.PROJECT_CONFIRM):
        return {}
    if project.status is ProjectStatus.REPORTED:
        return {"confirm": ConfirmForm(None, data=seen), "refuse": RefuseForm(None, data=seen)}
    return {}
