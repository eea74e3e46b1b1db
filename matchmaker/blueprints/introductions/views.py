"""Views of introductions."""

from flask import Blueprint

bp = Blueprint("introductions", __name__)
