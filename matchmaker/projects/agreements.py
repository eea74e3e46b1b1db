"""The agreement: written in versions, signed by every party, in force with the last signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchmaker.accounts import queries as accounts
from matchmaker.accounts.models import User
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects import form_choice, service, states
from matchmaker.projects.agreement_models import AgreementSignature, AgreementVersion
from matchmaker.projects.agreement_text import AgreementFacts, compose
from matchmaker.projects.delivery import move_final_report
from matchmaker.projects.delivery_models import ChangeRequest
from matchmaker.projects.delivery_terms import RequestKind, RequestStatus
from matchmaker.projects.events import FactMissing, ProjectNotInState, note
from matchmaker.projects.lifecycle import require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.parties import OFFICE_KEY, Party, all_keys, find_party, parties_for, parties_of, tell
from matchmaker.projects.status import UNDERWAY, PartnerKind, ProjectAction, ProjectStatus
from matchmaker.projects.working import list_tasks, newest_choice
from matchmaker.projects.working_models import ProjectTask


class NotTheNewest(DomainError):
    """A newer version was written since the page was opened."""


class CannotSign(DomainError):
    """The party has signed already, or the version cannot be signed as it stands."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version as somebody writes it; its form is the one chosen last."""

    text: str
    starts_on: date
    ends_on: date
    note: str = ""


def write(project: Project, draft: Draft, *, based_on: int, actor: User, at: datetime) -> AgreementVersion:
    """Add the next version; nobody has signed it yet. ``based_on``: the number of the version that the writer saw.

    Errors: EditConflict when somebody wrote another one first; FactMissing; ProjectNotInState when the agreement is in
    force and no accepted request asks for a change.
    """
    require_underway(project, UNDERWAY, _("協定の文書の変更"))
    newest = newest_version(project)
    if (newest.number if newest else 0) != based_on:
        raise EditConflict
    choice = newest_choice(project)
    if choice is None:
        raise FactMissing(_("先に、協働の形態を選んでください。"))
    if newest is not None and newest.effective_on is not None and not _may_change(project, newest):
        raise ProjectNotInState(
            _("この協定は、全員が署名して効力をもっています。変えるときは、先に変更の申請をして、認められてください。")
        )
    version = AgreementVersion(
        project_id=project.id,
        number=based_on + 1,
        form=choice.form,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        text=draft.text,
        note=draft.note,
        party_keys=all_keys(project),
        written_by_id=actor.id,
        written_at=at,
    )
    db.session.add(version)
    text = _("第%(n)s版", n=version.number) + (f"\n{draft.note}" if draft.note else "")
    note(project, ProjectAction.WRITE, actor=actor, at=at, text=text)
    tell(project, "project_agreement_written", all_keys(project), at=at, but=actor, version=version.number)
    return version


def sign(
    project: Project, *, number: int, key: str, signer: str, title: str, signed_on: date, actor: User, at: datetime
) -> AgreementVersion:
    """Sign a version for a party: one's own, or, for the office, the paper of a party that does not sign in here.

    With the last signature the version is in force and the project agreed. Errors: NotTheNewest; CannotSign.
    """
    require_underway(project, UNDERWAY, _("署名"))
    version = newest_version(project)
    if version is None or version.number != number:
        raise NotTheNewest(_("新しい版が書かれています。新しい版を読んでから、署名してください。"))
    locked(version)
    party = find_party(project, key)
    _require_signable(project, version, party, actor=actor, on=signed_on, at=at)
    is_own = any(one.key == key for one in parties_for(actor, project))
    db.session.add(
        AgreementSignature(
            version=version,
            party_key=key,
            party_name=party.name if party else key,
            signer=signer,
            title=title,
            signed_on=signed_on,
            is_on_paper=not is_own,
            recorded_by_id=actor.id,
            recorded_at=at,
        )
    )
    db.session.flush()
    text = _("第%(n)s版：%(party)s（%(signer)s）", n=number, party=party.name if party else key, signer=signer)
    note(project, ProjectAction.SIGN, actor=actor, at=at, text=text)
    if not unsigned_parties(project, version):
        _take_effect(project, version, actor=actor, at=at)
    return version


def unsigned_parties(project: Project, version: AgreementVersion) -> list[Party]:
    """Return the parties whose signature a version still waits for."""
    signed = {row.party_key for row in version.signatures}
    return [party for party in parties_of(project) if party.key not in signed]


def newest_version(project: Project) -> AgreementVersion | None:
    """Return the version written last."""
    query = select(AgreementVersion).where(AgreementVersion.project_id == project.id)
    return db.session.scalar(query.order_by(AgreementVersion.number.desc()).limit(1))


def version_in_force(project: Project) -> AgreementVersion | None:
    """Return the version that all signed last."""
    query = select(AgreementVersion).where(
        AgreementVersion.project_id == project.id, AgreementVersion.effective_on.is_not(None)
    )
    return db.session.scalar(query.order_by(AgreementVersion.number.desc()).limit(1))


def list_versions(project: Project) -> Sequence[AgreementVersion]:
    """Return every version, the newest first."""
    query = select(AgreementVersion).where(AgreementVersion.project_id == project.id)
    return db.session.scalars(
        query.options(joinedload(AgreementVersion.written_by)).order_by(AgreementVersion.number.desc())
    ).all()


def find_version(project: Project, number: int) -> AgreementVersion | None:
    """Return the version with this number."""
    return db.session.scalar(
        select(AgreementVersion)
        .where(AgreementVersion.project_id == project.id, AgreementVersion.number == number)
        .options(joinedload(AgreementVersion.written_by))
    )


def first_draft(project: Project, form_label: str, starts_on: date, ends_on: date) -> str:
    """Return a draft from what is on record: parties, form, period, budget and roles."""
    return compose(
        AgreementFacts(
            title=project.title,
            summary=project.summary,
            parties=[party.name for party in parties_of(project) if party.key != OFFICE_KEY],
            form=form_label,
            starts_on=starts_on,
            ends_on=ends_on,
            budget_yen=project.budget_yen,
            tasks=[(row.task, _who_does(row)) for row in list_tasks(project)],
        )
    )


def may_write(project: Project) -> bool:
    """Say whether a new version can be written now."""
    if project.status not in UNDERWAY or newest_choice(project) is None:
        return False
    newest = newest_version(project)
    return newest is None or newest.effective_on is None or _may_change(project, newest)


def _who_does(row: ProjectTask) -> str:
    labels = {"npo": _("NPO"), "prefecture": _("県"), "municipality": _("市町"), "company": _("企業")}
    return "、".join(f"{label}：{text}" for name, label in labels.items() if (text := getattr(row, name)))


def _may_change(project: Project, in_force: AgreementVersion) -> bool:
    """A change of an agreement in force rests on a request that was accepted since."""
    request = db.session.scalar(
        select(ChangeRequest)
        .where(
            ChangeRequest.project_id == project.id,
            ChangeRequest.kind == RequestKind.CHANGE,
            ChangeRequest.status == RequestStatus.ACCEPTED,
        )
        .order_by(ChangeRequest.id.desc())
        .limit(1)
    )
    return request is not None and request.answered_at is not None and request.answered_at >= in_force.written_at


def _require_signable(
    project: Project, version: AgreementVersion, party: Party | None, *, actor: User, on: date, at: datetime
) -> None:
    if party is None:
        raise CannotSign(_("その署名者は、いまこの事業の当事者ではありません。画面を開き直してください。"))
    if version.effective_on is not None:
        raise CannotSign(_("この版は、すでに全員が署名しています。"))
    if set(version.party_keys) != set(all_keys(project)):
        raise CannotSign(
            _("この版を書いたあとに、参加する団体や課が変わりました。新しい版を書いてから、署名してください。")
        )
    if party.key in {row.party_key for row in version.signatures}:
        raise CannotSign(_("%(party)sは、すでに署名しています。", party=party.name))
    choice = newest_choice(project)
    if choice is not None and choice.form is not version.form:
        raise CannotSign(
            _(
                "この版を書いたあとに、協働の形態が「%(form)s」に変わりました。新しい版を書いてください。",
                form=choice.form.label,
            )
        )
    if on > day_of(at):
        raise CannotSign(_("署名した日は、今日までの日を入力してください。"))
    own = {one.key for one in parties_for(actor, project)}
    if party.key not in own and OFFICE_KEY not in own:
        raise CannotSign(_("自分の団体・課の分だけ署名できます。"))
    if not project.divisions:
        raise CannotSign(_("県の担当課がまだ決まっていません。担当課を決めてから署名してください。"))
    if not any(row.kind is PartnerKind.NPO for row in project.partners):
        raise CannotSign(_("この事業にはNPOが入っていないので、協働事業として合意できません。"))


def _take_effect(project: Project, version: AgreementVersion, *, actor: User, at: datetime) -> None:
    version.effective_on = max(row.signed_on for row in version.signatures)
    choice = newest_choice(project)
    procedure = form_choice.needs_procedure(version.form, bool(choice and choice.has_public_cost))
    if project.form is None:
        office = next(row for row in version.signatures if row.party_key == OFFICE_KEY)
        confirmed_by = accounts.find(office.recorded_by_id) or actor
        service.agree(
            project,
            service.Agreement(
                form=version.form,
                agreed_on=version.effective_on,
                starts_on=version.starts_on,
                ends_on=version.ends_on,
                division_ids=[row.id for row in project.divisions],
                needs_procedure=procedure,
            ),
            confirmed_by=confirmed_by,
            actor=actor,
            at=at,
        )
    else:
        if procedure and project.form is not version.form and project.status is ProjectStatus.CONTRACTED:
            project.status, project.contracted_on = ProjectStatus.AGREED, None
        project.form, project.form_agreed_on = version.form, version.effective_on
        project.starts_on, project.ends_on = version.starts_on, version.ends_on
        move_final_report(project, version.ends_on)
        states.keep(project, at=at)
    tell(
        project,
        "project_agreement_effective",
        all_keys(project),
        at=at,
        version=version.number,
        needs_procedure=procedure and project.contracted_on is None,
    )
