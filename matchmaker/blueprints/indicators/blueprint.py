"""The blueprint that the view modules of the indicators share."""

from flask import Blueprint

bp = Blueprint("indicators", "matchmaker.blueprints.indicators.views", url_prefix="/indicators")
