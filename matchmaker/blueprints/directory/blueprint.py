"""The blueprint that the view modules of the directory share."""

from flask import Blueprint

bp = Blueprint("directory", "matchmaker.blueprints.directory.views")
