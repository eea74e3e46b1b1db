"""The product under its own server for ``pages``.

Sentence vectors come from the random encoder: a registry of this size would else be encoded for minutes first.
"""

from flask import Flask

from matchmaker.app import create_app
from matchmaker.introductions.index_file import index_file
from matchmaker.introductions.ranking import MatchRegistry
from tests.bench.registry import RandomEncoder


def app() -> Flask:
    """Return the application as a worker of gunicorn runs it."""
    made = create_app()
    with made.app_context():
        made.extensions["match_registry"] = MatchRegistry(RandomEncoder, index_file())
    return made
