"""Views of the vocabulary's editions: a whole table as a file, the draft's effect before it is used, the history."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, requires
from matchmaker.blueprints.introductions.blueprint import bp
from matchmaker.blueprints.introductions.vocabulary_forms import DraftForm, UploadForm, UseVocabularyForm
from matchmaker.blueprints.introductions.vocabulary_presentation import changes_said, names_in
from matchmaker.foundation import clock
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.tables import csv_bytes
from matchmaker.foundation.transaction import transaction
from matchmaker.introductions import vocabularies, vocabulary_draft, vocabulary_files
from matchmaker.introductions.disclosure import disclosure_for
from matchmaker.introductions.ranking import match_registry
from matchmaker.introductions.ruleset_preview import preview_vocabulary, quality_of_vocabulary
from matchmaker.introductions.vocabulary_draft import Hand
from matchmaker.introductions.vocabulary_files import FAULTS_SHOWN, FaultyLine, UnreadableFile
from matchmaker.introductions.vocabulary_rules import Names, column_label, table_label
from matchmaker.matching.vocabulary import COLUMNS
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.recusals import closed_numbers

LARGEST_NUMBER = 2**31 - 1


@bp.get("/vocabulary/<table>/csv")
@requires(Permission.RULESET_EDIT)
def vocabulary_csv(table: str) -> ResponseReturnValue:
    """Hand out a table as the draft has it."""
    if table not in COLUMNS:
        abort(404)
    rows = vocabulary_draft.draft().tables()
    cells = vocabulary_files.cells_of(table, rows[table], Names.of(rows))
    response = Response(csv_bytes(vocabulary_files.head_of(table), cells), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    return response


@bp.route("/vocabulary/<table>/upload", methods=["GET", "POST"])
@requires(Permission.RULESET_EDIT)
def vocabulary_upload(table: str) -> ResponseReturnValue:
    """Make a whole table of the draft what a file says, or say line by line what is wrong with the file."""
    if table not in COLUMNS:
        abort(404)
    now, form = vocabulary_draft.draft(), UploadForm()
    if request.method == "GET":
        form.seen.data = now.stamp
        return _upload_page(table, form)
    data = form.file.data.read() if form.file.data else b""
    if not form.validate_on_submit() or not data:
        if not data:
            form.file.errors = [_("CSVファイルを選んでください")]
        return _upload_page(table, form), 422
    try:
        rows = vocabulary_files.read_file(table, data, names_in(now))
    except UnreadableFile as fault:
        form.file.errors = [str(fault)]
        return _upload_page(table, form), 422
    faults = vocabulary_files.faults_in(table, rows)
    if faults:
        form.file.errors = [_("ファイルの%(count)sか所を直してください。下書きは変わっていません", count=len(faults))]
        return _upload_page(table, form, faults), 422
    return _uploaded(table, [row for _number, row in rows], form)


@bp.route("/vocabulary/preview", methods=["GET", "POST"])
@requires(Permission.RULESET_EDIT)
def vocabulary_preview() -> ResponseReturnValue:
    """Show what the draft would do; a POST makes it the next edition."""
    form = UseVocabularyForm()
    if request.method == "GET":
        return _preview_page(UseVocabularyForm(in_force_from_on=clock.today()))
    if not form.validate_on_submit():
        return _preview_page(form), 422
    try:
        with transaction():
            edition = vocabulary_draft.make_edition(
                reason=form.reason.data, in_force_from_on=form.first_day, seen=form.seen.data or "", by=_hand()
            )
            label = edition.label
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _preview_page(form), 409
    flash(
        _("表の版 %(label)s を作りました。使い始める日から、すべての一覧がこの版になります。", label=label), "success"
    )
    return redirect(url_for("introductions.vocabulary"), code=303)


@bp.get(f"/vocabulary/editions/<int(max={LARGEST_NUMBER}):number>")
@requires(Permission.RULESET_EDIT)
def vocabulary_edition(number: int) -> ResponseReturnValue:
    """Show what one edition changed."""
    edition = vocabularies.find(number) or abort(404)
    changes = vocabularies.changes_of(edition)
    knowledge = vocabularies.knowledge_of(edition.digest) or abort(404)
    rows = {table: list(knowledge.tables[table]) for table in COLUMNS}
    for change in changes:
        if change.after is None and change.before is not None:
            rows[change.table].append(dict(change.before))
    return render_template(
        "introductions/vocabulary_edition.html",
        edition=edition,
        is_used=number == vocabularies.number_in_force(clock.today()),
        **changes_said(changes, Names.of(rows)),
    )


@bp.post(f"/vocabulary/editions/<int(max={LARGEST_NUMBER}):number>/restore")
@requires(Permission.RULESET_EDIT)
def vocabulary_restore(number: int) -> ResponseReturnValue:
    """Put all rows of an earlier edition into the draft."""
    knowledge = vocabularies.knowledge_in(number) or abort(404)
    reason = _("版を戻すため")
    try:
        with transaction():
            count = vocabulary_draft.restore(knowledge, reason=reason, seen=DraftForm().seen.data or "", by=_hand())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("introductions.vocabulary"), code=303)
    flash(_("選んだ版の内容を下書きに入れました（いちばん新しい版とちがう行は%(count)s行）。", count=count), "success")
    return redirect(url_for("introductions.vocabulary"), code=303)


def _hand() -> Hand:
    return Hand(acting_user(), clock.now())


def _uploaded(table: str, rows: list[dict[str, str]], form: UploadForm) -> ResponseReturnValue:
    try:
        with transaction():
            done = vocabulary_files.upload(
                table, rows, reason=form.retire_reason.data, seen=form.seen.data or "", by=_hand()
            )
    except DomainError as refusal:
        flash(str(refusal), "error")
        form.seen.data = vocabulary_draft.draft().stamp
        return _upload_page(table, form), 409
    flash(
        _(
            "ファイルを下書きに入れました（追加%(added)s行、変更%(changed)s行、外した行%(retired)s行）。",
            added=done.added,
            changed=done.changed,
            retired=done.retired,
        ),
        "success",
    )
    return redirect(url_for("introductions.vocabulary_table", table=table, changed="y"), code=303)


def _upload_page(table: str, form: UploadForm, faults: list[FaultyLine] | None = None) -> str:
    return render_template(
        "introductions/vocabulary_upload.html",
        table=table,
        form=form,
        faults=(faults or [])[:FAULTS_SHOWN],
        more=max(0, len(faults or []) - FAULTS_SHOWN),
        columns=[column_label(table, column) for column in COLUMNS[table]],
        table_label=table_label,
    )


def _preview_page(form: UseVocabularyForm) -> str:
    now, pool = vocabulary_draft.draft(), match_registry().pool(clock.today())
    form.seen.data = now.stamp
    new, closed = now.knowledge(), closed_numbers(acting_user())
    return render_template(
        "introductions/vocabulary_preview.html",
        draft=now,
        using=form,
        compared_with=vocabularies.label_of(pool.knowledge.digest),
        moves=preview_vocabulary(pool, new, clock.today()).without(closed) if now.count else None,
        qualities=quality_of_vocabulary(pool, new) if now.count else [],
        disclosure=disclosure_for(acting_user()),
        **changes_said(now.row_changes(), names_in(now)),
    )
