"""Answer a request to reconsider a result."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.forms import Form, typed_words
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.letter_forms import AnswerBackForm, AnswerForm, AnswerStepForm
from matchmaker.blueprints.review.lookup import found
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import queries, reconsideration
from matchmaker.review.reconsideration_models import Reconsideration, Verdict


@bp.get("/<proposal_number:number>/reconsiderations/<int:request_id>")
@requires(Permission.REVIEW_READ)
def reconsidered(number: str, request_id: int) -> ResponseReturnValue:
    """Show what the proposer asks to look at again, and the answer as far as it is."""
    return _page(*_found(number, request_id))


@bp.post("/<proposal_number:number>/reconsiderations/<int:request_id>/answer")
@requires(Permission.DECISION_DRAFT)
def draft_answer(number: str, request_id: int) -> ResponseReturnValue:
    """Put an answer to the approver."""
    (proposal, asked), form = _found(number, request_id), AnswerForm()

    def draft(at: datetime) -> None:
        reconsideration.draft_answer(
            asked,
            Verdict(form.verdict.data),
            form.answer.data,
            version=form.opened_version,
            actor=acting_user(),
            at=at,
        )

    return _act(proposal, asked, form, draft, _("回答を起案しました。決裁者の決裁を待ちます。"))


@bp.post("/<proposal_number:number>/reconsiderations/<int:request_id>/decide")
@requires(Permission.DECISION_DECIDE)
def decide_answer(number: str, request_id: int) -> ResponseReturnValue:
    """Decide the answer as drafted, and send it."""
    (proposal, asked), form = _found(number, request_id), AnswerStepForm()
    return _act(
        proposal,
        asked,
        form,
        lambda at: reconsideration.decide(asked, version=form.opened_version, actor=acting_user(), at=at),
        _("再検討の回答を決裁して、提案者に知らせました。"),
    )


@bp.post("/<proposal_number:number>/reconsiderations/<int:request_id>/send-back")
@requires(Permission.DECISION_DECIDE)
def send_answer_back(number: str, request_id: int) -> ResponseReturnValue:
    """Ask the office to draft the answer again."""
    (proposal, asked), form = _found(number, request_id), AnswerBackForm()

    def send_back(at: datetime) -> None:
        reconsideration.send_back(asked, form.reason.data, version=form.opened_version, actor=acting_user(), at=at)

    return _act(proposal, asked, form, send_back, _("差し戻しました。事務局の新しい回答案を待ちます。"))


def _found(number: str, request_id: int) -> tuple[Proposal, Reconsideration]:
    proposal = found(number)
    return proposal, reconsideration.find_for(acting_user(), proposal, request_id) or abort(404)


def _act(
    proposal: Proposal, asked: Reconsideration, form: Form, take: Callable[[datetime], None], done: str
) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(proposal, asked, form), 422
    try:
        with transaction():
            take(clock.now())
    except DomainError as refusal:
        typed = typed_words(form, "answer", "reason")
        return render_template("review/refused.html", proposal=proposal, refusal=refusal, typed=typed), 409
    flash(done, "success")
    return redirect(url_for("review.reconsidered", number=proposal.number, request_id=asked.id), code=303)


def _page(proposal: Proposal, asked: Reconsideration, failed: Form | None = None) -> str:
    version = {"version": asked.version}
    answer = {"answer": asked.sent_back_answer, **version}
    return render_template(
        "review/reconsidered.html",
        proposal=proposal,
        asked=asked,
        decision=queries.find_decision_for(acting_user(), proposal, asked.decision_id or 0),
        is_first_drafter=reconsideration.first_drafter_id(asked) == acting_user().id,
        answer_form=failed if isinstance(failed, AnswerForm) else AnswerForm(None, data=answer),
        back_form=failed if isinstance(failed, AnswerBackForm) else AnswerBackForm(None, data=version),
        step_form=AnswerStepForm(None, data=version),
        form=failed,
    )
