"""The yearly round: the office asks, each division answers. Every function runs inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from matchmaker.accounts.desks import desk_of
from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.directory import divisions as division_names
from matchmaker.directory.models import Division
from matchmaker.directory.names import current_of
from matchmaker.directory.queries import list_divisions
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked, next_number
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.fiscal_year import code, first_day, japanese_date, label, last_day
from matchmaker.foundation.messages import gettext as _
from matchmaker.permissions.grants import Permission
from matchmaker.projects import report_round_queries as queries
from matchmaker.projects import service
from matchmaker.projects.models import Project
from matchmaker.projects.report_round_models import ReportRound, RoundAnswer, RoundCarry, RoundEvent
from matchmaker.projects.report_round_terms import CarryChoice, RoundAction
from matchmaker.projects.service import NamedPartner, ProjectFacts
from matchmaker.projects.status import ProjectStatus
from matchmaker.proposals.status import CollaborationForm


class RoundRefused(DomainError):
    """The round or the list is not in the state for this; the text says why."""


class RowRefused(DomainError):
    """One row of a file cannot be reported; the whole act is undone."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(_("%(row)s行目：%(why)s", row=row, why=why))


@dataclass(frozen=True, slots=True)
class NewReport:
    """A collaboration to be reported; ``row`` is its place in the file that it came from."""

    facts: ProjectFacts
    form: CollaborationForm
    form_agreed_on: date
    row: int = 0


@dataclass(frozen=True, slots=True)
class CarryDates:
    """What changes from year to year when a project goes on as it was."""

    starts_on: date
    ends_on: date
    form_agreed_on: date
    budget_yen: int | None = None


def open_round(fy: int, *, due_on: date, note: str, actor: User, at: datetime) -> ReportRound:
    """Ask every division that is in force today for its collaborations of a fiscal year. Errors: RoundRefused."""
    next_number("report-round")  # one at a time: of two equal clicks the second sees the first
    if queries.find_round(fy) is not None:
        raise RoundRefused(_("%(year)sの取りまとめは、すでに始まっています。", year=label(fy)))
    if first_day(fy) > day_of(at):
        raise RoundRefused(_("%(year)sは、まだ始まっていません。", year=label(fy)))
    if due_on < day_of(at):
        raise RoundRefused(_("期限は、今日か、今日より後の日にしてください。"))
    report_round = ReportRound(fy=fy, due_on=due_on, note=note, opened_by_id=actor.id, opened_at=at)
    report_round.answers = [RoundAnswer(division_id=row.id) for row in list_divisions(on=day_of(at))]
    if not report_round.answers:
        raise RoundRefused(_("県の課が登録されていません。先に課を登録してください。"))
    db.session.add(report_round)
    db.session.flush()
    note_event(report_round, RoundAction.OPEN, actor=actor, at=at, text=_due_text(due_on))
    return report_round


def change(report_round: ReportRound, *, version: int, due_on: date, note: str, actor: User, at: datetime) -> None:
    """Set another due date or note. Errors: RoundRefused, EditConflict."""
    require_open(report_round)
    if report_round.version != version:
        raise EditConflict
    report_round.due_on, report_round.note = due_on, note
    note_event(report_round, RoundAction.CHANGE, actor=actor, at=at, text=_due_text(due_on))


def report(answer: RoundAnswer, new: NewReport, *, actor: User, at: datetime) -> Project:
    """Report one collaboration of the year. Errors: RoundRefused, and those of ``service.report``."""
    _require_writable(answer)
    return _report(answer, new, actor=actor, at=at)


def report_all(answer: RoundAnswer, rows: Sequence[NewReport], *, actor: User, at: datetime) -> list[Project]:
    """Report all rows of a file, or none. Errors: RoundRefused, RowRefused."""
    _require_writable(answer)
    made = []
    for new in rows:
        try:
            made.append(_report(answer, new, actor=actor, at=at))
        except DomainError as refusal:
            raise RowRefused(new.row, str(refusal)) from refusal
    text = _("%(count)s件", count=len(made))
    note_event(answer.round, RoundAction.UPLOAD, answer=answer, actor=actor, at=at, text=text)
    return made


def carry_over(answer: RoundAnswer, project: Project, dates: CarryDates, *, actor: User, at: datetime) -> Project:
    """Report that a project of the year before goes on as it was. Errors: RoundRefused, those of ``service.report``."""
    _require_offered(answer, project)
    if project.form is None:
        raise RoundRefused(_("協働の形態が決まっていない事業です。「内容を変えて続ける」から報告してください。"))
    facts = replace(facts_today(project), starts_on=dates.starts_on, ends_on=dates.ends_on, budget_yen=dates.budget_yen)
    new = NewReport(facts, project.form, dates.form_agreed_on)
    return _carry(answer, project, new, CarryChoice.CONTINUED, actor=actor, at=at)


def carry_changed(answer: RoundAnswer, project: Project, new: NewReport, *, actor: User, at: datetime) -> Project:
    """Report that a project of the year before goes on differently. Errors: as ``carry_over``."""
    _require_offered(answer, project)
    return _carry(answer, project, new, CarryChoice.CHANGED, actor=actor, at=at)


def say_ended(answer: RoundAnswer, project: Project, *, actor: User, at: datetime) -> None:
    """Say that a project of the year before does not go on. Errors: RoundRefused."""
    _require_offered(answer, project)
    _say(answer, project, CarryChoice.ENDED, None, actor=actor, at=at)


def undo_ended(answer: RoundAnswer, number: str, *, actor: User, at: datetime) -> None:
    """Take back that a project has ended. Errors: RoundRefused."""
    _require_writable(answer)
    carry = queries.carry_of(answer, number)
    if carry is None:
        raise RoundRefused(_("この事業への回答は、もう変わっています。画面を開き直してください。"))
    db.session.delete(carry)
    note_event(answer.round, RoundAction.UNDO, answer=answer, actor=actor, at=at, text=number)


def hand_in(
    answer: RoundAnswer, *, version: int, has_none: bool, proxy_source: str = "", actor: User, at: datetime
) -> None:
    """Hand the division's list in; the office says from where it has the list. Errors: RoundRefused, EditConflict."""
    _require_writable(answer)
    if answer.version != version:
        raise EditConflict
    by_proxy = is_proxy(answer, actor)
    if by_proxy and not proxy_source.strip():
        raise RoundRefused(_("課からどのように受け取ったかを入力してください。"))
    found = queries.list_of(answer)
    if found.offered:
        raise RoundRefused(
            _("前の年度の事業%(count)s件に、まだ答えていません。先に答えてください。", count=len(found.offered))
        )
    if has_none and found.counting:
        raise RoundRefused(
            _("この年度の事業が%(count)s件あるので、「該当なし」にはできません。", count=len(found.counting))
        )
    if not has_none and not found.counting:
        raise RoundRefused(_("この年度の事業がありません。1件もないときは「該当なし」を選んでください。"))
    answer.handed_in_by_id, answer.handed_in_at, answer.has_none = actor.id, at, has_none
    answer.proxy_source = proxy_source.strip() if by_proxy else ""
    text = _("該当なし") if has_none else _("%(count)s件", count=len(found.counting))
    if by_proxy:
        text += "\n" + _("受け取り方：%(source)s", source=answer.proxy_source)
    note_event(answer.round, RoundAction.HAND_IN, answer=answer, actor=actor, at=at, text=text)


def take_back(answer: RoundAnswer, *, version: int, actor: User, at: datetime) -> None:
    """Take the list back to change it, while the round is open. Errors: RoundRefused, EditConflict."""
    require_open(answer.round)
    locked(answer)
    if answer.handed_in_at is None:
        raise RoundRefused(_("この一覧は、まだ提出されていません。"))
    if answer.version != version:
        raise EditConflict
    if is_proxy(answer, actor) and not answer.is_unconfirmed:
        raise RoundRefused(_("課が提出したか、確認した一覧です。直すときは、課に取り消しを頼んでください。"))
    answer.handed_in_by_id = answer.handed_in_at = answer.confirmed_by_id = answer.confirmed_at = None
    answer.has_none, answer.proxy_source = False, ""
    note_event(answer.round, RoundAction.TAKE_BACK, answer=answer, actor=actor, at=at)


def confirm_proxy(answer: RoundAnswer, *, version: int, actor: User, at: datetime) -> None:
    """Say for the division that the list which the office entered is right. Errors: RoundRefused, EditConflict."""
    require_open(answer.round)
    locked(answer)
    if not answer.is_unconfirmed:
        raise RoundRefused(_("確認を待っている代理入力は、ありません。画面を開き直してください。"))
    if answer.version != version:
        raise EditConflict
    if is_proxy(answer, actor):
        raise RoundRefused(_("代理入力は、その課の人だけが確認できます。"))
    if answer.handed_in_by_id == actor.id:
        raise RoundRefused(_("自分で入力した一覧は、自分では確認できません。ほかの担当者に頼んでください。"))
    answer.confirmed_by_id, answer.confirmed_at = actor.id, at
    note_event(answer.round, RoundAction.CONFIRM_PROXY, answer=answer, actor=actor, at=at)


def is_proxy(answer: RoundAnswer, actor: User) -> bool:
    """Say whether a person acts for a division that is not their own, under any of its names."""
    return answer.division_id not in desk_of(actor)


def confirm_all(
    report_round: ReportRound, seen: Iterable[tuple[Project, int]], *, actor: User, at: datetime
) -> list[str]:
    """Confirm several reports as they were seen, all or none; return their numbers.

    Errors: RoundRefused, EditConflict, and those of ``service.confirm``, with the number of the report.
    """
    require_open(report_round)
    numbers = []
    for project, version in seen:
        service.require_version(project, version)
        try:
            service.confirm(project, actor=actor, at=at)
        except DomainError as refusal:
            raise RoundRefused(f"{project.number}：{refusal}") from refusal
        numbers.append(project.number)
    note_event(report_round, RoundAction.CONFIRM, actor=actor, at=at, text="、".join(numbers))
    return numbers


def close(report_round: ReportRound, *, version: int, reason: str, actor: User, at: datetime) -> None:
    """Close the round. ``indicators.round_closing`` calls this and closes the year's ledger in the same act.

    Errors: RoundRefused, EditConflict.
    """
    require_open(report_round)
    if report_round.version != version:
        raise EditConflict
    report_round.closed_by_id, report_round.closed_at = actor.id, at
    note_event(report_round, RoundAction.CLOSE, actor=actor, at=at, text=reason)
    db.session.flush()


def require_open(report_round: ReportRound) -> None:
    """Lock the round and make sure that it is open. Errors: RoundRefused."""
    locked(report_round)
    if report_round.closed_at is not None:
        raise RoundRefused(_("%(year)sの取りまとめは、締め切られました。", year=label(report_round.fy)))


def facts_today(project: Project) -> ProjectFacts:
    """Return what is known of a project, with parties and divisions under their names of today."""
    todays = division_names.todays(project.divisions)
    return ProjectFacts(
        title=project.title,
        summary=project.summary,
        partners=[
            NamedPartner(row.kind, current_of(row.organisation).name if row.organisation else row.name)
            for row in project.partners
        ],
        division_ids=list(dict.fromkeys(todays.get(row.id, row).id for row in project.divisions)),
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        budget_yen=project.budget_yen,
    )


def division_today(answer: RoundAnswer) -> Division:
    """Return the asked division, or the one that does its work now."""
    return division_names.todays([answer.division]).get(answer.division_id, answer.division)


def note_event(
    report_round: ReportRound,
    action: RoundAction,
    *,
    actor: User,
    at: datetime,
    answer: RoundAnswer | None = None,
    text: str = "",
) -> None:
    """Add a line to the round's history and to the audit."""
    division_id = answer.division_id if answer else None
    by_proxy = answer is not None and is_proxy(answer, actor)
    if by_proxy:
        text = "\n".join(filter(None, [_("代理入力"), text]))
    db.session.add(
        RoundEvent(
            round_id=report_round.id, division_id=division_id, at=at, actor_id=actor.id, action=action, note=text
        )
    )
    side = "office" if actor.may(Permission.PROJECT_CONFIRM) else "division"
    tag = f"{side}:report-round:{action.value}"
    detail = {"division": division_id} | ({"proxy": True} if by_proxy else {})
    audit.record(tag, code(report_round.fy), actor_id=actor.id, at=at, **detail)


def _due_text(due_on: date) -> str:
    return _("期限 %(day)s", day=japanese_date(due_on))


def _require_writable(answer: RoundAnswer) -> None:
    require_open(answer.round)
    locked(answer)
    if answer.handed_in_at is not None:
        raise RoundRefused(_("この一覧は、提出ずみです。変えるときは、先に「提出を取り消す」を押してください。"))


def _require_offered(answer: RoundAnswer, project: Project) -> None:
    _require_writable(answer)
    locked(project)
    if queries.find_in_list(answer, project.number) is None:
        raise RoundRefused(_("この事業には、もう答えています。画面を開き直してください。"))


def _report(answer: RoundAnswer, new: NewReport, *, actor: User, at: datetime) -> Project:
    fy, facts = answer.round.fy, new.facts
    if facts.starts_on and facts.ends_on and not (facts.starts_on <= last_day(fy) and facts.ends_on >= first_day(fy)):
        raise RoundRefused(_("期間が%(year)sにかかっていません。期間を確認してください。", year=label(fy)))
    own = division_today(answer).id
    with_own = replace(facts, division_ids=list(dict.fromkeys([own, *facts.division_ids])))
    text = ""
    if is_proxy(answer, actor):
        text = _("代理入力（%(division)sから受け取った内容）", division=answer.division.name)
    return service.report(with_own, form=new.form, form_agreed_on=new.form_agreed_on, actor=actor, at=at, text=text)


def _carry(
    answer: RoundAnswer, project: Project, new: NewReport, choice: CarryChoice, *, actor: User, at: datetime
) -> Project:
    following = _report(answer, new, actor=actor, at=at)
    _release_refused(project)
    following.continues_id = project.id
    _say(answer, project, choice, following, actor=actor, at=at)
    return following


def _release_refused(project: Project) -> None:
    """A continuation that the office refused gives its place to the next one."""
    refused = db.session.scalar(
        select(Project).where(Project.continues_id == project.id, Project.status == ProjectStatus.REFUSED)
    )
    if refused is not None:
        refused.continues_id = None
        db.session.flush()


def _say(
    answer: RoundAnswer,
    project: Project,
    choice: CarryChoice,
    following: Project | None,
    *,
    actor: User,
    at: datetime,
) -> None:
    known = next((row for row in answer.carries if row.project_id == project.id), None)
    carry = known or RoundCarry(project_id=project.id)
    carry.choice, carry.following_id = choice, following.id if following else None
    carry.said_by_id, carry.said_at = actor.id, at
    if known is None:
        answer.carries.append(carry)  # last, so that no query in between stores half of it
    db.session.flush()
    text = f"{project.number} {choice.label}" + (f" → {following.number}" if following else "")
    note_event(answer.round, RoundAction.CARRY, answer=answer, actor=actor, at=at, text=text)
