"""The start page, search and the statements."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchmaker.blueprints.access import public

bp = Blueprint("home", __name__)


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    """Tell each of the three audiences what to do next."""
    return render_template("home/index.html")


@bp.get("/search")
@public
def search() -> ResponseReturnValue:
    """Find proposals, projects and organisations."""
    return render_template("home/index.html")


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    return render_template("home/index.html")


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    return render_template("home/index.html")


@bp.get("/about")
@public
def about() -> ResponseReturnValue:
    return render_template("home/index.html")
