"""Requests to disclose records."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.forms import Form
from matchmaker.blueprints.papers import sent
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.disclosure_forms import (
    ConsultForm,
    DecisionForm,
    ItemForm,
    OpinionForm,
    PrefixedForm,
    RedactionForm,
    RequestForm,
)
from matchmaker.foundation import clock
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.tables import csv_bytes
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.review import disclosure, disclosure_records, queries
from matchmaker.review.disclosure_models import DisclosureItem, DisclosureRequest, RecordKind, ThirdPartyConsultation

USUAL_DAYS = 10
"""Business days until a decision, and for a third party's answer, unless the office writes another day."""


@bp.get("/disclosures")
@requires(Permission.REVIEW_READ)
def disclosures() -> ResponseReturnValue:
    """List the requests, the open ones first."""
    return render_template("review/disclosures.html", requests=disclosure.list_for(acting_user()))


@bp.route("/disclosures/new", methods=["GET", "POST"])
@requires(Permission.DISCLOSURE_EXPORT)
def new_disclosure() -> ResponseReturnValue:
    """Write a request down."""
    today = clock.today()
    form = RequestForm(data={"received_on": today, "due_on": add_business_days(today, USUAL_DAYS)})
    if not form.is_submitted():
        return render_template("review/disclosure_new.html", form=form)
    if not form.validate_on_submit():
        return render_template("review/disclosure_new.html", form=form), 422
    try:
        with transaction():
            number = disclosure.receive(form.to_facts(), actor=acting_user(), at=clock.now()).number
    except DomainError as refusal:
        form.due_on.errors = [str(refusal)]
        return render_template("review/disclosure_new.html", form=form), 422
    flash(_("開示請求を登録しました。対象の文書を選んでください。"), "success")
    return redirect(url_for("review.disclosed", number=number), code=303)


@bp.get("/disclosures/<disclosure_number:number>")
@requires(Permission.REVIEW_READ)
def disclosed(number: str) -> ResponseReturnValue:
    """Show one request: its records, the third parties' opinions, and the decision."""
    return _page(_found(number))


@bp.post("/disclosures/<disclosure_number:number>/items")
@requires(Permission.DISCLOSURE_EXPORT)
def add_disclosure_item(number: str) -> ResponseReturnValue:
    """Add records of a proposal."""
    request, form = _found(number), ItemForm()

    def add(at: datetime) -> None:
        proposal = queries.find_for(acting_user(), form.number.data)
        if proposal is None:
            raise disclosure.DisclosureRefused(_("その番号の提案は、選べません。"))
        for kind in form.kinds.data:
            disclosure.add_item(request, proposal, RecordKind(kind), actor=acting_user(), at=at)

    return _act(request, form, add, _("文書を加えました。"))


@bp.route("/disclosures/<disclosure_number:number>/items/<int:item_id>", methods=["GET", "POST"])
@requires(Permission.DISCLOSURE_EXPORT)
def redact(number: str, item_id: int) -> ResponseReturnValue:
    """Choose field by field what is kept back."""
    request = _found(number)
    item = _item(request, item_id)
    fields = disclosure_records.fields_of(item.proposal, item.kind)
    chosen = {row.field_key: row.reason for row in item.redactions}
    form = RedactionForm.of(fields, chosen, request.version)
    if not form.is_submitted():
        return render_template("review/redact.html", disclosure=request, item=item, fields=fields, form=form)
    if not form.validate_on_submit():
        return render_template("review/redact.html", disclosure=request, item=item, fields=fields, form=form), 422
    reasons = form.reasons(fields)
    try:
        with transaction():
            disclosure.redact(item, reasons, version=form.opened_version, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return render_template("review/redact.html", disclosure=request, item=item, fields=fields, form=form), 409
    flash(_("保存しました。"), "success")
    return redirect(url_for("review.disclosed", number=number), code=303)


@bp.post("/disclosures/<disclosure_number:number>/items/<int:item_id>/remove")
@requires(Permission.DISCLOSURE_EXPORT)
def remove_disclosure_item(number: str, item_id: int) -> ResponseReturnValue:
    """Take a record out of the request."""
    request = _found(number)
    item = _item(request, item_id)
    return _act(
        request,
        Form(),
        lambda at: disclosure.remove_item(item, actor=acting_user(), at=at),
        _("文書を外しました。"),
    )


@bp.post("/disclosures/<disclosure_number:number>/consult")
@requires(Permission.DISCLOSURE_EXPORT)
def consult_third_party(number: str) -> ResponseReturnValue:
    """Ask an organisation for its opinion."""
    request, form = _found(number), ConsultForm()
    parties = disclosure.third_parties_of(request)
    form.offer(parties)

    def consult(at: datetime) -> None:
        chosen = next(one for one in parties if one.number == form.organisation.data)
        due_on = form.due_on.data or clock.today()
        disclosure.consult(request, chosen, due_on=due_on, actor=acting_user(), at=at)

    return _act(request, form, consult, _("意見を聞くメールを送りました。"))


@bp.post("/disclosures/<disclosure_number:number>/consultations/<int:consultation_id>")
@requires(Permission.DISCLOSURE_EXPORT)
def write_opinion_down(number: str, consultation_id: int) -> ResponseReturnValue:
    """Write down an opinion that came on paper or by telephone."""
    request, form = _found(number), OpinionForm()
    asked = next((one for one in request.consultations if one.id == consultation_id), None) or abort(404)
    return _act(request, form, lambda at: _keep(asked, form, at), _("意見を記録しました。"))


@bp.post("/disclosures/<disclosure_number:number>/decide")
@requires(Permission.DECISION_DECIDE)
def decide_disclosure(number: str) -> ResponseReturnValue:
    """Decide on the request as it was prepared."""
    request, form = _found(number), DecisionForm()

    def decide(at: datetime) -> None:
        disclosure.decide(
            request,
            refuses=form.refuses.data,
            reason=form.reason.data,
            version=form.opened_version,
            actor=acting_user(),
            at=at,
        )

    return _act(request, form, decide, _("決定しました。意見を聞いた団体にメールで知らせます。"))


@bp.get("/disclosures/<disclosure_number:number>.pdf")
@requires(Permission.DISCLOSURE_EXPORT)
def disclosure_pdf(number: str) -> ResponseReturnValue:
    """The copies in one PDF, what is kept back blackened."""
    request = _exported(number, "pdf")
    return sent(disclosure_records.paper_of(request))


@bp.get("/disclosures/<disclosure_number:number>.csv")
@requires(Permission.DISCLOSURE_EXPORT)
def disclosure_csv(number: str) -> ResponseReturnValue:
    """The copies as a table, what is kept back left out."""
    request = _exported(number, "csv")
    content = csv_bytes(disclosure_records.HEADER, disclosure_records.rows_of(request))
    answer = Response(content, mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/opinions/<int:consultation_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_USE)
def opinion(consultation_id: int) -> ResponseReturnValue:
    """What a third party is asked, with the copies as they would be handed out, and its answer."""
    asked = disclosure.find_consultation_for(acting_user(), consultation_id) or abort(404)
    form = OpinionForm()
    if not form.is_submitted():
        return _opinion_page(asked, form)
    if not form.validate_on_submit():
        return _opinion_page(asked, form), 422
    try:
        with transaction():
            _keep(asked, form, clock.now())
    except DomainError as refusal:
        form.words.errors = [str(refusal)]
        return _opinion_page(asked, form), 422
    flash(_("ご意見を受け付けました。"), "success")
    return redirect(url_for("review.opinion", consultation_id=consultation_id), code=303)


def _keep(asked: ThirdPartyConsultation, form: OpinionForm, at: datetime) -> None:
    disclosure.answer(asked, objects=form.objects.data == "yes", words=form.words.data, actor=acting_user(), at=at)


def _opinion_page(asked: ThirdPartyConsultation, form: OpinionForm) -> str:
    own = [item for item in asked.request.items if item.proposal.organisation_id == asked.organisation_id]
    return render_template(
        "review/opinion.html",
        asked=asked,
        form=form,
        records=[(item, disclosure_records.copy_of(item)) for item in own],
    )


def _found(number: str) -> DisclosureRequest:
    return disclosure.find_for(acting_user(), number) or abort(404)


def _item(request: DisclosureRequest, item_id: int) -> DisclosureItem:
    return next((one for one in request.items if one.id == item_id), None) or abort(404)


def _exported(number: str, kind: str) -> DisclosureRequest:
    request = _found(number)
    try:
        with transaction():
            disclosure.record_export(request, kind, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        abort(redirect(url_for("review.disclosed", number=number), code=303))
    return request


def _act(request: DisclosureRequest, form: Form, take: Callable[[datetime], object], done: str) -> ResponseReturnValue:
    """Take a step. A wrong answer stays in its field; a refusal stands above the form with what was typed."""
    if not form.validate_on_submit():
        return _page(request, form), 422
    number = request.number
    try:
        with transaction():
            take(clock.now())
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return _page(_found(number), form), 409
    flash(done, "success")
    return redirect(url_for("review.disclosed", number=number), code=303)


def _page(request: DisclosureRequest, failed: Form | None = None) -> str:
    parties = disclosure.third_parties_of(request)
    asked = {one.organisation_id for one in request.consultations}
    consulting = ConsultForm(None, data={"due_on": add_business_days(clock.today() + timedelta(days=1), USUAL_DAYS)})
    consulting.offer([one for one in parties if one.id not in asked])
    forms: dict[str, Form] = {
        "item": ItemForm(None),
        "consult": consulting,
        "opinion": OpinionForm(None),
        "decision": DecisionForm(None, data={"version": request.version}),
    }
    if isinstance(failed, PrefixedForm):
        forms[failed.name] = failed
    return render_template(
        "review/disclosure.html",
        disclosure=request,
        missing=disclosure.missing_before_decision(request, clock.today()),
        verdict=disclosure.verdict_of(request),
        unasked=[one for one in parties if one.id not in asked],
        forms=forms,
        form=failed,
    )
