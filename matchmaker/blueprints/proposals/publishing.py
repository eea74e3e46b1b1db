"""What an owner does with a whole proposal: show it, take it back, withdraw it, look at its versions."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.forms import OPEN_FOR, PublishForm
from matchmaker.blueprints.proposals.lookup import own, read_in_full
from matchmaker.blueprints.proposals.presentation import answers_for, versions_shown
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals import queries, service
from matchmaker.review import service as review
from matchmaker.review.queries import steps_for
from matchmaker.review.workflow import Action


@bp.route("/<proposal_number:number>/publish", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_WRITE)
def publish(number: str) -> ResponseReturnValue:
    """Show what everybody will see, and publish it until a day."""
    proposal = own(number)
    form = PublishForm(data={"open_until_on": proposal.open_until_on or clock.today() + OPEN_FOR})
    if form.validate_on_submit():
        try:
            with transaction():
                until = form.open_until_on.data
                service.publish(proposal, actor=acting_user(), at=clock.now(), open_until_on=until)
        except service.ProposalIncomplete as refusal:
            names = "、".join(missing.field.label for missing in refusal.missing)
            flash(_("公開するには、次の入力が必要です：%(names)s", names=names), "error")
        except DomainError as refusal:
            flash(str(refusal), "error")
        else:
            flash(_("公開の設定を保存しました。"), "success")
        return redirect(url_for("proposals.show", number=number), code=303)
    return render_template(
        "proposals/publish.html", form=form, proposal=proposal, groups=answers_for(None, proposal)
    ), 422 if form.errors else 200


@bp.post("/<proposal_number:number>/unpublish")
@requires(Permission.PROPOSAL_WRITE)
def unpublish(number: str) -> ResponseReturnValue:
    """Take the proposal out of public sight."""
    proposal = own(number)
    with transaction():
        service.unpublish(proposal, actor=acting_user(), at=clock.now())
    flash(_("公開をやめました。団体の人と県の担当者だけが見られます。"), "success")
    return redirect(url_for("proposals.show", number=number), code=303)


@bp.route("/<proposal_number:number>/withdraw", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_SUBMIT)
def withdraw(number: str) -> ResponseReturnValue:
    """Ask once more, then withdraw."""
    proposal = own(number)
    if request.method == "POST":
        acted(lambda at: review.withdraw(proposal, actor=acting_user(), at=at), _("提案を取り下げました。"))
        return redirect(url_for("proposals.show", number=number), code=303)
    if Action.WITHDRAW not in {step.action for step in steps_for(acting_user(), proposal)}:
        flash(_("この提案は、いまは取り下げられません。"), "error")
        return redirect(url_for("proposals.show", number=number), code=303)
    return render_template("proposals/withdraw.html", proposal=proposal)


@bp.get("/<proposal_number:number>/versions")
@requires(Permission.ACCOUNT_USE)
def versions(number: str) -> ResponseReturnValue:
    """Show how the text became what it is: who changed what, when."""
    proposal = read_in_full(number)
    page, before = queries.list_versions(proposal, page=page_number())
    return render_template(
        "proposals/versions.html",
        proposal=proposal,
        page=page,
        versions=versions_shown(page.items, before),
        url_for_page=lambda wanted: url_for("proposals.versions", number=number, page=wanted),
    )
