"""The files of a report, while it is written: pictures and PDF of the partners. Inside the caller's transaction."""

from datetime import datetime

from matchmaker.accounts.models import User
from matchmaker.attachments import service as attachments
from matchmaker.attachments.models import Attachment
from matchmaker.attachments.service import StoredFile, UploadRefused
from matchmaker.attachments.sniffing import PDF_AND_PICTURES
from matchmaker.foundation.database import db, locked
from matchmaker.foundation.messages import gettext as _
from matchmaker.projects.delivery import REPORTABLE, ReportNotOpen
from matchmaker.projects.delivery_models import DeliveryReport
from matchmaker.projects.delivery_terms import WRITABLE_REPORTS
from matchmaker.projects.events import note
from matchmaker.projects.lifecycle import NotYours, require_underway
from matchmaker.projects.models import Project
from matchmaker.projects.parties import parties_for
from matchmaker.projects.status import ProjectAction
from matchmaker.projects.workflow import Part

MOST_FILES = 10


def may_attach(report: DeliveryReport, project: Project, user: User) -> bool:
    """Say whether the person may add and remove files now: files belong to an organisation, and count in its room."""
    is_open = project.status in REPORTABLE and report.status in WRITABLE_REPORTS
    return is_open and is_of_partner(project, user)


def is_of_partner(project: Project, user: User) -> bool:
    """Say whether the person acts for an organisation that takes part."""
    return any(party.part in {Part.NPO, Part.COMPANY} for party in parties_for(user, project))


def attach(report: DeliveryReport, project: Project, stored: StoredFile, *, actor: User, at: datetime) -> Attachment:
    """Add a written file. Errors: UploadRefused, QuotaReached; ProjectNotInState; NotYours; ReportNotOpen."""
    _require_writable(report, project, actor)
    if stored.media_type not in PDF_AND_PICTURES:
        raise UploadRefused(_("報告に添えられるのは、PDF、PNG、JPEGです。"))
    if attachments.is_among(stored, report.files):
        raise UploadRefused(_("同じファイルが、すでに添えられています。"))
    if len(report.files) >= MOST_FILES:
        raise UploadRefused(_("ファイルは%(most)s個までです。", most=MOST_FILES))
    if actor.organisation is None:
        raise NotYours(_("ファイルを添えられるのは、事業に参加している団体・企業だけです。"))
    locked(actor.organisation)
    kept = attachments.record(stored, organisation_id=actor.organisation.id, uploaded_by_id=actor.id, at=at)
    report.files.append(kept)
    db.session.flush()
    note(project, ProjectAction.DELIVER, actor=actor, at=at, text=_("ファイルを添えた：%(name)s", name=kept.file_name))
    return kept


def detach(report: DeliveryReport, project: Project, kept: Attachment, *, actor: User, at: datetime) -> str:
    """Take a file away and return its stored name, for the file itself to go once this is stored.

    Errors: ProjectNotInState; NotYours; ReportNotOpen.
    """
    _require_writable(report, project, actor)
    name = kept.file_name
    stored_name = attachments.take_out(kept, report.files)
    note(project, ProjectAction.DELIVER, actor=actor, at=at, text=_("ファイルを外した：%(name)s", name=name))
    return stored_name


def _require_writable(report: DeliveryReport, project: Project, actor: User) -> None:
    require_underway(project, REPORTABLE, _("報告のファイルの変更"))
    locked(report)
    if report.status not in WRITABLE_REPORTS:
        raise ReportNotOpen(_("この報告はいま「%(now)s」なので、ファイルを変えられません。", now=report.status.label))
    if not is_of_partner(project, actor):
        raise NotYours(_("ファイルを添えられるのは、事業に参加している団体・企業だけです。"))
