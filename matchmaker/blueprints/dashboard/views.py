"""The dashboard: the policy's figures, what waits, and how fairly and fast it goes, for everybody."""

from dataclasses import replace

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from matchmaker.blueprints.access import acting_user, public
from matchmaker.blueprints.addresses import page_number
from matchmaker.blueprints.charts import points_of
from matchmaker.blueprints.languages import BILINGUAL
from matchmaker.directory.places import MIE_REGIONS
from matchmaker.foundation import clock, fiscal_year
from matchmaker.indicators import queries, stages
from matchmaker.indicators.dashboard import dashboard
from matchmaker.indicators.outlook import FARTHEST, FEWEST_YEARS
from matchmaker.indicators.planner import FEWEST
from matchmaker.indicators.shares import FEWEST_SHOWN
from matchmaker.indicators.stages import FunnelStage, StageFilter
from matchmaker.indicators.tiles import COLUMNS, ROWS
from matchmaker.matching.terms import LegalForm
from matchmaker.permissions.grants import Permission
from matchmaker.proposals.status import public_stage
from matchmaker.review.response_times import FEWEST_SHOWN as FEWEST_ANSWERS
from matchmaker.review.response_times import PERIOD

bp = Blueprint("dashboard", __name__)


@bp.get("/dashboard", defaults=BILINGUAL)
@public
def show() -> ResponseReturnValue:
    """All figures of the policy on one page, each with its table and the way to its records."""
    today = clock.today()
    shown = dashboard(fiscal_year.fiscal_year_of(today), on=today)
    return render_template(
        "dashboard/show.html",
        shown=shown,
        points={one.key: points_of(one, shown.official[one.key], shown.outlooks[one.key]) for one in shown.indicators},
        columns=COLUMNS,
        rows=ROWS,
        fewest=FEWEST,
        fewest_shown=FEWEST_SHOWN,
        fewest_answers=FEWEST_ANSWERS,
        fewest_years=FEWEST_YEARS,
        farthest=FARTHEST,
        measured_from=today - PERIOD,
        stages=FunnelStage,
        address_of=lambda stage, **narrowed: _address(StageFilter(stage, **narrowed)),
        ELSEWHERE=stages.ELSEWHERE,
        LegalForm=LegalForm,
        drills_down=_reviews(),
    )


@bp.get(f"/dashboard/stages/<any({','.join(FunnelStage)}):stage>", defaults=BILINGUAL)
@public
def stage(stage: str) -> ResponseReturnValue:
    """The proposals or projects behind one figure of the funnel, as far as the reader may see them."""
    wanted = _wanted(stage)
    snapshots = stages.begun(queries.latest_snapshots(), on=clock.today())
    user = acting_user() if current_user.is_authenticated else None
    found = stages.members(wanted, snapshots, user=user, number=page_number())
    return render_template(
        "dashboard/stage.html",
        wanted=wanted,
        found=found,
        funnel=stages.funnel(snapshots, on=clock.today()),
        stages=FunnelStage,
        address_with=lambda **changed: _address(replace(wanted, **changed)),
        page_url=lambda number: _address(wanted, number),
        ELSEWHERE=stages.ELSEWHERE,
        reviews=_reviews(),
        public_stage=public_stage,
    )


def _wanted(stage: str) -> StageFilter:
    """What the address asks for; who does not review sees no figure by region or kind, and so no list either."""
    try:
        fy = fiscal_year.parse(request.args["fy"]) if "fy" in request.args else None
    except fiscal_year.NotAFiscalYear:
        abort(404)
    wanted = StageFilter(FunnelStage(stage), fy)
    if not _reviews():
        return wanted
    region, kind = request.args.get("region"), request.args.get("kind", "")
    return replace(
        wanted,
        region=region if region in {*MIE_REGIONS, stages.ELSEWHERE} else None,
        legal_form=LegalForm(kind) if kind in {one.value for one in LegalForm} else None,
    )


def _address(wanted: StageFilter, page: int | None = None) -> str:
    return url_for(
        "dashboard.stage",
        stage=wanted.stage.value,
        fy=fiscal_year.code(wanted.fy) if wanted.fy is not None else None,
        region=wanted.region,
        kind=wanted.legal_form.value if wanted.legal_form else None,
        page=page,
    )


def _reviews() -> bool:
    return bool(current_user.is_authenticated and current_user.may(Permission.REVIEW_READ))
