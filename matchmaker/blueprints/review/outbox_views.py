"""The results that wait to be told."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.review.blueprint import bp
from matchmaker.blueprints.review.letter_forms import OrderForm
from matchmaker.foundation import clock
from matchmaker.foundation.business_days import add_business_days
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.review import outbox


@bp.get("/results")
@requires(Permission.REVIEW_READ)
def results() -> ResponseReturnValue:
    """Show what is decided and not told yet, by call, and what was told before."""
    return render_template(
        "review/results.html",
        calls=outbox.list_waiting(acting_user()),
        standing=outbox.list_standing(acting_user()),
        done=outbox.list_done(),
    )


@bp.route("/results/<call_number:number>", methods=["GET", "POST"])
@requires(Permission.DECISION_DECIDE)
def release_results(number: str) -> ResponseReturnValue:
    """Look at the letters of a call once more, and tell all its results at one moment."""
    call = outbox.find_call(number) or abort(404)
    waiting = outbox.results_of(call)
    if not outbox.is_open_to(acting_user(), waiting.decisions):
        abort(404)
    form = OrderForm(
        data={
            "moment": "later",
            "release_on": add_business_days(clock.today() + timedelta(days=1), 0),
            "release_time": "10:00",
            "seen": ",".join(str(decision.id) for decision in waiting.decisions),
        }
    )
    if not form.is_submitted():
        return render_template("review/release_results.html", waiting=waiting, form=form)
    if not form.validate_on_submit():
        return render_template("review/release_results.html", waiting=waiting, form=form), 422
    try:
        with transaction():
            outbox.order(call, release_at=form.release_at, seen=form.seen_ids, actor=acting_user(), at=clock.now())
            done = _("結果を通知しました。") if form.release_at is None else _("通知を予約しました。")
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("review.release_results", number=number), code=303)
    flash(done, "success")
    return redirect(url_for("review.results"), code=303)


@bp.post("/results/<int:release_id>/cancel")
@requires(Permission.DECISION_DECIDE)
def cancel_release(release_id: int) -> ResponseReturnValue:
    """Take an order back before its moment."""
    release = outbox.find(release_id) or abort(404)
    acted(lambda at: outbox.cancel(release, actor=acting_user(), at=at), _("通知の予約を取り消しました。"))
    return redirect(url_for("review.results"), code=303)
