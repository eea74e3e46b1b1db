"""The letter of a decision: looked at as it will be sent, and changed before."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.letter_forms import LetterForm
from matchmaker.blueprints.review.lookup import found, found_decision
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import letters
from matchmaker.review.models import Decision


@bp.route("/<proposal_number:number>/letters/<int:decision_id>", methods=["GET", "POST"])
@requires(Permission.REVIEW_READ)
def letter(number: str, decision_id: int) -> ResponseReturnValue:
    """Show the letter of a decision, and change it while that is possible."""
    proposal = found(number)
    decision = found_decision(proposal, decision_id)
    row = decision.letter
    form = LetterForm(obj=row)
    if row is None or not form.is_submitted():
        return _page(proposal, decision, form)
    if not form.validate_on_submit():
        return _page(proposal, decision, form), 422
    texts = {name: form[name].data for name in ("subject", "body", "sender", "public_text")}
    try:
        with transaction():
            letters.edit(row, **texts, version=form.opened_version, actor=acting_user(), at=clock.now())
    except EditConflict:
        return _conflict(proposal, decision, texts), 409
    except DomainError as refusal:
        form.public_text.errors = [str(refusal)]
        return _page(proposal, decision, form), 422 if isinstance(refusal, letters.NamesAPerson) else 409
    flash(_("通知文を保存しました。"), "success")
    return redirect(url_for("review.letter", number=number, decision_id=decision_id), code=303)


@bp.post("/<proposal_number:number>/letters/<int:decision_id>/compose")
@requires(Permission.REVIEW_READ)
def compose_letter(number: str, decision_id: int) -> ResponseReturnValue:
    """Write the letter of a decision that has none."""
    decision = found_decision(found(number), decision_id)
    acted(
        lambda at: letters.compose_missing(decision, actor=acting_user(), at=at),
        _("通知文の案を作りました。内容を確認してください。"),
    )
    return redirect(url_for("review.letter", number=number, decision_id=decision_id), code=303)


def _page(proposal: Proposal, decision: Decision, form: LetterForm) -> str:
    return render_template(
        "review/letter.html",
        proposal=proposal,
        decision=decision,
        letter=decision.letter,
        form=form,
        is_editable=letters.is_editable(decision, acting_user()),
        instruction=letters.instruction_of(decision, decision.letter) if decision.letter else "",
    )


def _conflict(proposal: Proposal, decision: Decision, typed: dict[str, str]) -> str:
    stored = decision.letter
    form = LetterForm()
    fields = [
        {"label": form[name].label.text, "mine": mine, "theirs": getattr(stored, name), "changes": []}
        for name, mine in typed.items()
        if stored is not None and mine != getattr(stored, name)
    ]
    address = url_for("review.letter", number=proposal.number, decision_id=decision.id)
    conflict = {
        "what": _("通知文"),
        "by": stored.edited_by.name if stored and stored.edited_by else "",
        "at": stored.edited_at if stored else None,
        "fields": fields,
        "edit_url": address,
        "resend": {"url": address, "values": [*typed.items(), ("version", str(stored.version if stored else 0))]},
    }
    return render_template("errors/conflict.html", conflict=conflict)
