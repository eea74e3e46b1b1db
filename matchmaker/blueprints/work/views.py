"""One page for each person: what waits for me, since when, until when, and what happens if I do nothing."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.accounts.waiting import WaitingKind
from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.circulation_forms import SendForm
from matchmaker.blueprints.forms import Form
from matchmaker.blueprints.work.forms import MOST_CHOSEN, Asked
from matchmaker.foundation import clock
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.models import Proposal
from matchmaker.review import bulk, queries
from matchmaker.review.work import WorkOrder, kinds_in, page_of_work, work_of

bp = Blueprint("work", __name__, url_prefix="/work")

CHOOSABLE = frozenset({WaitingKind.CIRCULATING, WaitingKind.ASSESSING})
"""What can be done for several at once: proposals that are circulated or wait for answers."""


@bp.get("")
@requires(Permission.ACCOUNT_USE)
def queue() -> ResponseReturnValue:
    """Show the person's work, the soonest due on top."""
    asked = Asked.of_request()
    work = work_of(acting_user(), on=clock.today())
    page = page_of_work(work, asked.wanted, number=asked.page)
    may_choose = acting_user().may(Permission.CIRCULATION_SEND)
    choosable = {one.item.key for one in work if may_choose and one.item.kind in CHOOSABLE}
    asked.keep_selected(choosable)
    shown = {one.item.key for one in page.items}
    return render_template(
        "work/queue.html",
        asked=asked,
        page=page,
        total=len(work),
        overdue=sum(one.is_overdue for one in work),
        kinds=kinds_in(work),
        orders=list(WorkOrder),
        choosable=choosable & shown,
        elsewhere=[key for key in asked.selected if key not in shown],
        most_chosen=MOST_CHOSEN,
    )


@bp.route("/circulate", methods=["GET", "POST"])
@requires(Permission.CIRCULATION_SEND)
def circulate() -> ResponseReturnValue:
    """Circulate the chosen proposals to the same divisions: a look first, then a result for each."""
    asked = Asked.of_request()
    chosen = bulk.preview_circulation(_chosen(asked))
    form = SendForm()
    if not form.validate_on_submit():
        page = render_template("work/circulate.html", asked=asked, chosen=chosen, form=form)
        return page, 422 if form.errors else 200
    results = bulk.circulate_each(
        asked.numbers, form.chosen_ids, form.to_question(), actor=acting_user(), at=clock.now()
    )
    return render_template("work/results.html", asked=asked, results=results, title=_("まとめて回付した結果"))


@bp.route("/remind", methods=["GET", "POST"])
@requires(Permission.CIRCULATION_SEND)
def remind() -> ResponseReturnValue:
    """Remind the divisions that owe an answer to the chosen proposals: a look first, then a result for each."""
    asked = Asked.of_request()
    form = Form()
    if not form.validate_on_submit():
        chosen = bulk.preview_reminders(_chosen(asked))
        return render_template("work/remind.html", asked=asked, chosen=chosen, form=form), 422 if form.errors else 200
    results = bulk.remind_each(asked.numbers, actor=acting_user(), at=clock.now())
    return render_template("work/results.html", asked=asked, results=results, title=_("まとめて催促した結果"))


def _chosen(asked: Asked) -> list[Proposal]:
    """The chosen records that are proposals; others cannot be circulated."""
    return queries.list_numbered(acting_user(), asked.numbers)
