"""Looking back together (ふりかえり): sealed sheets, their gaps, talks, the public summary, lessons."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.accounts.models import User
from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.forms import typed_words
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.forms import given_day
from matchmaker.blueprints.projects.reflection_forms import (
    AppointForm,
    BeginForm,
    ConsentForm,
    EmptyForm,
    OpenEarlyForm,
    SummaryForm,
    TalkForm,
    sheet_form,
    summary_form,
)
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.matching.terms import ActivityField
from matchmaker.permissions.grants import Permission
from matchmaker.projects import queries, reflection, reflection_queries
from matchmaker.projects.models import Project
from matchmaker.projects.reflection_gaps import gaps
from matchmaker.projects.reflection_models import ReflectionRound
from matchmaker.projects.reflection_parties import coordinator_of, list_coordinators, sides_of
from matchmaker.projects.reflection_queries import Standing
from matchmaker.projects.reflection_questions import QUESTIONS, ReflectionParty, ReflectionStage
from matchmaker.proposals.questions import SECTIONS

Asked = BeginForm | AppointForm | OpenEarlyForm | TalkForm | SummaryForm | ConsentForm | EmptyForm


@bp.get("/lessons")
@public
def lessons() -> ResponseReturnValue:
    """What earlier projects advise those who write a proposal."""
    asked = request.args
    section = next((part for part in SECTIONS if str(part.number) == asked.get("section")), None)
    field = next((one for one in ActivityField if one.value == asked.get("field")), None)
    return render_template(
        "projects/lessons.html",
        page=reflection_queries.list_lessons(section.number if section else None, field, number=page_number()),
        section=section,
        field=field,
        sections=SECTIONS,
        fields=list(ActivityField),
    )


@bp.get("/coordinating")
@requires(Permission.REFLECTION_COORDINATE)
def coordinating() -> ResponseReturnValue:
    """The projects that a coordinator accompanies, and what each waits for."""
    projects = reflection_queries.list_coordinated(acting_user())
    last = {row.project_id: row for row in reflection_queries.list_last_rounds([one.id for one in projects])}
    return render_template("projects/coordinating.html", projects=projects, last=last)


@bp.get("/<project_number:number>/reflection")
@public
def reflection_rounds(number: str) -> ResponseReturnValue:
    """The rounds of a project: the published ones for everybody, all for those who take part."""
    project = _project(number)
    return _rounds_page(project)


@bp.post("/<project_number:number>/reflection/begin")
@requires(Permission.PROJECT_CONFIRM)
def begin_reflection(number: str) -> ResponseReturnValue:
    """Ask both sides for their sheets."""
    project = _project(number)
    form = BeginForm(project)
    if not form.validate_on_submit():
        return _rounds_page(project, begin=form), 422
    return _act(
        lambda at: reflection.begin(
            project, ReflectionStage(form.stage.data), due_on=given_day(form.due_on), actor=acting_user(), at=at
        ),
        _("ふりかえりを始めました。両方の担当者に、メールで知らせます。"),
        url_for("projects.reflection_rounds", number=number),
    )


@bp.post("/<project_number:number>/reflection/coordinator")
@requires(Permission.PROJECT_CONFIRM)
def appoint_coordinator(number: str) -> ResponseReturnValue:
    """Ask a third person to accompany the project."""
    project, people = _project(number), list_coordinators()
    form = AppointForm(people)
    if not form.validate_on_submit():
        return _rounds_page(project, appoint=form), 422
    chosen = next(one for one in people if str(one.id) == form.coordinator.data)
    return _act(
        lambda at: reflection.appoint(project, chosen, actor=acting_user(), at=at),
        _("コーディネーターを頼みました。本人にメールで知らせます。"),
        url_for("projects.reflection_rounds", number=number),
    )


@bp.get("/<project_number:number>/reflection/<int:position>")
@public
def reflection_round(number: str, position: int) -> ResponseReturnValue:
    """One round as far as the reader may know it."""
    project, round_ = _found(number, position)
    return _round_page(project, round_)


@bp.route("/<project_number:number>/reflection/<int:position>/sheet", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def sheet(number: str, position: int) -> ResponseReturnValue:
    """The sheet of the person's own side: save as often as one likes, hand in when it is complete."""
    project, round_ = _found(number, position)
    side = _own_side(project)
    kept = reflection.sheet_of(round_, side)
    here = url_for("projects.reflection_round", number=number, position=position)
    if round_.unsealed_at is not None or (kept is not None and kept.handed_in_at is not None):
        return redirect(here, code=303)
    form = sheet_form(round_.stage, kept)
    if not form.validate_on_submit():
        return render_template(
            "projects/sheet.html", project=project, round=round_, side=side, form=form
        ), 422 if form.errors else 200
    hands_in = request.form.get("then") == "hand-in"
    try:
        with transaction():
            at, user = clock.now(), acting_user()
            reflection.save_sheet(round_, side, form.answers, version=form.seen_version, actor=user, at=at)
    except EditConflict:
        return _sheet_conflict(project, round_, side, form)
    except DomainError as refusal:
        return _refused(project, refusal, typed_words(form, *(one.key for one in form.questions if not one.is_scored)))
    if not hands_in:
        flash(_("保存しました。まだ提出していません。"), "success")
        return redirect(url_for("projects.sheet", number=number, position=position), code=303)
    return _hand_in(project, round_, side)


def _hand_in(project: Project, round_: ReflectionRound, side: ReflectionParty) -> ResponseReturnValue:
    """Hand the saved sheet in; what is missing is said beside its question."""
    try:
        with transaction():
            reflection.hand_in(round_, side, actor=acting_user(), at=clock.now())
    except reflection.SheetIncomplete as refusal:
        saved = reflection.sheet_of(round_, side)
        form = sheet_form(round_.stage, saved)
        form.version.data = str(saved.version if saved else 0)
        for key in refusal.keys:
            form[key].errors = [_("提出する前に答えてください")]
        return render_template("projects/sheet.html", project=project, round=round_, side=side, form=form), 422
    except DomainError as refusal:
        return _refused(project, refusal, [])
    opened = round_.unsealed_at is not None
    flash(
        _("提出しました。シートがそろったので、両方のシートを読めます。")
        if opened
        else _("提出しました。すべてのシートがそろうまで、だれにも見えません。"),
        "success",
    )
    return redirect(url_for("projects.reflection_round", number=project.number, position=round_.position), code=303)


@bp.post("/<project_number:number>/reflection/<int:position>/take-back")
@requires(Permission.PROJECT_TAKE_PART)
def take_back_sheet(number: str, position: int) -> ResponseReturnValue:
    """Write on a sheet again that nobody has read yet."""
    project, round_ = _found(number, position)
    side = _own_side(project)
    if not EmptyForm().validate_on_submit():
        return _round_page(project, round_), 422
    return _act(
        lambda at: reflection.take_back(round_, side, actor=acting_user(), at=at),
        _("提出を取り消しました。書き直して、もう一度提出してください。"),
        url_for("projects.sheet", number=number, position=position),
        project,
    )


@bp.post("/<project_number:number>/reflection/<int:position>/open-early")
@requires(Permission.PROJECT_CONFIRM)
def open_sheets_early(number: str, position: int) -> ResponseReturnValue:
    """Open the sheets that are in, because a side let the day pass."""
    project, round_ = _found(number, position)
    form = OpenEarlyForm()
    if not form.validate_on_submit():
        return _round_page(project, round_, early=form), 422
    return _act(
        lambda at: reflection.open_early(round_, reason=form.reason.data, actor=acting_user(), at=at),
        _("シートを開きました。理由は、このページに残ります。"),
        _address(round_),
        project,
        typed_words(form, "reason"),
    )


@bp.post("/<project_number:number>/reflection/<int:position>/talk")
@requires(Permission.ACCOUNT_USE)
def add_talk(number: str, position: int) -> ResponseReturnValue:
    """Write down a talk about the sheets."""
    project, round_ = _moderated(number, position)
    form = TalkForm()
    if not form.validate_on_submit():
        return _round_page(project, round_, talk=form), 422
    return _act(
        lambda at: reflection.add_talk(
            round_, held_on=given_day(form.held_on), notes=form.notes.data, actor=acting_user(), at=at
        ),
        _("話し合いの記録を残しました。"),
        _address(round_),
        project,
        typed_words(form, "notes"),
    )


@bp.route("/<project_number:number>/reflection/<int:position>/summary", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_USE)
def write_summary(number: str, position: int) -> ResponseReturnValue:
    """Write what will be public; every side is asked to agree."""
    project, round_ = _moderated(number, position)
    if round_.unsealed_at is None or round_.published_at is not None:
        return redirect(_address(round_), code=303)
    form = summary_form(round_)
    if not form.validate_on_submit():
        page = render_template("projects/reflection_summary.html", project=project, round=round_, form=form)
        return page, 422 if form.errors else 200
    return _act(
        lambda at: reflection.write_summary(
            round_,
            summary=form.summary.data,
            lessons=form.lessons,
            version=form.seen_version,
            actor=acting_user(),
            at=at,
        ),
        _("まとめを保存しました。シートを提出した人たちに、公開してよいかをたずねます。"),
        _address(round_),
        project,
        typed_words(form, "summary", *(field.name for field in form.lesson_fields)),
    )


@bp.post("/<project_number:number>/reflection/<int:position>/consent")
@requires(Permission.PROJECT_TAKE_PART)
def consent_to_summary(number: str, position: int) -> ResponseReturnValue:
    """Agree that the summary is published."""
    project, round_ = _found(number, position)
    side, form = _own_side(project), ConsentForm()
    if not form.validate_on_submit():
        return _round_page(project, round_), 422
    return _act(
        lambda at: reflection.consent(round_, side, edition=form.seen_edition, actor=acting_user(), at=at),
        _("同意しました。全員が同意すると、まとめが公開されます。"),
        _address(round_),
        project,
    )


def _act(
    take: Callable[[datetime], object],
    done: str,
    address: str,
    project: Project | None = None,
    typed: list[tuple[str, str]] | None = None,
) -> ResponseReturnValue:
    try:
        with transaction():
            take(clock.now())
    except DomainError as refusal:
        if project is None:
            flash(str(refusal), "error")
            return redirect(address, code=303)
        return _refused(project, refusal, typed or [])
    flash(done, "success")
    return redirect(address, code=303)


def _refused(project: Project, refusal: DomainError, typed: list[tuple[str, str]]) -> ResponseReturnValue:
    return render_template("projects/refused.html", project=project, refusal=refusal, typed=typed), 409


def _sheet_conflict(
    project: Project, round_: ReflectionRound, side: ReflectionParty, form: object
) -> ResponseReturnValue:
    """A colleague of the same side saved first: show the saved sheet beside what was typed."""
    return render_template(
        "projects/sheet_conflict.html",
        project=project,
        round=round_,
        side=side,
        form=form,
        saved=reflection.sheet_of(round_, side),
    ), 409


def _reader() -> User | None:
    return acting_user() if current_user.is_authenticated else None


def _project(number: str) -> Project:
    return queries.find_for(_reader(), number) or abort(404)


def _found(number: str, position: int) -> tuple[Project, ReflectionRound]:
    """Find a round; before its publication only those who take part know of it."""
    project = _project(number)
    round_ = reflection_queries.find_round(project, position)
    standing = reflection_queries.standing_of(_reader(), project)
    if round_ is None or not (standing.takes_part or round_.published_at):
        abort(404)
    return project, round_


def _moderated(number: str, position: int) -> tuple[Project, ReflectionRound]:
    project, round_ = _found(number, position)
    if not reflection_queries.standing_of(acting_user(), project).may_moderate:
        abort(403)
    return project, round_


def _own_side(project: Project) -> ReflectionParty:
    side = reflection_queries.standing_of(acting_user(), project).side
    if side is None:
        abort(403)
    return side


def _address(round_: ReflectionRound) -> str:
    return url_for("projects.reflection_round", number=round_.project.number, position=round_.position)


def _rounds_page(project: Project, *, begin: BeginForm | None = None, appoint: AppointForm | None = None) -> str:
    standing = reflection_queries.standing_of(_reader(), project)
    rounds = reflection_queries.list_rounds(project)
    forms = _office_forms(project, begin, appoint) if standing.is_office else {}
    return render_template(
        "projects/reflection_rounds.html",
        project=project,
        rounds=rounds if standing.takes_part else [row for row in rounds if row.published_at],
        standing=standing,
        coordinator=coordinator_of(project) if standing.takes_part else None,
        missing={row.id: reflection.missing_sides(row) for row in rounds if row.unsealed_at is None},
        forms=forms,
        form=begin or appoint,
    )


def _office_forms(
    project: Project, begin: BeginForm | None, appoint: AppointForm | None
) -> dict[str, BeginForm | AppointForm]:
    possible = BeginForm(project, None) if begin is None else begin
    forms: dict[str, BeginForm | AppointForm] = {}
    if possible.stage.choices:
        forms["begin"] = possible
    people = list_coordinators()
    if people:
        forms["appoint"] = appoint or AppointForm(people, None)
    return forms


def _round_page(
    project: Project, round_: ReflectionRound, *, early: OpenEarlyForm | None = None, talk: TalkForm | None = None
) -> str:
    standing = reflection_queries.standing_of(_reader(), project)
    sheets = reflection_queries.sheets_for(standing, round_)
    is_open = round_.unsealed_at is not None and standing.takes_part
    return render_template(
        "projects/reflection_round.html",
        project=project,
        round=round_,
        standing=standing,
        sheets=sheets,
        own=next((row for row in sheets if row.party is standing.side), None),
        gaps=gaps(round_.stage, {row.party: row.scores for row in sheets}) if is_open else [],
        worded=[one for one in QUESTIONS[round_.stage] if not one.is_scored],
        sides=sides_of(project),
        handed_in=reflection.handed_in_sides(round_),
        missing=reflection.missing_sides(round_),
        consenting=reflection.consenting_sides(round_),
        waits_for_consent=_waits_for_consent(standing, round_),
        may_open_early=standing.is_office and round_.unsealed_at is None and clock.today() > round_.due_on,
        forms={"early": early or OpenEarlyForm(None), "talk": talk or TalkForm(None)},
        form=early or talk,
        sections={part.number: part for part in SECTIONS},
    )


def _waits_for_consent(standing: Standing, round_: ReflectionRound) -> bool:
    return (
        round_.published_at is None
        and bool(round_.summary)
        and standing.side in reflection.handed_in_sides(round_)
        and standing.side not in reflection.consenting_sides(round_)
    )
