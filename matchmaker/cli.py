"""The commands that the domain packages offer."""

import importlib

from flask import Flask

_GROUPS = (
    ("matchmaker.introductions.commands", "matching"),
    ("matchmaker.introductions.alert_commands", "alerts"),
    ("matchmaker.introductions.exposure_commands", "exposure"),
    ("matchmaker.notices.commands", "notices"),
    ("matchmaker.accounts.commands", "accounts"),
    ("matchmaker.interests.commands", "interests"),
    ("matchmaker.projects.commands", "projects"),
    ("matchmaker.indicators.commands", "indicators"),
    ("matchmaker.audit.commands", "audit"),
    ("matchmaker.review.commands", "workflow"),
    ("matchmaker.review.consultation_commands", "consultations"),
    ("matchmaker.review.clock_commands", "clocks"),
    ("matchmaker.review.outbox_commands", "results"),
    ("matchmaker.review.panel_commands", "panel"),
    ("matchmaker.open_data.commands", "open_data"),
    ("matchmaker.seeding.commands", "seed"),
)


def install(app: Flask) -> None:
    """Register the command groups."""
    for module, name in _GROUPS:
        app.cli.add_command(getattr(importlib.import_module(module), name))
