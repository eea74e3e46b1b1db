"""Circulation: divisions read and answer what was sent to them; the office sends, reminds, withdraws and forwards."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.circulation.forms import AnswerForm, ForwardForm, RemindForm, RequestForm, WithdrawForm
from matchmaker.blueprints.circulation_forms import SendForm
from matchmaker.blueprints.forms import typed_words
from matchmaker.blueprints.handing_out import attachment_of, handed_out
from matchmaker.directory import queries as directory
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.permissions.levels import Reader
from matchmaker.proposals import publication
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.questions import SECTIONS
from matchmaker.proposals.service import answers_of
from matchmaker.proposals.status import DRAFTABLE, NOT_PUBLIC, ProposalStatus
from matchmaker.review import circulation, queries
from matchmaker.review import circulation_queries as found
from matchmaker.review.circulation_models import ENDED, AnswerCode, CirculationRequest

bp = Blueprint("circulation", __name__)

_REQUEST = "/review/<proposal_number:number>/circulation/<int(max=2147483647):circulation_id>"

TONES = {"waiting": "info", "stalled": "danger", "answered": "success"}
"""The tone of a request's state; those that ended without an answer are neutral."""


@bp.get("/circulation", endpoint="list")
@requires(Permission.CIRCULATION_ANSWER)
def list_() -> ResponseReturnValue:
    """List what was sent to the person's division: what waits first."""
    return render_template(
        "circulation/list.html", page=found.list_for_desk(acting_user(), page=page_number()), tones=TONES
    )


@bp.route("/circulation/<proposal_number:number>", methods=["GET", "POST"])
@requires(Permission.CIRCULATION_ANSWER)
def answer(number: str) -> ResponseReturnValue:
    """Show the proposal's text and take the division's answer; a change of mind is one more row."""
    asked = _of_desk(number)
    form = AnswerForm(asked)
    if not form.validate_on_submit():
        return _answer_page(asked, form), 422 if form.errors else 200
    said = form.to_said()
    try:
        with transaction():
            circulation.answer(asked, said, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        typed = typed_words(form, "comment", "contact")
        return render_template("circulation/answer_refused.html", asked=asked, refusal=refusal, typed=typed), 409
    flash(_("返事を記録しました。審査が終わるまでは、変えられます。"), "success")
    return redirect(url_for("circulation.answer", number=number), code=303)


@bp.get("/circulation/<proposal_number:number>/files/<public_id>")
@requires(Permission.CIRCULATION_ANSWER)
def file(number: str, public_id: str) -> ResponseReturnValue:
    """Hand out a file of a proposal that was sent to the division, never to be shown inside our own pages."""
    asked = _of_desk(number)
    if not _shows_text(asked):
        abort(404)
    return handed_out(attachment_of(asked.proposal.attachments, public_id))


@bp.route("/review/<proposal_number:number>/circulation", methods=["GET", "POST"])
@requires(Permission.CIRCULATION_SEND)
def send(number: str) -> ResponseReturnValue:
    """Ask divisions about a proposal, and see whose answer is waited for since when."""
    proposal = _reviewed(number)
    asked = found.list_of(acting_user(), proposal)
    form = _sender(proposal, asked)
    if not form.validate_on_submit():
        return _send_page(proposal, asked, form), 422 if form.errors else 200
    divisions = [one for one in map(directory.find_division, form.chosen_ids) if one is not None]
    act = circulation.circulate if proposal.status is ProposalStatus.ACCEPTED else circulation.send_further
    try:
        with transaction():
            sent = act(proposal, divisions, form.to_question(), actor=acting_user(), at=clock.now())
            count = len(sent)
    except DomainError as refusal:
        return _refused(proposal, refusal, typed_words(form, "note"))
    flash(_("%(count)sつの課に回付しました。", count=count), "success")
    return redirect(url_for("circulation.send", number=number), code=303)


@bp.post(f"{_REQUEST}/remind")
@requires(Permission.CIRCULATION_SEND)
def remind(number: str, circulation_id: int) -> ResponseReturnValue:
    """Remind one division now."""
    proposal, asked = _request(number, circulation_id)
    return _step(
        proposal,
        RemindForm(asked),
        lambda at: circulation.remind(asked, actor=acting_user(), at=at),
        _("%(division)sに催促のメールを送ります。", division=asked.division.name),
    )


@bp.post(f"{_REQUEST}/withdraw")
@requires(Permission.CIRCULATION_SEND)
def withdraw(number: str, circulation_id: int) -> ResponseReturnValue:
    """Take one question back."""
    proposal, asked = _request(number, circulation_id)
    form = WithdrawForm(asked)
    return _step(
        proposal,
        form,
        lambda at: circulation.withdraw(asked, reason=form.reason.data, actor=acting_user(), at=at),
        _("%(division)sへの依頼を取り消しました。理由をメールで知らせます。", division=asked.division.name),
    )


@bp.post(f"{_REQUEST}/forward")
@requires(Permission.CIRCULATION_SEND)
def forward(number: str, circulation_id: int) -> ResponseReturnValue:
    """Ask the division that is in charge, after another one said that it is not."""
    proposal, asked = _request(number, circulation_id)
    form = ForwardForm(asked)

    def act(at: datetime) -> object:
        division = directory.find_division(int(form.division_id.data)) or abort(404)
        return circulation.forward(asked, division, form.to_question(asked.note), actor=acting_user(), at=at)

    return _step(proposal, form, act, _("別の課に回しました。"))


def _of_desk(number: str) -> CirculationRequest:
    """What was not sent to the division does not exist for it."""
    return found.find_for_desk(acting_user(), number) or abort(404)


def _reviewed(number: str) -> Proposal:
    return queries.find_for(acting_user(), number) or abort(404)


def _request(number: str, circulation_id: int) -> tuple[Proposal, CirculationRequest]:
    proposal = _reviewed(number)
    return proposal, found.find_for_office(acting_user(), proposal, circulation_id) or abort(404)


def _sender(proposal: Proposal, asked: list[CirculationRequest]) -> SendForm:
    """The first time the divisions that the proposer named are chosen; who owes an answer is not asked again."""
    wanted = [] if asked else [row.id for row in proposal.divisions]
    return SendForm(without={row.division_id for row in asked if row.is_open}, wanted=wanted)


def _shows_text(asked: CirculationRequest) -> bool:
    """A question that was taken back shows its text no longer, nor does a proposal that was."""
    return asked.status not in ENDED and asked.proposal.status not in NOT_PUBLIC


def _step(proposal: Proposal, form: RequestForm, act: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _send_page(proposal, found.list_of(acting_user(), proposal), failed=form), 422
    try:
        with transaction():
            act(clock.now())
    except DomainError as refusal:
        return _refused(proposal, refusal, typed_words(form, "reason"))
    flash(done, "success")
    return redirect(url_for("circulation.send", number=proposal.number), code=303)


def _answer_page(asked: CirculationRequest, form: AnswerForm) -> str:
    proposal = asked.proposal
    return render_template(
        "circulation/answer.html",
        asked=asked,
        proposal=proposal,
        shows_text=_shows_text(asked),
        takes_answers=asked.status not in ENDED and proposal.status in circulation.ANSWERABLE,
        answers=publication.shown(proposal, answers_of(proposal), Reader.DIVISION, clock.today()),
        sections=SECTIONS,
        form=form,
        tones=TONES,
    )


def _send_page(
    proposal: Proposal,
    asked: list[CirculationRequest],
    form: SendForm | None = None,
    failed: RequestForm | None = None,
) -> str:
    """Show the page; a form that failed takes the place of its empty one."""
    steps: dict[tuple[str, int], RequestForm] = {}
    for row in asked:
        kinds: list[type[RequestForm]] = [RemindForm, WithdrawForm] if row.is_open else []
        if row.answer and row.answer.code is AnswerCode.OUTSIDE_REMIT and proposal.status in DRAFTABLE:
            kinds.append(ForwardForm)
        steps |= {(kind.step_name, row.id): kind(row, None) for kind in kinds}
        if failed is not None and failed._prefix == f"{failed.step_name}-{row.id}-":
            steps[failed.step_name, row.id] = failed
    return render_template(
        "circulation/send.html",
        proposal=proposal,
        asked=asked,
        steps=steps,
        sender=form or _sender(proposal, asked),
        may_send=proposal.status in DRAFTABLE,
        form=failed or form,
        tones=TONES,
    )


def _refused(proposal: Proposal, refusal: DomainError, typed: list[tuple[str, str]]) -> ResponseReturnValue:
    page = render_template("circulation/send_refused.html", proposal=proposal, refusal=refusal, typed=typed)
    return page, 409
