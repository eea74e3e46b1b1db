"""What people do when they look back together (ふりかえり). Every function runs inside the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from matchmaker.accounts.models import User
from matchmaker.audit import service as audit
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.notices import service as notices
from matchmaker.projects import lifecycle
from matchmaker.projects.models import Project
from matchmaker.projects.reflection_models import (
    ProjectCoordinator,
    ReflectionAnswer,
    ReflectionConsent,
    ReflectionLesson,
    ReflectionRound,
    ReflectionSheet,
    ReflectionTalk,
)
from matchmaker.projects.reflection_parties import coordinator_of, people_speaking_for, sides_of
from matchmaker.projects.reflection_questions import QUESTIONS, ReflectionParty, ReflectionStage
from matchmaker.projects.status import ProjectStatus

BEGINS_IN: dict[ReflectionStage, frozenset[ProjectStatus]] = {
    ReflectionStage.START: frozenset(
        {ProjectStatus.WORKING, ProjectStatus.AGREED, ProjectStatus.CONTRACTED, ProjectStatus.IN_PROGRESS}
    ),
    ReflectionStage.MIDTERM: frozenset({ProjectStatus.IN_PROGRESS, ProjectStatus.STALLED}),
    ReflectionStage.END: frozenset({ProjectStatus.IN_PROGRESS, ProjectStatus.COMPLETED, ProjectStatus.DISSOLVED}),
}
"""The states of a project in which each stage can begin."""

MAY_STAY_EMPTY = frozenset({"worry", "good", "difficult", "next"})
"""Words that a sheet can be handed in without."""


class ReflectionRefused(DomainError):
    """The round's state has no such step; the text says why."""


class SheetIncomplete(DomainError):
    """Answers are missing. ``keys`` names the questions."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(_("まだ答えていない項目があります。すべての項目に答えてから提出してください。"))
        self.keys = keys


@dataclass(frozen=True, slots=True)
class Answers:
    """What a side filled in: scores from 1 to 5, and words, by question key."""

    scores: Mapping[str, int]
    words: Mapping[str, str]


def begin(project: Project, stage: ReflectionStage, *, due_on: date, actor: User, at: datetime) -> ReflectionRound:
    """Ask both sides to fill in their sheets until a day. Errors: ReflectionRefused."""
    locked(project)
    if project.status not in BEGINS_IN[stage]:
        raise ReflectionRefused(
            _(
                "この事業はいま「%(now)s」なので、「%(stage)s」のふりかえりは始められません。",
                now=project.status.label,
                stage=stage.label,
            )
        )
    if due_on <= day_of(at):
        raise ReflectionRefused(_("提出の期限は、明日からあとの日にしてください。"))
    sealed = select(ReflectionRound.id).where(
        ReflectionRound.project_id == project.id, ReflectionRound.unsealed_at.is_(None)
    )
    if db.session.scalar(sealed.limit(1)) is not None:
        raise ReflectionRefused(_("シートがそろっていないふりかえりがあります。それが終わってから始めてください。"))
    last = db.session.scalar(select(func.max(ReflectionRound.position)).where(ReflectionRound.project_id == project.id))
    round_ = ReflectionRound(
        project=project, position=(last or 0) + 1, stage=stage, due_on=due_on, begun_by_id=actor.id, begun_at=at
    )
    db.session.add(round_)
    db.session.flush()
    _record("begin", round_, actor=actor, at=at, stage=stage.value)
    for side in sides_of(project):
        _tell(round_, side, "reflection_begun", at=at)
    return round_


def appoint(project: Project, coordinator: User, *, actor: User, at: datetime) -> None:
    """Ask a coordinator to accompany the project; the one before is thanked and ends."""
    locked(project)
    current = coordinator_of(project)
    if current is not None:
        if current.user_id == coordinator.id:
            return
        current.ended_at = at
        db.session.flush()
    db.session.add(ProjectCoordinator(project_id=project.id, user_id=coordinator.id, asked_by_id=actor.id, asked_at=at))
    audit.record("office:reflection:appoint", project.number, actor_id=actor.id, at=at, coordinator_id=coordinator.id)
    notices.tell(
        coordinator,
        "coordinator_appointed",
        at=at,
        title=project.title,
        number=project.number,
    )


def save_sheet(
    round_: ReflectionRound, side: ReflectionParty, answers: Answers, *, version: int, actor: User, at: datetime
) -> ReflectionSheet:
    """Keep what a side filled in so far; ``version`` is that of the sheet on the page, 0 when there was none.

    Errors: ReflectionRefused, EditConflict.
    """
    locked(round_)
    _require_sealed(round_)
    sheet = sheet_of(round_, side)
    if sheet is not None and sheet.handed_in_at is not None:
        raise ReflectionRefused(_("このシートは提出ずみです。直すときは、先に提出を取り消してください。"))
    if (sheet.version if sheet else 0) != version:
        raise EditConflict
    if sheet is None:
        sheet = ReflectionSheet(party=side, saved_by_id=actor.id, saved_at=at)
        round_.sheets.append(sheet)
    sheet.saved_by_id, sheet.saved_at = actor.id, at
    sheet.answers = [
        *(ReflectionAnswer(question=key, score=score) for key, score in answers.scores.items()),
        *(ReflectionAnswer(question=key, words=words) for key, words in answers.words.items() if words),
    ]
    db.session.flush()
    return sheet


def missing_from(stage: ReflectionStage, answers: Answers) -> list[str]:
    """Return the keys of the questions without which a sheet cannot be handed in."""
    return [
        question.key
        for question in QUESTIONS[stage]
        if question.key not in MAY_STAY_EMPTY
        and not (answers.scores.get(question.key) if question.is_scored else answers.words.get(question.key))
    ]


def hand_in(round_: ReflectionRound, side: ReflectionParty, *, actor: User, at: datetime) -> None:
    """Hand in a side's sheet; with the last one all are unsealed at once, for everybody who takes part.

    Errors: ReflectionRefused, SheetIncomplete.
    """
    locked(round_)
    _require_sealed(round_)
    sheet = sheet_of(round_, side)
    if sheet is None or sheet.handed_in_at is not None:
        raise ReflectionRefused(_("提出できるシートがありません。画面を開き直して、状態を確認してください。"))
    missing = missing_from(round_.stage, Answers(sheet.scores, sheet.words))
    if missing:
        raise SheetIncomplete(missing)
    sheet.handed_in_at, sheet.saved_by_id = at, actor.id
    db.session.flush()
    _record("hand-in", round_, actor=actor, at=at, side=side.value)
    if not missing_sides(round_):
        round_.unsealed_at = at
        _tell_of_unsealing(round_, at=at)


def take_back(round_: ReflectionRound, side: ReflectionParty, *, actor: User, at: datetime) -> None:
    """Make a sheet that was handed in editable again, as long as nobody has read it. Errors: ReflectionRefused."""
    locked(round_)
    _require_sealed(round_)
    sheet = sheet_of(round_, side)
    if sheet is None or sheet.handed_in_at is None:
        raise ReflectionRefused(_("このシートは、まだ提出されていません。"))
    sheet.handed_in_at = None
    _record("take-back", round_, actor=actor, at=at, side=side.value)


def open_early(round_: ReflectionRound, *, reason: str, actor: User, at: datetime) -> None:
    """Unseal without the sheet of a side that let the day pass. Errors: ReflectionRefused."""
    locked(round_)
    _require_sealed(round_)
    if not reason.strip():
        raise ReflectionRefused(_("そろわないまま開く理由を入力してください。"))
    if day_of(at) <= round_.due_on:
        raise ReflectionRefused(_("提出の期限が過ぎるまでは、そろわないまま開けません。"))
    if not handed_in_sides(round_):
        raise ReflectionRefused(_("提出されたシートがまだないので、開けません。"))
    round_.opened_early_reason, round_.unsealed_at = reason, at
    _record("open-early", round_, actor=actor, at=at)
    _tell_of_unsealing(round_, at=at)


def add_talk(round_: ReflectionRound, *, held_on: date, notes: str, actor: User, at: datetime) -> None:
    """Put the record of a talk beside the sheets. Errors: ReflectionRefused before they are unsealed."""
    locked(round_)
    _require_unsealed(round_)
    if held_on > day_of(at):
        raise ReflectionRefused(_("話し合いの日は、今日までの日にしてください。"))
    round_.talks.append(ReflectionTalk(held_on=held_on, notes=notes, written_by_id=actor.id, written_at=at))
    _record("add-talk", round_, actor=actor, at=at)


def write_summary(
    round_: ReflectionRound, *, summary: str, lessons: Mapping[int, str], version: int, actor: User, at: datetime
) -> None:
    """Write what will be public, with a lesson for sections of a proposal; every side is asked whether it agrees.

    A new edition asks every side anew. Errors: ReflectionRefused, EditConflict.
    """
    locked(round_)
    _require_unsealed(round_)
    if round_.published_at is not None:
        raise ReflectionRefused(_("このまとめは、もう公開されています。"))
    if round_.version != version:
        raise EditConflict
    if not summary.strip():
        raise ReflectionRefused(_("まとめを入力してください。"))
    round_.summary, round_.summary_edition = summary, round_.summary_edition + 1
    round_.lessons.clear()
    db.session.flush()
    round_.lessons = [ReflectionLesson(section=section, words=words) for section, words in lessons.items() if words]
    db.session.flush()
    _record("write-summary", round_, actor=actor, at=at, edition=round_.summary_edition)
    for side in handed_in_sides(round_):
        _tell(round_, side, "reflection_summary", at=at)


def consent(round_: ReflectionRound, side: ReflectionParty, *, edition: int, actor: User, at: datetime) -> bool:
    """Agree to the publication of the edition that the person read; with the last side's word it is public (True).

    Errors: ReflectionRefused, among others when a newer edition was written meanwhile.
    """
    locked(round_)
    if round_.published_at is not None or not round_.summary:
        raise ReflectionRefused(_("同意を待っているまとめがありません。画面を開き直して、状態を確認してください。"))
    if edition != round_.summary_edition:
        raise ReflectionRefused(
            _("読んでいる間に、まとめが書き直されました。新しいまとめを読んでから同意してください。")
        )
    if side not in handed_in_sides(round_):
        raise ReflectionRefused(_("シートを提出した人だけが、まとめの公開に同意できます。"))
    if side not in consenting_sides(round_):
        round_.consents.append(ReflectionConsent(party=side, edition=edition, given_by_id=actor.id, given_at=at))
        _record("consent", round_, actor=actor, at=at, side=side.value, edition=edition)
    if consenting_sides(round_) != handed_in_sides(round_):
        return False
    _publish(round_, actor=actor, at=at)
    return True


def sheet_of(round_: ReflectionRound, side: ReflectionParty) -> ReflectionSheet | None:
    """Return the sheet of a side. For services only: pages ask ``reflection_queries.sheets_for``."""
    return next((row for row in round_.sheets if row.party is side), None)


def handed_in_sides(round_: ReflectionRound) -> list[ReflectionParty]:
    """Return the sides whose sheet is in, in the order of the sides."""
    sides = {row.party for row in round_.sheets if row.handed_in_at is not None}
    return [side for side in ReflectionParty if side in sides]


def missing_sides(round_: ReflectionRound) -> list[ReflectionParty]:
    """Return the sides that the round still waits for."""
    given = handed_in_sides(round_)
    return [side for side in sides_of(round_.project) if side not in given]


def consenting_sides(round_: ReflectionRound) -> list[ReflectionParty]:
    """Return the sides that agreed to the present edition of the summary."""
    sides = {row.party for row in round_.consents if row.edition == round_.summary_edition}
    return [side for side in ReflectionParty if side in sides]


def _tell_of_unsealing(round_: ReflectionRound, *, at: datetime) -> None:
    for side in sides_of(round_.project):
        _tell(round_, side, "reflection_unsealed", at=at)
    coordinator = coordinator_of(round_.project)
    if coordinator is not None:
        _mail(round_, coordinator.user, "reflection_unsealed", at=at)


def _publish(round_: ReflectionRound, *, actor: User, at: datetime) -> None:
    round_.published_at = at
    _record("publish", round_, actor=actor, at=at)
    project = locked(round_.project)
    if round_.stage is ReflectionStage.END and project.status is ProjectStatus.COMPLETED:
        lifecycle.reflect(project, actor=actor, at=at)


def _require_sealed(round_: ReflectionRound) -> None:
    if round_.unsealed_at is not None:
        raise ReflectionRefused(_("シートはもう開かれています。開かれたあとは、書き直せません。"))


def _require_unsealed(round_: ReflectionRound) -> None:
    if round_.unsealed_at is None:
        raise ReflectionRefused(_("シートがそろって開かれるまで、できません。"))


def _record(action: str, round_: ReflectionRound, *, actor: User, at: datetime, **detail: str | int) -> None:
    subject = f"{round_.project.number}-F{round_.position}"
    source = "office" if actor.is_staff else "member"
    audit.record(f"{source}:reflection:{action}", subject, actor_id=actor.id, at=at, **detail)


def _tell(round_: ReflectionRound, side: ReflectionParty, kind: str, *, at: datetime) -> None:
    for person in people_speaking_for(round_.project, side):
        _mail(round_, person, kind, at=at)


def _mail(round_: ReflectionRound, person: User, kind: str, *, at: datetime) -> None:
    notices.tell(
        person,
        kind,
        at=at,
        title=round_.project.title,
        number=round_.project.number,
        stage=round_.stage.label,
        position=round_.position,
        due_on=round_.due_on,
    )
