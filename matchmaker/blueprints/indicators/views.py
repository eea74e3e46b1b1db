"""Indicators: official figures, the figure counted from the projects with its members, and the programmes' budgets."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchmaker.blueprints.access import acting_user, public, requires
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.indicators.forms import EnterForm
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.paging import Page
from matchmaker.foundation.transaction import transaction
from matchmaker.indicators import queries, service
from matchmaker.indicators.catalogue import BASE_FY, INDICATORS, PROJECTS, TARGET_YEARS, Indicator, find
from matchmaker.indicators.counting import RULE_V1
from matchmaker.indicators.export import csv_bytes
from matchmaker.indicators.models import OfficialFigure
from matchmaker.indicators.queries import LedgerFigure, OfficialYear
from matchmaker.permissions.grants import Permission
from matchmaker.projects.models import Project
from matchmaker.proposals.status import CollaborationForm

bp = Blueprint("indicators", __name__, url_prefix="/indicators")

MEMBERS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One fiscal year of a chart."""

    label: str
    target: float | None
    actual: float | None


@bp.before_request
def _keep_one_code_for_each_year() -> ResponseReturnValue | None:
    """H31 and R1 are one fiscal year: only one of the two addresses shows it."""
    if "fy" not in (request.view_args or {}):
        return None
    address = url_for(request.endpoint or "", **(request.view_args or {}))
    return None if address == request.script_root + request.path else redirect(address, code=301)


@bp.context_processor
def _rule_in_words() -> dict[str, object]:
    return {"counted_forms": [form.label for form in CollaborationForm if form in RULE_V1.forms]}


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
        points={indicator.key: _points(indicator, years[indicator.key]) for indicator in INDICATORS},
        ledger=queries.ledger_values(),
        current_fy=_current_fy(),
        as_of=clock.now(),
    )


@bp.get("/<key>")
@public
def show(key: str) -> ResponseReturnValue:
    """One indicator: definition, figures by year with their sources, and what was corrected."""
    indicator = _indicator(key)
    years = queries.official_years(indicator)
    return render_template(
        "indicators/show.html",
        indicator=indicator,
        years=years,
        points=_points(indicator, years),
        history=queries.list_history(indicator),
        ledger=queries.ledger_values() if indicator.has_ledger else {},
        current_fy=_current_fy(),
        as_of=clock.now(),
    )


@bp.get("/npo-prefecture-projects/<fiscal_year:fy>")
@public
def figure(fy: int) -> ResponseReturnValue:
    """The figure of one fiscal year: what was printed, and what the ledger counts."""
    years = _known_years(fy)
    return render_template(
        "indicators/figure.html",
        indicator=PROJECTS,
        fy=fy,
        official=_official(fy),
        ledger=queries.ledger_figure(fy, at=clock.now()),
        current_fy=_current_fy(),
        years=years,
    )


@bp.get("/npo-prefecture-projects/<fiscal_year:fy>/members")
@public
def members(fy: int) -> ResponseReturnValue:
    """The projects behind the figure, each with the reason why it counts."""
    _known_years(fy)
    ledger = queries.ledger_figure(fy, at=clock.now())
    return render_template(
        "indicators/members.html",
        indicator=PROJECTS,
        fy=fy,
        official=_official(fy),
        ledger=ledger,
        page=_page_of(ledger),
        page_url=lambda number: url_for("indicators.members", fy=fy, page=number),
        reasons_in=queries.reasons_in,
        current_fy=_current_fy(),
    )


@bp.get("/npo-prefecture-projects/<fiscal_year:fy>/members.csv")
@public
def members_csv(fy: int) -> ResponseReturnValue:
    _known_years(fy)
    ledger = queries.ledger_figure(fy, at=clock.now())
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
    )
    rows = [
        (
            fiscal_year.label(fy),
            project.number,
            project.title,
            project.form.label if project.form else None,
            "、".join(partner.name for partner in project.partners),
            "、".join(division.name for division in project.divisions),
            project.starts_on,
            project.ends_on,
            "／".join(queries.reasons_in(project, fy)),
            ledger.rule_version,
        )
        for project in ledger.members
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


@bp.route("/<key>/enter", methods=["GET", "POST"])
@requires(Permission.INDICATOR_ENTER)
def enter(key: str) -> ResponseReturnValue:
    """Enter an actual that was published later, or correct one."""
    indicator = _indicator(key)
    form = EnterForm(indicator)
    if form.validate_on_submit() and _enter(indicator, form):
        return redirect(url_for("indicators.show", key=key), code=303)
    status = 422 if form.errors else 200
    return render_template(
        "indicators/enter.html", indicator=indicator, form=form, history=queries.list_history(indicator)
    ), status


def _enter(indicator: Indicator, form: EnterForm) -> bool:
    try:
        with transaction():
            service.enter_actual(
                indicator,
                fy=form.fy,
                value=form.amount,
                data_year_label=form.data_year_label.data or "",
                source=form.source.data or "",
                actor=acting_user(),
                at=clock.now(),
            )
    except DomainError as refusal:
        flash(str(refusal), "error")
        return False
    flash(_("%(year)sの実績を登録しました。", year=fiscal_year.label(form.fy)), "success")
    return True


def _indicator(key: str) -> Indicator:
    indicator = find(key)
    if indicator is None:
        abort(404)
    return indicator


def _current_fy() -> int:
    return fiscal_year.fiscal_year_of(clock.today())


def _known_years(fy: int) -> list[int]:
    """The fiscal years that have a page, from H23 on; another one is not found."""
    last = max(_current_fy(), *queries.ledger_values(), *(year.fy for year in queries.official_years(PROJECTS)))
    years = range(BASE_FY, last + 1)
    if fy not in years:
        abort(404)
    return [*years]


def _official(fy: int) -> OfficialYear:
    years = queries.official_years(PROJECTS)
    return next((year for year in years if year.fy == fy), OfficialYear(fy, None, None))


def _points(indicator: Indicator, years: list[OfficialYear]) -> list[ChartPoint]:
    def drawn(found: OfficialFigure | None) -> float | None:
        if found is None:
            return None
        return float(found.value) if indicator.decimals else int(found.value)

    return [ChartPoint(fiscal_year.code(year.fy), drawn(year.target), drawn(year.actual)) for year in years]


def _page_of(ledger: LedgerFigure) -> Page[Project]:
    """The asked page of the members, the last one when there are fewer."""
    number = min(page_number(), max(1, -(-ledger.value // MEMBERS_A_PAGE)))
    items = ledger.members[(number - 1) * MEMBERS_A_PAGE : number * MEMBERS_A_PAGE]
    return Page(items=items, number=number, size=MEMBERS_A_PAGE, total=ledger.value)


def _csv(name: str, content: bytes) -> Response:
    response = Response(content, mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
