"""Indicators: official figures, the figure counted from the projects with its members, and the programmes' budgets."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.charts import points_of
from matchmaker.blueprints.indicators import entry_views, participation_views, planner_views, report_views, rule_views
from matchmaker.blueprints.indicators.blueprint import bp
from matchmaker.blueprints.indicators.forms import CorrectionForm
from matchmaker.blueprints.languages import BILINGUAL
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.tables import csv_bytes
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import counting_rules, ledger, progress, queries
from matchmaker.indicators.catalogue import BASE_FY, INDICATORS, PROJECTS, TARGET_YEARS, Indicator, find
from matchmaker.indicators.counting import CountingRule, from_data
from matchmaker.indicators.ledger_models import LedgerSnapshot
from matchmaker.indicators.queries import OfficialYear
from matchmaker.indicators.snapshots import SnapshotKind
from matchmaker.permissions.grants import Permission
from matchmaker.projects import report_round_queries
from matchmaker.proposals.status import CollaborationForm

__all__ = ["bp", "entry_views", "participation_views", "planner_views", "report_views", "rule_views"]


@bp.before_request
def _keep_one_code_for_each_year() -> ResponseReturnValue | None:
    """H31 and R1 are one fiscal year: only one of the two addresses shows it."""
    if "fy" not in (request.view_args or {}):
        return None
    address = url_for(request.endpoint or "", **(request.view_args or {}))
    return None if address == request.script_root + request.path else redirect(address, code=301)


@bp.context_processor
def _labels() -> dict[str, object]:
    return {"CollaborationForm": CollaborationForm, "rule_of": lambda snapshot: from_data(snapshot.rule)}


@bp.get("", endpoint="list")
@public
def list_() -> ResponseReturnValue:
    """The four indicators with targets and actuals."""
    years = queries.official_years_of()
    return render_template(
        "indicators/list.html",
        indicators=INDICATORS,
        years=years,
        target_years=TARGET_YEARS,
        points={indicator.key: points_of(indicator, years[indicator.key]) for indicator in INDICATORS},
        breaks=queries.breaks_of(),
        waiting=queries.list_waiting() if _sees_waiting() else [],
        judgements_waiting=progress.list_waiting() if _sees_waiting() else [],
        ledger=queries.latest_snapshots(),
        current_fy=_current_fy(),
    )


@bp.get("/<key>", defaults=BILINGUAL)
@public
def show(key: str) -> ResponseReturnValue:
    """One indicator: definition, figures by year with their sources, and what was corrected."""
    indicator = _indicator(key)
    years = queries.official_years(indicator)
    return render_template(
        "indicators/show.html",
        indicator=indicator,
        years=years,
        points=points_of(indicator, years),
        history=queries.list_history(indicator),
        waiting=queries.list_waiting(indicator) if _sees_waiting() else [],
        breaks=queries.breaks_of([indicator])[key],
        ledger=queries.latest_snapshots() if indicator.has_ledger else {},
        rule=counting_rules.in_force_for(_current_fy()),
        current_fy=_current_fy(),
    )


@bp.get("/npo-prefecture-projects/<fiscal_year:fy>")
@public
def figure(fy: int) -> ResponseReturnValue:
    """The figure of one fiscal year: what was printed, and what the ledger counted."""
    return _figure_page(fy)


@bp.post('/npo-prefecture-projects/<fiscal_year:fy>/<any("count", "close"):step>')
@requires(Permission.INDICATOR_ENTER)
def count(fy: int, step: str) -> ResponseReturnValue:
    """Count the year as the records stand now, or close it."""
    _known_years(fy)
    return _take(fy, SnapshotKind.CLOSING if step == "close" else SnapshotKind.INTERIM)


@bp.post("/npo-prefecture-projects/<fiscal_year:fy>/correct")
@requires(Permission.INDICATOR_ENTER)
def correct(fy: int) -> ResponseReturnValue:
    """Count a closed year again and say why; the counts before stay."""
    _known_years(fy)
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _figure_page(fy, form), 422
    return _take(fy, SnapshotKind.CORRECTION, form)


@bp.get("/npo-prefecture-projects/<fiscal_year:fy>/members")
@public
def members(fy: int) -> ResponseReturnValue:
    """The projects behind the figure, each with the reason why it counts; an older count by its number."""
    _known_years(fy)
    snapshot = _asked_snapshot(fy)
    return render_template(
        "indicators/members.html",
        indicator=PROJECTS,
        fy=fy,
        official=_official(fy),
        snapshot=snapshot,
        is_newest=snapshot is not None and snapshot == queries.latest_snapshots().get(fy),
        page=queries.members_of(snapshot, number=page_number()) if snapshot else None,
        left_out=queries.left_out_of(snapshot, number=page_number("left_out")) if snapshot else None,
        left_out_url=lambda number: url_for(
            "indicators.members", fy=fy, left_out=number, edition=request.args.get("edition"), _anchor="left-out"
        ),
        page_url=lambda number: url_for("indicators.members", fy=fy, page=number, edition=request.args.get("edition")),
        current_fy=_current_fy(),
    )


@bp.get("/npo-prefecture-projects/<fiscal_year:fy>/members.csv")
@public
def members_csv(fy: int) -> ResponseReturnValue:
    _known_years(fy)
    snapshot = _asked_snapshot(fy)
    header = (
        "年度",
        "事業番号",
        "事業名",
        "協働の形態",
        "相手",
        "県の担当課",
        "開始日",
        "終了日",
        "数えた理由",
        "数え方の版",
        "集計の番号",
        "集計の時点",
    )
    rows = [
        (
            fiscal_year.label(fy),
            row.project_number,
            row.title,
            CollaborationForm(row.form).label,
            row.parties,
            row.divisions,
            row.starts_on,
            row.ends_on,
            "／".join(row.reasons.splitlines()),
            snapshot.rule_version,
            f"{fiscal_year.code(fy)}-{snapshot.edition}",
            snapshot.as_of.astimezone(clock.JAPAN).isoformat(timespec="seconds"),
        )
        for row in (queries.list_members(snapshot) if snapshot else ())
        if snapshot
    ]
    return _csv(f"members-{fiscal_year.code(fy)}.csv", csv_bytes(header, rows))


@bp.get("/figures.csv")
@public
def figures_csv() -> ResponseReturnValue:
    """All official figures in force; the counted ones are not in this file."""
    header = ("指標", "区分", "単位", "年度", "年度（開始年）", "種別", "数値", "データの年", "出典")
    years = queries.official_years_of()
    rows = [
        (
            indicator.title,
            indicator.kind.label,
            indicator.unit,
            fiscal_year.label(year.fy),
            year.fy,
            label,
            found.value,
            found.data_year_label,
            found.source,
        )
        for indicator in INDICATORS
        for year in years[indicator.key]
        for label, found in (("目標値", year.target), ("実績値", year.actual))
        if found
    ]
    return _csv("official-figures.csv", csv_bytes(header, rows))


@bp.get("/budgets")
@public
def budgets() -> ResponseReturnValue:
    """The budgets of the seven programmes, by basic programme."""
    programmes = queries.list_budgets()
    return render_template(
        "indicators/budgets.html",
        programmes=programmes,
        years=sorted({fy for programme in programmes for fy in programme.thousand_yen}),
    )


def _sees_waiting() -> bool:
    """Figures that wait for approval are shown to those who enter and approve them."""
    if not current_user.is_authenticated:
        return False
    return current_user.may(Permission.INDICATOR_ENTER) or current_user.may(Permission.DECISION_DECIDE)


def _indicator(key: str) -> Indicator:
    indicator = find(key)
    if indicator is None:
        abort(404)
    return indicator


def _current_fy() -> int:
    return fiscal_year.fiscal_year_of(clock.today())


def _known_years(fy: int) -> list[int]:
    """The fiscal years that have a page, from H23 on; another one is not found."""
    last = max(_current_fy(), *queries.latest_snapshots(), *(year.fy for year in queries.official_years(PROJECTS)))
    years = range(BASE_FY, last + 1)
    if fy not in years:
        abort(404)
    return [*years]


def _official(fy: int) -> OfficialYear:
    years = queries.official_years(PROJECTS)
    return next((year for year in years if year.fy == fy), OfficialYear(fy, None, None))


def _take(fy: int, kind: SnapshotKind, form: CorrectionForm | None = None) -> ResponseReturnValue:
    try:
        with transaction():
            reason = (form.reason.data or "") if form else ""
            taken = ledger.take(fy, kind=kind, reason=reason, actor=acting_user(), at=clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _figure_page(fy, form), 409
    if taken is None:
        flash(_("前に数えたときから、変わったところはありません。"), "info")
    else:
        flash(_("数えました。%(year)sは%(value)s事業です。", year=fiscal_year.label(fy), value=taken.value), "success")
    return redirect(url_for("indicators.figure", fy=fy), code=303)


def _figure_page(fy: int, failed: CorrectionForm | None = None) -> str:
    years = _known_years(fy)
    snapshots = queries.list_snapshots(fy)
    return render_template(
        "indicators/figure.html",
        indicator=PROJECTS,
        fy=fy,
        official=_official(fy),
        snapshot=snapshots[0] if snapshots else None,
        snapshots=snapshots,
        rule=_rule_of(fy, snapshots[0] if snapshots else None),
        current_fy=_current_fy(),
        years=years,
        is_closed=any(row.kind is SnapshotKind.CLOSING for row in snapshots),
        is_round_open=report_round_queries.is_open,
        form=failed,
        correction=failed or CorrectionForm(None),
    )


def _rule_of(fy: int, snapshot: LedgerSnapshot | None) -> CountingRule:
    return from_data(snapshot.rule) if snapshot else counting_rules.in_force_for(fy)


def _asked_snapshot(fy: int) -> LedgerSnapshot | None:
    """The newest count of the year, or the one whose number the address names; an unknown number is not found."""
    asked = request.args.get("edition", "")
    if not asked:
        return queries.latest_snapshots().get(fy)
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return queries.find_snapshot(fy, number) or abort(404)


def _csv(name: str, content: bytes) -> Response:
    response = Response(content, mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
