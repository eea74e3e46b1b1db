"""The files of a proposal."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.attachments import service as attachments
from matchmaker.attachments.service import UploadRefused
from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.handing_out import attachment_of, handed_out
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.forms import AttachmentForm
from matchmaker.blueprints.proposals.lookup import own, own_editable, read_in_full
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import queries, service
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.status import EDITABLE


@bp.get("/<proposal_number:number>/attachments", endpoint="attachments")
@requires(Permission.ACCOUNT_USE)
def list_(number: str) -> ResponseReturnValue:
    """List the files, and take a new one while the text may be changed."""
    return _page(read_in_full(number), AttachmentForm())


@bp.post("/<proposal_number:number>/attachments")
@requires(Permission.PROPOSAL_WRITE)
def attach(number: str) -> ResponseReturnValue:
    """Add a file: checked and written first, then recorded."""
    proposal = own_editable(number)
    form = AttachmentForm()
    upload = form.file.data
    try:
        if not upload or not upload.filename:
            raise UploadRefused(_("ファイルを選んでください"))
        with attachments.received(upload.filename, upload.stream) as stored, transaction():
            service.attach(proposal, stored, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        form.file.errors = [str(refusal)]
        return _page(own(number), form), 422
    flash(_("「%(name)s」を添付しました。", name=stored.file_name), "success")
    return redirect(url_for("proposals.attachments", number=number), code=303)


@bp.get("/<proposal_number:number>/attachments/<public_id>")
@requires(Permission.ACCOUNT_USE)
def download(number: str, public_id: str) -> ResponseReturnValue:
    """Hand a file out, never to be shown inside our own pages."""
    return handed_out(attachment_of(read_in_full(number).attachments, public_id))


@bp.post("/<proposal_number:number>/attachments/<public_id>/remove")
@requires(Permission.PROPOSAL_WRITE)
def remove(number: str, public_id: str) -> ResponseReturnValue:
    """Take a file away while the text may be changed."""
    proposal = own_editable(number)
    attachment = attachment_of(proposal.attachments, public_id)
    name = attachment.file_name
    try:
        with transaction():
            stored_name = service.detach(proposal, attachment, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        attachments.discard(stored_name)
        flash(_("「%(name)s」を消しました。", name=name), "success")
    return redirect(url_for("proposals.attachments", number=number), code=303)


def _page(proposal: Proposal, form: AttachmentForm) -> str:
    may_change = queries.is_own(acting_user(), proposal) and proposal.status in EDITABLE
    return render_template("proposals/attachments.html", proposal=proposal, form=form, may_change=may_change)
