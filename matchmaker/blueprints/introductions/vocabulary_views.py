"""Views of the vocabulary's draft: the tables, their rows, and what is changed in each."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.acting import acted
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.presentation import url_for_page
from matchmaker.blueprints.introductions.vocabulary_forms import FORMS, DraftForm, RetireForm, RowForm, SearchForm
from matchmaker.blueprints.introductions.vocabulary_presentation import conflict_of, fallen_with, names_in, words_of
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError, EditConflict
from matchmaker.foundation.paging import Page
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import vocabularies, vocabulary_draft
from matchmaker.introductions.vocabulary_draft import Draft, FaultyRow, Hand, Line
from matchmaker.introductions.vocabulary_progress import progress
from matchmaker.introductions.vocabulary_rules import FIXED_ROWS, Names, table_hint, table_label
from matchmaker.matching.vocabulary import COLUMNS
from matchmaker.permissions.grants import Permission

PAGE_SIZE = 20


@bp.get("/vocabulary")
@requires(Permission.RULESET_EDIT)
def vocabulary() -> ResponseReturnValue:
    """List the tables, what the draft changes in each, and all editions."""
    now, today = vocabulary_draft.draft(), clock.today()
    return render_template(
        "introductions/vocabulary.html",
        draft=now,
        tables=COLUMNS,
        counts={table: len(rows) for table, rows in now.tables().items()},
        editions=vocabularies.list_editions(),
        used=vocabularies.number_in_force(today),
        progress=progress(today),
        table_label=table_label,
        table_hint=table_hint,
    )


@bp.get("/vocabulary/<table>")
@requires(Permission.RULESET_EDIT)
def vocabulary_table(table: str) -> ResponseReturnValue:
    """List the rows of a table as the draft has them."""
    now, form = _draft_of(table), SearchForm(request.args)
    names = names_in(now)
    found = vocabulary_draft.search(
        now.lines(table), form.words.data or "", names, only_changed=bool(form.changed.data)
    )
    number = page_number()
    shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "introductions/vocabulary_table.html",
        page=Page(items=shown, number=number, size=PAGE_SIZE, total=len(found)),
        form=form,
        changed=len(now.changes[table]),
        url_for_page=url_for_page,
        is_fixed=table in FIXED_ROWS,
        **words_of(table, names),
    )


@bp.route("/vocabulary/<table>/new", methods=["GET", "POST"])
@requires(Permission.RULESET_EDIT)
def vocabulary_row_new(table: str) -> ResponseReturnValue:
    """Add a row to the draft."""
    now = _draft_of(table)
    if table in FIXED_ROWS:
        abort(404)
    form = FORMS[table](table, Names.of(now.tables()), None)
    if not form.validate_on_submit():
        return _new_page(table, now, form), 200 if request.method == "GET" else 422
    return _put(table, None, form)


@bp.route("/vocabulary/<table>/row", methods=["GET", "POST"])
@requires(Permission.RULESET_EDIT)
def vocabulary_row(table: str) -> ResponseReturnValue:
    """Show one row, and change it in the draft."""
    now = _draft_of(table)
    line = now.find(table, request.args.get("key", "")) or abort(404)
    form = _form_of(now, line)
    if not form.validate_on_submit():
        return _row_page(now, line, form), 200 if request.method == "GET" else 422
    return _put(table, line, form)


@bp.post("/vocabulary/<table>/retire")
@requires(Permission.RULESET_EDIT)
def vocabulary_retire(table: str) -> ResponseReturnValue:
    """Take a row out of the draft, with the rows that name it."""
    now = _draft_of(table)
    line = now.find(table, request.args.get("key", "")) or abort(404)
    form = RetireForm()
    if not form.validate_on_submit():
        return _row_page(now, line, _form_of(now, line, is_sent=False), form), 422
    try:
        with transaction():
            count = vocabulary_draft.retire(
                table, line.key, reason=form.retire_reason.data, seen=form.retire_seen.data or "", by=_hand()
            )
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("introductions.vocabulary_row", table=table, key=line.key), code=303)
    flash(_("下書きで%(count)s行を外しました。使い始めるまで、一覧は変わりません。", count=count), "success")
    return redirect(url_for("introductions.vocabulary_table", table=table, changed="y"), code=303)


@bp.post("/vocabulary/<table>/undo")
@requires(Permission.RULESET_EDIT)
def vocabulary_undo(table: str) -> ResponseReturnValue:
    """Take the change of one row back."""
    _draft_of(table)
    acted(
        lambda _at: vocabulary_draft.undo(table, request.args.get("key", ""), by=_hand()),
        _("この行の下書きを取り消しました。"),
    )
    return redirect(url_for("introductions.vocabulary_table", table=table), code=303)


@bp.post("/vocabulary/draft/discard")
@requires(Permission.RULESET_EDIT)
def vocabulary_discard() -> ResponseReturnValue:
    """Take the whole draft back."""
    form = DraftForm()
    acted(
        lambda _at: vocabulary_draft.discard(seen=form.seen.data or "", by=_hand()), _("下書きをすべて取り消しました。")
    )
    return redirect(url_for("introductions.vocabulary"), code=303)


def _draft_of(table: str) -> Draft:
    return vocabulary_draft.draft() if table in COLUMNS else abort(404)


def _hand() -> Hand:
    return Hand(acting_user(), clock.now())


def _put(table: str, line: Line | None, form: RowForm) -> ResponseReturnValue:
    try:
        with transaction():
            kept = vocabulary_draft.put(
                table, form.to_row(), key=line.key if line else None, seen=form.seen.data or "", by=_hand()
            )
            key = kept.key
    except FaultyRow as refusal:
        form.refuse(refusal.faults)
        return _page_again(table, line, form), 422
    except EditConflict as refusal:
        if line is None:
            abort(409, str(refusal))
        conflict = conflict_of(vocabulary_draft.draft(), line, form)
        return render_template("errors/conflict.html", conflict=conflict), 409
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _page_again(table, line, form), 422
    flash(_("下書きに入れました。使い始めるまで、一覧は変わりません。"), "success")
    return redirect(url_for("introductions.vocabulary_row", table=table, key=key), code=303)


def _page_again(table: str, line: Line | None, form: RowForm) -> str:
    now = vocabulary_draft.draft()
    found = now.find(table, line.key) if line is not None else None
    return _row_page(now, found, form) if found is not None else _new_page(table, now, form)


def _form_of(now: Draft, line: Line, *, is_sent: bool = True) -> RowForm:
    stamp = now.stamp_of(line.table, line.key)
    return FORMS[line.table](line.table, Names.of(now.tables()), line.row, stamp, is_sent=is_sent)


def _new_page(table: str, now: Draft, form: RowForm) -> str:
    return render_template("introductions/vocabulary_row_new.html", form=form, **words_of(table, names_in(now)))


def _row_page(now: Draft, line: Line, form: RowForm, retiring: RetireForm | None = None) -> str:
    retiring = retiring or RetireForm(formdata=None)
    retiring.retire_seen.data = now.stamp_of(line.table, line.key)
    names = names_in(now)
    return render_template(
        "introductions/vocabulary_row.html",
        line=line,
        form=form,
        retiring=retiring,
        dependants=fallen_with(now, line, names),
        is_fixed=line.table in FIXED_ROWS,
        **words_of(line.table, names),
    )
