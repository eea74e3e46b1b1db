"""Views of saved searches: save one, look after them, and stop all mails by the link in one."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, by_signed_address, public, requires
from matchmaker.blueprints.filters import wareki_time
from matchmaker.blueprints.introductions.alert_forms import AlertForm, EmptyForm
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.interests.models import Interest
from matchmaker.interests.queries import find_own
from matchmaker.introductions import queries, saved_searches
from matchmaker.introductions.digests import conditions_of, name_of, title_of
from matchmaker.introductions.models import SavedSearch
from matchmaker.introductions.saved_filters import filters_in, in_words, path_of
from matchmaker.introductions.status import SavedSearchKind
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.proposals.queries import is_own

LARGEST_ID = 2**31 - 1
SEARCH_ID = f"<int(max={LARGEST_ID}):search_id>"


@bp.get("/alerts")
@requires(Permission.ACCOUNT_USE)
def alerts() -> ResponseReturnValue:
    """List the person's saved searches with the moment of the next mail."""
    at = clock.now()
    found = saved_searches.list_for(acting_user())
    return render_template(
        "introductions/alerts.html",
        searches=found,
        troubles={search.id: saved_searches.trouble_of(search, at=at) for search in found},
        now=at,
        most=saved_searches.MOST_SEARCHES,
        name_of=name_of,
        conditions_of=conditions_of,
        path_of=path_of,
    )


@bp.route("/alerts/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_USE)
def new_alert() -> ResponseReturnValue:
    """Save what narrows the public list of proposals."""
    return _new(None, SavedSearchKind.PROPOSALS)


@bp.route("/matches/<proposal_number:number>/alert", methods=["GET", "POST"])
@requires(Permission.MATCH_READ)
def new_alert_for_proposal(number: str) -> ResponseReturnValue:
    """Save the matches of an own proposal."""
    proposal = queries.find_ranked_proposal_for(acting_user(), number) or abort(404)
    if not is_own(acting_user(), proposal):
        abort(403)
    return _new(proposal, SavedSearchKind.PROPOSAL_MATCHES)


@bp.route("/matches/<interest_number:number>/alert", methods=["GET", "POST"])
@requires(Permission.MATCH_READ)
def new_alert_for_interest(number: str) -> ResponseReturnValue:
    """Save the matches of an own interest."""
    interest = queries.find_ranked_interest_for(acting_user(), number) or abort(404)
    if find_own(acting_user(), number) is None:
        abort(403)
    return _new(interest, SavedSearchKind.INTEREST_MATCHES)


@bp.route(f"/alerts/{SEARCH_ID}/edit", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_USE)
def edit_alert(search_id: int) -> ResponseReturnValue:
    """Change how often, or from how many points on."""
    search = _find(search_id)
    form = AlertForm(search, _counts_of(search), is_saved=True)
    if not form.validate_on_submit():
        page = _form_page("introductions/edit_alert.html", search, form)
        return page, 200 if request.method == "GET" else 422
    with transaction():
        saved_searches.change(search, **form.chosen(), at=clock.now())
    return _back(_("お知らせの設定を変えました。"), search_id)


@bp.post(f"/alerts/{SEARCH_ID}/pause")
@requires(Permission.ACCOUNT_USE)
def pause_alert(search_id: int) -> ResponseReturnValue:
    """Send nothing for a while."""
    search = _find(search_id)
    with transaction():
        saved_searches.pause(search, at=clock.now())
    flash(_("お知らせを止めました。条件は残っているので、いつでも再開できます。"), "success")
    return redirect(url_for("introductions.alerts"), code=303)


@bp.post(f"/alerts/{SEARCH_ID}/resume")
@requires(Permission.ACCOUNT_USE)
def resume_alert(search_id: int) -> ResponseReturnValue:
    """Send again."""
    search = _find(search_id)
    with transaction():
        saved_searches.resume(search, at=clock.now())
    return _back(_("お知らせを再開しました。止めていた間に出たものも、次のメールで知らせます。"), search_id)


@bp.post(f"/alerts/{SEARCH_ID}/delete")
@requires(Permission.ACCOUNT_USE)
def delete_alert(search_id: int) -> ResponseReturnValue:
    """Delete a saved search; a second press finds it gone, which is what was asked for."""
    search = saved_searches.find_for(acting_user(), search_id)
    if search is not None:
        with transaction():
            saved_searches.remove(search, at=clock.now())
    flash(_("条件を消しました。"), "success")
    return redirect(url_for("introductions.alerts"), code=303)


@bp.route("/alerts/stop/<token>", methods=["GET", "POST"])
@public
def stop_alerts(token: str) -> ResponseReturnValue:
    """Stop the searches that a link in a mail names, or all of their owner.

    Mail scanners open links: only a button stops.
    """
    try:
        stop = saved_searches.find_by_stop_token(token)
    except saved_searches.LinkNotKnown as refusal:
        return render_template("introductions/stop_alerts.html", refusal=str(refusal), stop=None), 404
    if EmptyForm().validate_on_submit():
        with transaction():
            saved_searches.stop(stop.all if request.form.get("what") == "all" else stop.named, at=clock.now())
        return redirect(url_for("introductions.stop_alerts", token=token), code=303)
    return render_template("introductions/stop_alerts.html", refusal="", stop=stop, title_of=title_of)


@bp.route("/alerts/unsubscribe/<token>", methods=["GET", "POST"])
@by_signed_address
def unsubscribe(token: str) -> ResponseReturnValue:
    """Stop the searches that a mail is about, for mail programs with a button of their own (RFC 8058).

    Such a program posts without a cookie and follows no redirect. What opens the address instead is led to the page.
    """
    if request.method == "GET":
        return redirect(url_for("introductions.stop_alerts", token=token))
    if request.form.get("List-Unsubscribe") != "One-Click":
        abort(400)
    try:
        stop = saved_searches.find_by_stop_token(token)
    except saved_searches.LinkNotKnown as refusal:
        return _plain(str(refusal)), 404
    with transaction():
        saved_searches.stop(stop.named, at=clock.now())
    return _plain(_("お知らせのメールを止めました。"))


def _plain(text: str) -> Response:
    return Response(text + "\n", mimetype="text/plain")


def _new(target: Proposal | Interest | None, kind: SavedSearchKind) -> ResponseReturnValue:
    search = saved_searches.sketch(acting_user(), target, filters_in(kind, request.args))
    form = AlertForm(search, _counts_of(search), is_saved=False)
    if not form.validate_on_submit():
        page = _form_page("introductions/new_alert.html", search, form)
        return page, 200 if request.method == "GET" else 422
    try:
        with transaction():
            saved_searches.save(search, **form.chosen(), at=clock.now())
            search_id = search.id
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("introductions.alerts"), code=303)
    return _back(_("条件を保存しました。"), search_id)


def _back(done: str, search_id: int) -> ResponseReturnValue:
    """Lead to the list, saying when the next mail goes out, or that none does."""
    search, at = _find(search_id), clock.now()
    trouble = saved_searches.trouble_of(search, at=at)
    when = _("次のお知らせは%(moment)sです（新しいものがあるときだけ送ります）。", moment=wareki_time(search.next_at))
    if search.paused_at is not None:
        when = _("いまは止めています。")
    flash(f"{done}{trouble or when}", "success" if trouble is None else "info")
    return redirect(url_for("introductions.alerts"), code=303)


def _find(search_id: int) -> SavedSearch:
    return saved_searches.find_for(acting_user(), search_id) or abort(404)


def _counts_of(search: SavedSearch) -> dict[int, int]:
    """How many matches there are is told only to those who may be told of them."""
    at = clock.now()
    is_told = saved_searches.trouble_of(search, at=at) is None
    return saved_searches.counts_by_threshold(search, at=at) if is_told else {}


def _form_page(template: str, search: SavedSearch, form: AlertForm) -> str:
    return render_template(
        template,
        form=form,
        search=search,
        name=name_of(search),
        conditions=in_words(search.kind, search.filters),
        list_path=path_of(search),
        trouble=saved_searches.trouble_of(search, at=clock.now()),
        email=acting_user().email,
    )
