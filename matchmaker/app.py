"""The application factory."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

import matchmaker
from config import ROOT, settings
from matchmaker import cli
from matchmaker.accounts import demo
from matchmaker.blueprints import access, addresses, errors, filters, languages, navigation, security, signed_in
from matchmaker.documents import typesetting
from matchmaker.foundation import database
from matchmaker.indicators import waiting as indicators
from matchmaker.review import work

BLUEPRINTS = (
    "home",
    "accounts",
    "directory",
    "proposals",
    "interests",
    "introductions",
    "calls",
    "consultations",
    "review",
    "circulation",
    "clocks",
    "work",
    "history",
    "panel",
    "projects",
    "indicators",
    "dashboard",
    "open_data",
)


def create_app(environment: str | None = None, **overrides: Any) -> Flask:
    """Build the application for an environment (see ``config``); ``overrides`` are single settings for tests."""
    app = Flask("matchmaker", root_path=str(ROOT / "matchmaker"), template_folder=str(ROOT / "templates"))
    app.config.update(settings(environment), **overrides)
    load_models()
    _add_extensions(app)
    for edge in (security, addresses, languages, filters, navigation, signed_in, access, errors):
        edge.install(app)
    for word in BLUEPRINTS:
        views = importlib.import_module(f"matchmaker.blueprints.{word}.views")
        app.register_blueprint(views.bp)
    languages.add_english_addresses(app)
    access.refuse_unmarked(app)
    access.exempt_signed_addresses(app)
    work.add_providers([indicators.waiting_for])
    cli.install(app)
    demo.refuse_in_production(app)
    typesetting.require_fonts()
    return app


def load_models() -> None:
    """Import every ``models.py`` and ``…_models.py``, so that mappers and migrations see all tables."""
    for package in pkgutil.iter_modules(matchmaker.__path__):
        if package.ispkg and package.name != "blueprints":
            for module in pkgutil.iter_modules([str(Path(__file__).parent / package.name)]):
                if module.name == "models" or module.name.endswith("_models"):
                    importlib.import_module(f"matchmaker.{package.name}.{module.name}")


def _add_extensions(app: Flask) -> None:
    database.db.init_app(app)
    database.install(app)
    Migrate(app, database.db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    CSRFProtect(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
