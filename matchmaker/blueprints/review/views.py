"""Screening and decision: the queue, and one page for everything that leads to a decision."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.forms import typed_words
from matchmaker.blueprints.review import (  # noqa: F401
    disclosure_views,
    letter_views,
    level_views,
    outbox_views,
    panel_part,
    paper_views,
    reception_views,
    reconsideration_views,
)
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.forms import (
    DecideForm,
    DecisionForm,
    DraftForm,
    ReleaseForm,
    ReopenForm,
    SendBackForm,
    StepForm,
    empty_forms,
)
from matchmaker.blueprints.review.lookup import found, found_decision
from matchmaker.blueprints.review.panels import STEP_PAGES, panels_for
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.text import tidy_line
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import queries as introductions
from matchmaker.matching.weights import TOTAL_POINTS
from matchmaker.permissions.grants import Permission
from matchmaker.projects import queries as projects
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import SECTIONS
from matchmaker.proposals.service import answers_of
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import queries, reconsideration, service, steps
from matchmaker.review.models import Decision
from matchmaker.review.queries import QueueFilter


@bp.get("")
@requires(Permission.REVIEW_READ)
def queue() -> ResponseReturnValue:
    """List everything under review, the longest waiting on top; what waits for oneself is the work queue's matter."""
    asked = request.args
    wanted = QueueFilter(
        status=next((status for status in ProposalStatus if status.value == asked.get("status")), None),
        is_stalled=asked.get("stalled") == "1",
        text=tidy_line(asked.get("q", ""))[:100],
    )
    return render_template(
        "review/queue.html",
        page=queries.queue_for(acting_user(), wanted, number=page_number()),
        wanted=wanted,
        statuses=[status for status in ProposalStatus if status is not ProposalStatus.DRAFT],
    )


@bp.get("/<proposal_number:number>")
@requires(Permission.REVIEW_READ)
def show(number: str) -> ResponseReturnValue:
    """One page with all that a decision rests on, and the steps that the person may take now."""
    return _decision_page(found(number))


@bp.post("/<proposal_number:number>/draft-decision")
@requires(Permission.DECISION_DRAFT)
def draft_decision(number: str) -> ResponseReturnValue:
    """Put a decision to the approver."""
    proposal, form = found(number), DraftForm()
    form.offer(proposal)
    return _step(
        proposal,
        form,
        lambda at: service.draft_decision(proposal, form.to_draft(), actor=acting_user(), at=at),
        _("起案しました。通知文の案も作りました。決裁者の決裁を待ちます。"),
    )


@bp.post("/<proposal_number:number>/reopen")
@requires(Permission.DECISION_DECIDE)
def reopen(number: str) -> ResponseReturnValue:
    """Judge anew although nobody asked for it."""
    proposal, form = found(number), ReopenForm()
    return _step(
        proposal,
        form,
        lambda at: reconsideration.reopen(proposal, form.reason.data, actor=acting_user(), at=at),
        _("審査に戻しました。理由を、提案者にメールで知らせます。"),
    )


@bp.post("/<proposal_number:number>/decide")
@requires(Permission.DECISION_DECIDE)
def decide(number: str) -> ResponseReturnValue:
    """Decide as drafted; with the box ticked the proposer and the public learn it at once."""
    proposal, form = found(number), DecideForm()
    decision, now = _decision(proposal, form), form.release_now.data and proposal.call_id is None
    done = (
        _("決裁して、結果を提案者に知らせました。")
        if now
        else _("決裁しました（仮決定）。結果は、通知するまで提案者には見えません。")
    )
    return _step(proposal, form, lambda at: service.decide(decision, actor=acting_user(), at=at, release_now=now), done)


@bp.post("/<proposal_number:number>/send-back")
@requires(Permission.DECISION_DECIDE)
def send_back(number: str) -> ResponseReturnValue:
    """Ask the office to draft again."""
    proposal, form = found(number), SendBackForm()
    decision = _decision(proposal, form)
    return _step(
        proposal,
        form,
        lambda at: service.send_back(decision, reason=form.reason.data, actor=acting_user(), at=at),
        _("差し戻しました。事務局の新しい起案を待ちます。"),
    )


@bp.post("/<proposal_number:number>/release")
@requires(Permission.DECISION_DECIDE)
def release(number: str) -> ResponseReturnValue:
    """Tell a decided result to the proposer and the public."""
    proposal, form = found(number), ReleaseForm()
    decision = _decision(proposal, form)
    return _step(
        proposal,
        form,
        lambda at: service.release(decision, actor=acting_user(), at=at),
        _("結果を提案者に知らせて、公開しました。"),
    )


def _decision(proposal: Proposal, form: DecisionForm) -> Decision:
    return found_decision(proposal, form.decision_row_id)


def _step(proposal: Proposal, form: StepForm, take: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    """Take a step as one act. A wrong answer stays in its field; a step that came too late keeps what was typed."""
    if not form.validate_on_submit():
        return _decision_page(proposal, form), 422
    try:
        with transaction():
            steps.require_unmoved(proposal, form.seen_event_id, actor=acting_user())
            take(clock.now())
    except DomainError as refusal:
        typed = typed_words(form, "reason", "next_step", "awaits", "broker")
        typed += form.findings() if isinstance(form, DraftForm) else []
        return render_template("review/refused.html", proposal=proposal, refusal=refusal, typed=typed), 409
    flash(done, "success")
    return redirect(url_for("review.show", number=proposal.number), code=303)


def _decision_page(proposal: Proposal, failed: StepForm | None = None) -> str:
    """Show the page; a form that failed takes the place of its empty one."""
    user = acting_user()
    decision = queries.current_decision(user, proposal)
    actions = [step.action for step in queries.steps_for(user, proposal)]
    here = [action for action in actions if action not in STEP_PAGES]
    forms = empty_forms(here, seen=queries.last_event_id(proposal), decision=decision)
    if failed is not None:
        forms[failed.step_name] = failed
    drafting = forms.get(DraftForm.step_name)
    if isinstance(drafting, DraftForm):
        drafting.offer(proposal)
    return render_template(
        "review/show.html",
        proposal=proposal,
        answers=answers_of(proposal),
        sections=SECTIONS,
        evidence=introductions.match_evidence(proposal),
        most_points=TOTAL_POINTS,
        history=queries.history_for(user, proposal),
        decision=decision,
        is_own_draft=decision is not None and decision.drafted_by_id == user.id,
        project=projects.find_of(proposal),
        reconsiderations=reconsideration.list_of(proposal),
        panels=panels_for(user, proposal),
        step_pages=[(action, STEP_PAGES[action]) for action in actions if action in STEP_PAGES],
        forms=forms,
        form=failed,
    )
