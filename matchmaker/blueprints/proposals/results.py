"""What follows a result: its letter, and the request to reconsider it."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.papers import sent
from matchmaker.blueprints.proposals.blueprint import bp
from matchmaker.blueprints.proposals.lookup import own, read_in_full
from matchmaker.blueprints.proposals.result_forms import ReconsiderationForm
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import documents, letters, queries, reconsideration
from matchmaker.review.decision_models import Letter
from matchmaker.review.models import Decision


@bp.get("/<proposal_number:number>/letters/<int:letter_id>")
@requires(Permission.ACCOUNT_USE)
def letter(number: str, letter_id: int) -> ResponseReturnValue:
    """The letter that told a result, to its proposer and to those who review."""
    proposal, decision, row = _told(number, letter_id)
    return render_template(
        "proposals/letter.html",
        proposal=proposal,
        decision=decision,
        letter=row,
        instruction=letters.instruction_of(decision, row),
    )


@bp.get("/<proposal_number:number>/letters/<int:letter_id>.pdf")
@requires(Permission.ACCOUNT_USE)
def letter_pdf(number: str, letter_id: int) -> ResponseReturnValue:
    """The same letter on A4."""
    return sent(documents.letter_paper(*_told(number, letter_id)))


@bp.route("/<proposal_number:number>/reconsideration", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_SUBMIT)
def reconsider(number: str) -> ResponseReturnValue:
    """Ask to reconsider the last result, and see how far the answer is."""
    proposal = own(number)
    form = ReconsiderationForm()
    form.offer(reconsideration.points_of(proposal))
    if not form.is_submitted():
        return _reconsideration_page(proposal, form)
    if not form.validate_on_submit():
        return _reconsideration_page(proposal, form), 422
    try:
        with transaction():
            reconsideration.ask(proposal, form.reasons, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _reconsideration_page(proposal, form), 409
    flash(_("再検討の求めを受け付けました。回答の期限をメールで知らせます。"), "success")
    return redirect(url_for("proposals.reconsider", number=number), code=303)


@bp.get("/<proposal_number:number>/reconsiderations/<int:request_id>.pdf")
@requires(Permission.ACCOUNT_USE)
def answer_pdf(number: str, request_id: int) -> ResponseReturnValue:
    """The answer to a request on A4."""
    proposal = read_in_full(number)
    asked = reconsideration.find_for(acting_user(), proposal, request_id) or abort(404)
    if asked.decided_at is None:
        abort(404)
    return sent(documents.answer_paper(proposal, asked))


@bp.get("/reconsiderations")
@public
def reconsiderations() -> ResponseReturnValue:
    """How a result can be reconsidered, and how often it was, without names."""
    return render_template(
        "proposals/reconsiderations.html",
        years=reconsideration.count_by_year(),
        ask_days=letters.ASK_WITHIN_BUSINESS_DAYS,
        answer_days=reconsideration.ANSWER_WITHIN_BUSINESS_DAYS,
    )


def result_of(proposal: Proposal, *, sees_everything: bool) -> dict[str, Any]:
    """Return what the page of a proposal shows of its result: all to its people, the public version to others."""
    decision = queries.released_decision(proposal)
    return {
        "decision": decision,
        "letters": queries.told_letters(proposal) if sees_everything else [],
        "standing": reconsideration.standing_of(proposal) if sees_everything else None,
        "requests": reconsideration.list_of(proposal) if sees_everything else [],
    }


def _told(number: str, letter_id: int) -> tuple[Proposal, Decision, Letter]:
    proposal = read_in_full(number)
    decision = queries.find_told(proposal, letter_id) or abort(404)
    return proposal, decision, decision.letter or abort(404)


def _reconsideration_page(proposal: Proposal, form: ReconsiderationForm) -> str:
    return render_template(
        "proposals/reconsider.html",
        proposal=proposal,
        standing=reconsideration.standing_of(proposal),
        requests=reconsideration.list_of(proposal),
        form=form,
    )
