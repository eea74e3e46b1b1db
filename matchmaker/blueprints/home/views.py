"""The start page, search over everything public, the statements, and what a monitor asks."""

from pathlib import Path

from flask import Blueprint, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from matchmaker.blueprints.access import acting_user, public
from matchmaker.blueprints.home.next_actions import actions_of, actions_of_visitors
from matchmaker.blueprints.home.results import search_everything
from matchmaker.foundation import clock, fiscal_year
from matchmaker.foundation.readiness import readiness
from matchmaker.foundation.text import tidy_line
from matchmaker.indicators import queries as indicators
from matchmaker.indicators.catalogue import PROJECTS
from matchmaker.interests import queries as interests
from matchmaker.projects import queries as projects
from matchmaker.projects.queries import ProjectFilter
from matchmaker.proposals import queries as proposals
from matchmaker.proposals.queries import PublicFilter
from matchmaker.review.call_queries import list_open

bp = Blueprint("home", __name__)

LATEST_SHOWN = 5
LONGEST_SEARCH = 100


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Tell each of the three audiences what to do next; people who signed in find what waits for them."""
    today = clock.today()
    current_fy = fiscal_year.fiscal_year_of(today)
    is_member = current_user.is_authenticated
    open_proposals = proposals.list_public(PublicFilter(is_open=True), on=today, page=1)
    return render_template(
        "home/index.html",
        actions=actions_of(acting_user()) if is_member else actions_of_visitors(),
        calls=list_open(clock.now()),
        open_proposals=open_proposals.total,
        active_interests=interests.count_listed(today),
        projects=projects.list_public(ProjectFilter()).total,
        latest=open_proposals.items[:LATEST_SHOWN],
        indicator=PROJECTS,
        official=indicators.official_years(PROJECTS),
        counted=indicators.latest_snapshots().get(current_fy),
        current_fy=current_fy,
    )


@bp.get("/search")
@public
def search() -> ResponseReturnValue:
    """Find proposals, projects, organisations and the proposals of earlier years by words."""
    words = tidy_line(request.args.get("q", ""))[:LONGEST_SEARCH]
    return render_template("home/search.html", words=words, groups=search_everything(words) if words else [])


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    return render_template("home/accessibility.html")


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    return render_template("home/privacy.html")


@bp.get("/about")
@public
def about() -> ResponseReturnValue:
    return render_template("home/about.html")


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers; the database is not asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The process can serve: database and tables are there."""
    found = readiness(Path(current_app.extensions["migrate"].directory))
    answer = jsonify(
        status="ready" if found.is_ready else "not ready", database=found.database_answers, migrations=found.tables_fit
    )
    return answer, 200 if found.is_ready else 503
