"""The blueprint on which every part of the review registers its pages."""

from flask import Blueprint

bp = Blueprint("review", __name__, url_prefix="/review")
