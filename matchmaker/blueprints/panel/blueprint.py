"""The blueprint that all pages of the panel hang on; its addresses begin with /panel and /presentations."""

from flask import Blueprint

bp = Blueprint("panel", __name__)
