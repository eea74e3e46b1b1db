"""Papers for those who review."""

from flask import abort
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.papers import sent
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.lookup import found, found_decision
from matchmaker.foundation import clock
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.review import documents


@bp.get("/<proposal_number:number>/letters/<int:decision_id>.pdf")
@requires(Permission.REVIEW_READ)
def letter_pdf(number: str, decision_id: int) -> ResponseReturnValue:
    """The letter as it will lie on the table."""
    proposal = found(number)
    decision = found_decision(proposal, decision_id)
    letter = decision.letter or abort(404)
    return sent(documents.letter_paper(proposal, decision, letter))


@bp.get("/<proposal_number:number>/drafts/<int:decision_id>.pdf")
@requires(Permission.REVIEW_READ)
def pack_pdf(number: str, decision_id: int) -> ResponseReturnValue:
    """The whole file of a draft in one PDF."""
    proposal = found(number)
    decision = found_decision(proposal, decision_id)
    paper = documents.pack_paper(acting_user(), proposal, decision)
    with transaction():
        documents.record_copy(proposal, actor=acting_user(), at=clock.now())
    return sent(paper)
