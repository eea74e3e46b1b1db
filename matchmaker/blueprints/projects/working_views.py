"""The working group's pages: meetings, who does what, and the form of collaboration."""

from datetime import datetime

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.forms import Form
from matchmaker.blueprints.projects.blueprint import bp
from matchmaker.blueprints.projects.taking_part import (
    Seat,
    act,
    address,
    conflict_page,
    page_of,
    seen_version,
    take_seat,
)
from matchmaker.blueprints.projects.working_forms import CancelForm, FormChoiceForm, MeetingForm, RolesForm
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.permissions.grants import Permission
from matchmaker.projects import form_choice, meetings, service, starting, working
from matchmaker.projects.starting_models import StartItem
from matchmaker.projects.working import FormDoesNotFit, TaskLine
from matchmaker.projects.working_models import ProjectMeeting

_MEETING = "/<project_number:number>/meetings/<int(max=9999):meeting_number>"


@bp.get("/<project_number:number>/meetings", endpoint="meetings")
@requires(Permission.PROJECT_TAKE_PART)
def list_meetings(number: str) -> ResponseReturnValue:
    """All meetings of the working group, cancelled ones included."""
    seat = take_seat(number)
    return page_of("projects/meetings.html", seat, meetings=meetings.list_of(seat.project))


@bp.route("/<project_number:number>/meetings/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def new_meeting(number: str) -> ResponseReturnValue:
    """Put the next meeting on record."""
    seat = take_seat(number)
    form = MeetingForm(seat.project)
    if not form.validate_on_submit():
        return page_of("projects/meeting.html", seat, form, meeting=None, cancel=None)
    return act(
        seat,
        form,
        lambda at: meetings.plan(seat.project, form.facts, actor=acting_user(), at=at),
        done=_("検討会を記録しました。"),
        to=address(seat, "meetings"),
    )


@bp.route(_MEETING, methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def meeting(number: str, meeting_number: int) -> ResponseReturnValue:
    """Read a meeting, change it, or write its minutes."""
    seat = take_seat(number)
    row = _found(seat, meeting_number)
    form = MeetingForm(seat.project, row)
    if not form.validate_on_submit():
        return page_of("projects/meeting.html", seat, form, meeting=row, cancel=CancelForm(formdata=None))

    def take(at: datetime) -> None:
        meetings.change(seat.project, row, form.facts, version=seen_version(form), actor=acting_user(), at=at)

    return act(
        seat,
        form,
        take,
        done=_("保存しました。"),
        to=address(seat, "meetings"),
        conflict=lambda: _meeting_conflict(seat, row, form),
    )


@bp.post(f"{_MEETING}/cancel")
@requires(Permission.PROJECT_TAKE_PART)
def cancel_meeting(number: str, meeting_number: int) -> ResponseReturnValue:
    """Call a meeting off, with the reason."""
    seat = take_seat(number)
    row, form = _found(seat, meeting_number), CancelForm()
    if not form.validate_on_submit():
        kept = MeetingForm(seat.project, row, None)
        return page_of("projects/meeting.html", seat, form, meeting=row, cancel=form, kept=kept)
    return act(
        seat,
        form,
        lambda at: meetings.cancel(seat.project, row, reason=form.reason.data, actor=acting_user(), at=at),
        done=_("検討会を中止しました。"),
        to=address(seat, "meetings"),
    )


@bp.post("/<project_number:number>/start")
@requires(Permission.PROJECT_TAKE_PART)
def tick_start(number: str) -> ResponseReturnValue:
    """Take what one's own side has settled before the work begins."""
    seat, form = take_seat(number), Form()
    chosen, seen = (_items(request.form.getlist(name)) for name in ("item", "seen"))
    return act(
        seat,
        form,
        lambda at: starting.tick(seat.project, chosen, seen=seen, actor=acting_user(), at=at),
        done=_("確認を保存しました。"),
        to=address(seat, "show", _anchor="start"),
    )


def _items(typed: list[str]) -> set[StartItem]:
    """Anything else on an odd page is no item."""
    return {item for item in StartItem if item.value in typed}


@bp.route("/<project_number:number>/roles", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def roles(number: str) -> ResponseReturnValue:
    """Who does what: each task and each kind of party."""
    seat = take_seat(number)
    stored = [_line(row) for row in working.list_tasks(seat.project)]
    lines = stored or [_line(row) for row in working.first_lines(seat.project)]
    form = RolesForm(data={"version": seat.project.version, "tasks": lines})
    if not form.validate_on_submit():
        return page_of("projects/roles.html", seat, form, is_first=not stored)

    def take(at: datetime) -> None:
        service.require_version(seat.project, form.seen_version)
        working.divide_work(seat.project, form.lines, actor=acting_user(), at=at)

    return act(
        seat,
        form,
        take,
        done=_("役割分担を保存しました。"),
        to=address(seat, "show"),
        conflict=lambda: _roles_conflict(seat, form),
    )


@bp.route("/<project_number:number>/form", methods=["GET", "POST"])
@requires(Permission.PROJECT_TAKE_PART)
def choose_form(number: str) -> ResponseReturnValue:
    """The questions that lead to the form of collaboration."""
    seat = take_seat(number)
    choice = working.newest_choice(seat.project)
    form = FormChoiceForm(seat.project, choice)
    type_ = form_choice.type_of(choice.form, choice.has_public_cost) if choice else None
    if not form.validate_on_submit():
        return page_of("projects/choose_form.html", seat, form, choice=choice, type=type_)

    def again(refusal: DomainError) -> ResponseReturnValue:
        form.form_errors.extend(refusal.sentences if isinstance(refusal, FormDoesNotFit) else [str(refusal)])
        return page_of("projects/choose_form.html", seat, form, choice=choice, type=type_)

    return act(
        seat,
        form,
        lambda at: working.choose_form(seat.project, form.answers, actor=acting_user(), at=at),
        done=_("協働の形態を記録しました。次は、協定の文書をつくります。"),
        to=address(seat, "agreement"),
        again=again,
    )


def _found(seat: Seat, meeting_number: int) -> ProjectMeeting:
    return meetings.find(seat.project, meeting_number) or abort(404)


def _line(row: object) -> dict[str, str]:
    return {name: getattr(row, name) for name in ("task", "npo", "prefecture", "municipality", "company")}


def _meeting_conflict(seat: Seat, row: ProjectMeeting, form: MeetingForm) -> ResponseReturnValue:
    mine, what = form.facts, _("第%(n)s回検討会", n=row.number)
    texts = [
        (_("開く日"), japanese_date(mine.held_on), japanese_date(row.held_on)),
        (_("始まる時刻"), mine.begins, row.begins),
        (_("場所"), mine.place, row.place),
        (_("目的"), mine.purpose, row.purpose),
        (_("議事録"), mine.minutes, row.minutes),
    ]
    return conflict_page(
        what,
        texts,
        address=address(seat, "meeting", meeting_number=row.number),
        version=("version", row.version),
    )


def _roles_conflict(seat: Seat, form: RolesForm) -> ResponseReturnValue:
    theirs = [TaskLine(**_line(row)) for row in working.list_tasks(seat.project)]
    texts = [(_("役割分担"), _written(form.lines), _written(theirs))]
    version = ("version", seat.project.version)
    return conflict_page(_("役割分担"), texts, address=address(seat, "roles"), version=version)


def _written(lines: list[TaskLine]) -> str:
    kinds = {"npo": _("NPO"), "prefecture": _("県"), "municipality": _("市町"), "company": _("企業")}
    return "\n".join(
        f"{line.task}："
        + "、".join(f"{label} {text}" for name, label in kinds.items() if (text := getattr(line, name)))
        for line in lines
    )
