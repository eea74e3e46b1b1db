"""Who judges what: proposed by the machine, changed by hand, and exported whole."""

import re

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.forms import hidden_number
from matchmaker.blueprints.panel.blueprint import bp
from matchmaker.blueprints.panel.forms import AffiliationForm, AssignForm
from matchmaker.blueprints.panel.lookup import STANDING, scope_of
from matchmaker.directory.queries import find_division, list_divisions
from matchmaker.foundation import clock
from matchmaker.foundation.database import db
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.paging import cut
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.recusal_models import TieKind
from matchmaker.review import panel, ties
from matchmaker.review.panel_balance import Pair, share_out
from matchmaker.review.panel_export import workbook
from matchmaker.review.panel_models import PanelAffiliation

USUAL_JUDGES = 3
MOST_JUDGES = 9
_PAIR = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/panel/assignments")
@requires(Permission.PANEL_MANAGE)
def assignments() -> ResponseReturnValue:
    """Every call that has work for the panel, and the proposals outside calls, with how far each proposal is."""
    user, with_past = acting_user(), request.args.get("show") == "all"
    groups = []
    for call in (*panel.list_calls_with_work(), None):
        proposals = panel.list_judged(user, call, with_past=with_past)
        groups.append((call, call.number if call else STANDING, proposals, panel.progress_of(proposals)))
    return render_template("panel/assignments.html", groups=groups, judges=panel.list_judges(), shows_all=with_past)


@bp.route("/panel/assignments/<scope>", methods=["GET", "POST"])
@requires(Permission.PANEL_MANAGE)
def assign(scope: str) -> ResponseReturnValue:
    """The table of judges and proposals: as it stands, or as the machine proposes it (``each`` judges a proposal)."""
    call, form = scope_of(scope), AssignForm()
    proposals = panel.list_judged(acting_user(), call)
    if form.validate_on_submit():
        try:
            with transaction():
                panel.assign(
                    panel.list_judged(acting_user(), call),
                    _pairs(request.form.getlist("pair")),
                    seen=_pairs((form.seen.data or "").split()),
                    reason=form.reason.data,
                    due_on=form.due_on.data,
                    actor=acting_user(),
                    at=clock.now(),
                )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
            return _table(scope, form, _pairs(request.form.getlist("pair"))), 409
        flash(_("割り当てを保存しました。新しく担当になった委員に、メールで知らせます。"), "success")
        return redirect(url_for("panel.assign", scope=scope), code=303)
    if request.method == "POST":
        return _table(scope, form, _pairs(request.form.getlist("pair"))), 422
    return _table(scope, form, panel.current_pairs(proposals))


@bp.get("/panel/assignments/<scope>/export.xlsx")
@requires(Permission.PANEL_MANAGE)
def export(scope: str) -> ResponseReturnValue:
    """Everything that the panel put on record about these proposals, for the file."""
    user = acting_user()
    proposals = panel.list_judged(user, scope_of(scope), with_past=True)
    made = workbook(one for one in proposals if not panel.owes_sheet(user, one))
    headers = {"Content-Disposition": f'attachment; filename="panel-{scope}.xlsx"', "Cache-Control": "no-store"}
    return Response(made, mimetype=_XLSX, headers=headers)


@bp.route("/panel/members", methods=["GET", "POST"])
@requires(Permission.PANEL_MANAGE)
def members() -> ResponseReturnValue:
    """The judges, and what the office knows of where they work and sit; ties are read from it."""
    judges = panel.list_judges()
    form = AffiliationForm(judges, list_divisions(on=clock.today()))
    if form.validate_on_submit():
        _enter(form)
        flash(_("所属を記録しました。利害関係のある提案からは、自動で外れます。"), "success")
        return redirect(_members_address(page_number()), code=303)
    shown = cut(judges, page_number())
    page = render_template(
        "panel/members.html",
        page=shown,
        affiliations=ties.list_affiliations(shown.items),
        form=form,
        url_for_page=_members_address,
    )
    return page, 422 if form.errors else 200


@bp.post("/panel/affiliations/<int:affiliation_id>/end")
@requires(Permission.PANEL_MANAGE)
def end_affiliation(affiliation_id: int) -> ResponseReturnValue:
    """Say that a judge no longer belongs somewhere."""
    if affiliation_id >= 2**31:
        abort(404)
    with transaction():
        row = db.session.get(PanelAffiliation, affiliation_id)
        if row is None:
            abort(404)
        ties.end_affiliation(row, actor=acting_user(), at=clock.now())
    flash(_("所属が終わったことを記録しました。"), "success")
    return redirect(_members_address(hidden_number(request.form.get("page"))), code=303)


def _members_address(number: int) -> str:
    return url_for("panel.members", page=number if number > 1 else None)


def _enter(form: AffiliationForm) -> None:
    judge_id, division_id = int(form.judge_id.data), form.division_id.data
    with transaction():
        judge = next(one for one in panel.list_judges() if one.id == judge_id)
        ties.enter_affiliation(
            judge,
            kind=TieKind(form.kind.data),
            name=form.name.data,
            division=find_division(int(division_id)) if division_id else None,
            actor=acting_user(),
            at=clock.now(),
        )
        panel.check_ties([judge], at=clock.now())


def _pairs(typed: list[str]) -> set[Pair]:
    """Read "judge-proposal"; anything else on an odd page is no pair."""
    found = (_PAIR.fullmatch(one) for one in typed)
    return {(int(one[1]), int(one[2])) for one in found if one}


def _table(scope: str, form: AssignForm, chosen: set[Pair]) -> str:
    call = scope_of(scope)
    proposals = panel.list_judged(acting_user(), call)
    judges = panel.list_at_work(proposals)
    current, known = panel.current_pairs(proposals), panel.known_ties(judges, proposals)
    asked = request.args.get("each", "")
    each = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 1 and asked != "0" else 0
    short: dict[int, int] = {}
    if each and request.method == "GET":
        kept = {pair for pair in current if pair not in known}
        plan = share_out(
            [one.id for one in panel.list_judges()], [one.id for one in proposals], each=each, ties=known, kept=kept
        )
        chosen, short = set(plan.pairs), plan.short
    form.seen.data = " ".join(f"{judge}-{proposal}" for judge, proposal in sorted(current))
    return render_template(
        "panel/assign.html",
        call=call,
        scope=scope,
        form=form,
        proposals=proposals,
        judges=judges,
        ties=known,
        chosen=chosen,
        short=short,
        each=each,
        usual=USUAL_JUDGES,
        most=MOST_JUDGES,
        progress=panel.progress_of(proposals),
        load={one.id: sum(1 for judge, _proposal in chosen if judge == one.id) for one in judges},
    )
