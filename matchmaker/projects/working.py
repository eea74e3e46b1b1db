"""Who does what, and in which form: the two things that a working group settles before it writes an agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from matchmaker.accounts.models import User
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import form_choice
from matchmaker.projects.events import FactMissing, note, touch
from matchmaker.projects.form_choice import FormAnswers
from matchmaker.projects.lifecycle import require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.status import UNDERWAY, ProjectAction
from matchmaker.projects.working_models import FormChoice, ProjectTask


class FormDoesNotFit(DomainError):
    """The answers contradict each other; ``sentences`` say where."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task, and what each kind of party does for it; empty where it does nothing."""

    task: str
    npo: str = ""
    prefecture: str = ""
    municipality: str = ""
    company: str = ""


def divide_work(project: Project, lines: Sequence[TaskLine], *, actor: User, at: datetime) -> None:
    """Store the whole role matrix anew. Errors: ProjectNotInState; FactMissing for a task that nobody does."""
    require_underway(project, UNDERWAY, _("役割分担の変更"))
    for line in lines:
        if not any((line.npo, line.prefecture, line.municipality, line.company)):
            raise FactMissing(_("「%(task)s」を、だれがするかを入力してください。", task=line.task))
    db.session.execute(delete(ProjectTask).where(ProjectTask.project_id == project.id))
    db.session.add_all(
        ProjectTask(
            project_id=project.id,
            position=position,
            task=line.task,
            npo=line.npo,
            prefecture=line.prefecture,
            municipality=line.municipality,
            company=line.company,
        )
        for position, line in enumerate(lines, start=1)
    )
    touch(project)
    note(project, ProjectAction.DIVIDE_WORK, actor=actor, at=at)


def list_tasks(project: Project) -> Sequence[ProjectTask]:
    """Return the lines of the role matrix in their order."""
    query = select(ProjectTask).where(ProjectTask.project_id == project.id)
    return db.session.scalars(query.order_by(ProjectTask.position)).all()


def first_lines(project: Project) -> list[TaskLine]:
    """Return what the proposal says about roles, as a matrix to begin with; empty for reported projects."""
    proposal = project.proposal
    if proposal is None:
        return []
    line = TaskLine(
        task=_("提案にある役割"),
        npo=(proposal.role_npo or "")[:200],
        prefecture=(proposal.role_prefecture or "")[:200],
        municipality=(proposal.role_municipality or "")[:200],
        company=(proposal.role_company or "")[:200],
    )
    return [line] if any((line.npo, line.prefecture, line.municipality, line.company)) else []


def choose_form(project: Project, answers: FormAnswers, *, actor: User, at: datetime) -> FormChoice:
    """Put the form and the answers behind it on record. Errors: ProjectNotInState; FormDoesNotFit; FactMissing."""
    require_underway(project, UNDERWAY, _("協働の形態の選択"))
    sentences = form_choice.troubles(answers)
    if sentences:
        raise FormDoesNotFit(sentences)
    if not answers.grounds.strip():
        raise FactMissing(_("その形を選んだ理由を入力してください。"))
    choice = FormChoice(
        project_id=project.id,
        form=answers.form,
        has_public_cost=answers.has_public_cost,
        prefecture_specifies=answers.prefecture_specifies,
        procedure=answers.procedure,
        grounds=answers.grounds,
        chosen_by_id=actor.id,
        chosen_at=at,
    )
    db.session.add(choice)
    type_ = form_choice.type_of(answers.form, answers.has_public_cost)
    text = f"{answers.form.label}（{type_.label}、{answers.procedure.label}）\n{answers.grounds}"
    note(project, ProjectAction.CHOOSE_FORM, actor=actor, at=at, text=text)
    return choice


def newest_choice(project: Project) -> FormChoice | None:
    """Return the choice of form that counts now."""
    query = select(FormChoice).where(FormChoice.project_id == project.id).options(joinedload(FormChoice.chosen_by))
    return db.session.scalar(query.order_by(FormChoice.id.desc()).limit(1))
