"""A judge's own pages: ties first, then the text and the score sheet."""

from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.handing_out import attachment_of, handed_out
from matchmaker.blueprints.panel.blueprint import bp
from matchmaker.blueprints.panel.forms import LateTieForm, SheetForm, TieForm, sheet_form
from matchmaker.blueprints.panel.lookup import assigned
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.transaction import transaction
from matchmaker.permissions.grants import Permission
from matchmaker.permissions.levels import Reader
from matchmaker.proposals import publication
from matchmaker.proposals.differences import difference
from matchmaker.proposals.questions import SECTIONS
from matchmaker.proposals.service import answers_of
from matchmaker.review import panel, presentation, score_sheets, ties
from matchmaker.review.criteria import criteria_of
from matchmaker.review.panel_models import PanelAssignment
from matchmaker.review.panel_scores import shown, total


@bp.get("/panel")
@requires(Permission.PANEL_SCORE)
def mine() -> ResponseReturnValue:
    """What waits for the judge comes first."""
    return render_template("panel/mine.html", lines=panel.list_own(acting_user()))


@bp.get("/panel/<proposal_number:number>")
@requires(Permission.PANEL_SCORE)
def judge(number: str) -> ResponseReturnValue:
    """Before ties are declared the page holds no more than title and organisation; then the text and the sheet."""
    return _page(assigned(number))


@bp.post("/panel/<proposal_number:number>/ties")
@requires(Permission.PANEL_SCORE)
def declare(number: str) -> ResponseReturnValue:
    """Say that nothing ties one, or what does; a tie ends one's part in the proposal."""
    assignment = assigned(number)
    form = LateTieForm() if assignment.has_declared else TieForm()
    if not form.validate_on_submit():
        return _page(assignment, tie_form=form), 422
    with transaction():
        recusal = ties.declare(assignment, kind=form.kind, words=form.words.data, actor=acting_user(), at=clock.now())
        is_recused = recusal is not None
    if is_recused:
        flash(_("利害関係を記録しました。%(number)s の審査から外れました。", number=number), "success")
        return redirect(url_for("panel.mine"), code=303)
    flash(_("利害関係がないことの申告を記録しました。内容を読んで採点できます。"), "success")
    return redirect(url_for("panel.judge", number=number), code=303)


@bp.post("/panel/<proposal_number:number>/sheet")
@requires(Permission.PANEL_SCORE)
def sheet(number: str) -> ResponseReturnValue:
    """Keep the sheet, or hand it in. What was typed is never lost: a refusal shows it again."""
    assignment = _declared(number)
    form = _form(assignment)
    hands_in = request.form.get("then") == "submit"
    is_sound = form.validate_on_submit()
    if not is_sound or (hands_in and not form.require_all()):
        return _page(assignment, form=form), 422
    write = score_sheets.submit if hands_in else score_sheets.save
    try:
        with transaction():
            kept = write(assignment, **_typed(form), actor=acting_user(), at=clock.now())
            is_late, points = kept.is_late, shown(total(score_sheets.marks_of(kept))) if hands_in else ""
    except EditConflict:
        return _conflict(assigned(number), form), 409
    except DomainError as refusal:
        return _refused(assigned(number), form, refusal), 409
    if hands_in:
        flash(_("採点表を提出しました。合計は%(points)s点です。", points=points), "success")
        if is_late:
            flash(
                _("期限を過ぎていたため、「期限後の提出」と記録しました。点は同じに扱います。"),
                "warning",
            )
    else:
        flash(_("採点表を保存しました。まだ提出していません。"), "success")
    return redirect(url_for("panel.judge", number=number, _anchor="sheet"), code=303)


@bp.post("/panel/<proposal_number:number>/sheet/autosave")
@requires(Permission.PANEL_SCORE)
def autosave(number: str) -> ResponseReturnValue:
    """Keep the sheet while it is being written."""
    assignment = _declared(number)
    form, at = _form(assignment), clock.now()
    if not form.validate():
        return jsonify(error=_("長すぎる文があるため、保存できませんでした。2000文字までにしてください。")), 422
    try:
        with transaction():
            kept = score_sheets.save(assignment, **_typed(form), actor=acting_user(), at=at)
            version = kept.version
    except DomainError as refusal:
        return jsonify(error=str(refusal)), 409
    return jsonify(saved_at=at.isoformat(), version=version)


@bp.get("/panel/<proposal_number:number>/files/<public_id>")
@requires(Permission.PANEL_SCORE)
def download(number: str, public_id: str) -> ResponseReturnValue:
    """Hand a file of the proposal to its judge."""
    return handed_out(attachment_of(_declared(number).proposal.attachments, public_id))


def _declared(number: str) -> PanelAssignment:
    """Ties come before everything that the proposal says."""
    assignment = assigned(number)
    return assignment if assignment.has_declared else abort(403)


def _form(assignment: PanelAssignment) -> SheetForm:
    occasion = score_sheets.open_occasion(assignment.proposal)
    return sheet_form(criteria_of(assignment.proposal), score_sheets.find_sheet(assignment, occasion), is_sent=True)


def _typed(form: SheetForm) -> dict[str, Any]:
    return {"scored": form.scored(), "comment": form.comment.data, "opened_as": form.opened_as}


def _page(assignment: PanelAssignment, *, form: SheetForm | None = None, tie_form: TieForm | None = None) -> str:
    proposal = assignment.proposal
    if not assignment.has_declared:
        return render_template(
            "panel/declare.html",
            proposal=proposal,
            form=tie_form or TieForm(formdata=None),
            statement=ties.statement_of(acting_user(), proposal),
        )
    occasion = score_sheets.open_occasion(proposal)
    own = score_sheets.find_sheet(assignment, occasion)
    submitted = [one for one in assignment.sheets if one.submitted_at is not None]
    return render_template(
        "panel/judge.html",
        assignment=assignment,
        proposal=proposal,
        answers=publication.shown(proposal, answers_of(proposal), Reader.PANEL, clock.today()),
        sections=SECTIONS,
        criteria=criteria_of(proposal),
        slots=presentation.list_slots_of(proposal),
        occasion=occasion,
        closed_because=score_sheets.closed_because(proposal),
        own=own,
        submitted=submitted,
        unfinished=[one for one in assignment.sheets if one.submitted_at is None and one is not own],
        others={one.id: panel.list_others(assignment, score_sheets.occasion_of(one)) for one in submitted},
        sheet_form=form or (sheet_form(criteria_of(proposal), own) if occasion else None),
        tie_form=tie_form or LateTieForm(formdata=None),
        form=form or tie_form,
    )


def _refused(assignment: PanelAssignment, form: SheetForm, refusal: DomainError) -> str:
    return render_template(
        "panel/sheet_refused.html", proposal=assignment.proposal, refusal=refusal, typed=_words(form)
    )


def _words(form: SheetForm) -> list[tuple[str, str]]:
    words = []
    for criterion in form.criteria:
        given = form.scored()[criterion.key]
        if given.score is not None or given.reason:
            score = "" if given.score is None else _("%(score)s点", score=given.score)
            words.append((criterion.name, "\n".join(filter(None, [score, given.reason]))))
    return [*words, *([(str(form.comment.label.text), form.comment.data)] if form.comment.data else [])]


def _conflict(assignment: PanelAssignment, form: SheetForm) -> str:
    """The judge has the sheet open twice; both texts stand side by side."""
    stored = score_sheets.find_sheet(assignment, score_sheets.open_occasion(assignment.proposal))
    mine_, theirs = dict(_words(form)), dict(_words(sheet_form(form.criteria, stored)))
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "version"}]
    conflict = {
        "what": _("%(number)s の採点表", number=assignment.proposal.public_number),
        "by": acting_user().name,
        "at": stored.saved_at if stored else None,
        "fields": [
            {
                "label": label,
                "mine": mine_.get(label, ""),
                "theirs": theirs.get(label, ""),
                "changes": difference(theirs.get(label, ""), mine_.get(label, "")),
            }
            for label in dict.fromkeys([*mine_, *theirs])
            if mine_.get(label, "") != theirs.get(label, "")
        ],
        "edit_url": url_for("panel.judge", number=assignment.proposal.public_number, _anchor="sheet"),
        "resend": {"url": request.path, "values": [*typed, ("version", stored.version if stored else 0)]},
    }
    return render_template("errors/conflict.html", conflict=conflict)
