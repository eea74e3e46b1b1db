"""Reception: the checklist, what resembles the proposal, and the steps that rest on it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.lookup import found
from matchmaker.blueprints.review.panels import PANELS, STEP_PAGES, Panel
from matchmaker.blueprints.review.reception_forms import ReceptionForm, reception_form
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.proxy_queries import entry_of
from matchmaker.proposals.status import ProposalStatus
from matchmaker.review import call_queries, consultation_queries, queries, reception, similarity, steps
from matchmaker.review.call_models import Call, CallTheme
from matchmaker.review.workflow import SCREENING, Action

STEP_PAGES.update(dict.fromkeys(sorted(SCREENING), "review.receive"))
PANELS += [
    Panel("call", _l("募集"), lambda _user, proposal: _written_for(proposal)),
    Panel("proxy", _l("代理入力"), lambda _user, proposal: entry_of(proposal)),
    Panel("consultations", _l("事前意見交換"), lambda _user, proposal: consultation_queries.list_of(proposal) or None),
]


@bp.route("/<proposal_number:number>/reception", methods=["GET", "POST"])
@requires(Permission.PROPOSAL_SCREEN)
def receive(number: str) -> ResponseReturnValue:
    """Answer the checklist, and take the step that it leads to."""
    proposal = found(number)
    if proposal.status is not ProposalStatus.SUBMITTED and request.method == "GET":
        return _page(proposal, None)
    known, this_round = reception.checks_of(proposal), reception.round_of(proposal)
    form = reception_form(known, this_round=this_round, seen=queries.last_event_id(proposal))
    if request.method == "GET":
        return _page(proposal, form)
    then = next((action for action in SCREENING if action.value == request.form.get("then")), None)
    if not form.validate() or not form.check_for(then):
        return _page(proposal, form), 422
    try:
        with transaction():
            steps.require_unmoved(proposal, form.seen_event_id, actor=acting_user())
            _take(proposal, form, then)
    except (reception.ChecklistIncomplete, steps.ReasonNeeded) as refusal:
        form.form_errors.append(_words_of(refusal, then))
        return _page(found(number), form), 422
    except DomainError as refusal:
        typed = [(item.question, form[f"note_{item.key}"].data) for item in form.checklist]
        typed = [(label, text) for label, text in typed if text]
        return render_template("review/refused.html", proposal=proposal, refusal=refusal, typed=typed), 409
    flash(_DONE[then]() if then else _("確認の途中までを保存しました。"), "success")
    endpoint = "review.show" if then else "review.receive"
    return redirect(url_for(endpoint, number=number), code=303)


def _written_for(proposal: Proposal) -> tuple[Call, CallTheme | None] | None:
    call = call_queries.call_of(proposal)
    return (call, call_queries.theme_of(proposal)) if call else None


_DONE = {
    Action.ACCEPT: lambda: _("受理しました。提案者にメールで知らせます。"),
    Action.RETURN_FOR_FIX: lambda: _("修正を求めました。理由と期限を、提案者にメールで知らせます。"),
    Action.MARK_INELIGIBLE: lambda: _("対象外としました。理由を、提案者にメールで知らせます。"),
}


def _take(proposal: Proposal, form: ReceptionForm, then: Action | None) -> None:
    """The answers and the step are one act: a refused step leaves nothing behind."""
    actor, at, note = acting_user(), clock.now(), form.note.data
    reception.check(proposal, form.answers(), actor=actor, at=at)
    if then is Action.ACCEPT:
        reception.accept(proposal, actor=actor, at=at)
    elif then is Action.MARK_INELIGIBLE:
        reception.mark_ineligible(proposal, note=note, actor=actor, at=at)
    elif then is Action.RETURN_FOR_FIX:
        reception.return_for_fix(proposal, fix_due_on=form.fix_due_on.data, note=note, actor=actor, at=at)


def _words_of(refusal: DomainError, then: Action | None) -> str:
    if isinstance(refusal, steps.ReasonNeeded):
        if then is Action.MARK_INELIGIBLE:
            return _("対象外とするには、「いいえ」の項目が1つ以上必要です。")
        return _("修正を求めるには、「提案者に確かめる」の項目が1つ以上必要です。")
    return str(refusal)


def _page(proposal: Proposal, form: ReceptionForm | None) -> str:
    return render_template(
        "review/receive.html",
        proposal=proposal,
        form=form,
        items=reception.items(),
        checks=reception.checks_of(proposal),
        this_round=reception.round_of(proposal),
        similar=similarity.similar_to(acting_user(), proposal),
        entered=entry_of(proposal),
        call=call_queries.call_of(proposal),
        theme=call_queries.theme_of(proposal),
    )
