"""The blueprint that the view modules of projects share."""

from flask import Blueprint

bp = Blueprint("projects", "matchmaker.blueprints.projects.views", url_prefix="/projects")
