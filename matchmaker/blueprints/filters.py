"""How values are written on pages."""

from datetime import date, datetime

from flask import Flask
from markupsafe import Markup, escape

from matchmaker.blueprints.languages import is_english
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import JAPAN, day_of


def wareki(value: date | datetime) -> str:
    """A day with its era, 令和8年11月24日; on an English page 24 November 2026."""
    day = day_of(value) if isinstance(value, datetime) else value
    return fiscal_year.western_date(day) if is_english() else fiscal_year.japanese_date(day)


def wareki_time(value: datetime) -> str:
    """A moment in Japan with its era, 令和8年11月24日 12時05分; on an English page 24 November 2026, 12:05 JST."""
    local = value.astimezone(JAPAN)
    if is_english():
        return f"{fiscal_year.western_date(local.date())}, {local:%H:%M} JST"
    return f"{fiscal_year.japanese_date(local.date())} {local.hour}時{local.minute:02d}分"


def fiscal_year_label(fy: int) -> str:
    """A fiscal year, 令和8年度; on an English page FY2026."""
    return fiscal_year.western_label(fy) if is_english() else fiscal_year.label(fy)


def fiscal_year_code(fy: int) -> str:
    """The short form beside a drawing, R8; on an English page 2026, because eras are not known there."""
    return str(fy) if is_english() else fiscal_year.code(fy)


def iso(value: date | datetime) -> str:
    """The machine-readable form, with Japan's offset for moments."""
    return value.astimezone(JAPAN).isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()


def amount(value: int | float) -> str:
    """A number with thousands separators, without a needless decimal."""
    return f"{value:,.1f}".removesuffix(".0")


def paragraphs(text: str) -> Markup:
    """Typed text with its line breaks kept."""
    parts = [part for part in text.split("\n\n") if part.strip()]
    return Markup().join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in part.split("\n"))) for part in parts
    )


def install(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(
        wareki=wareki,
        wareki_time=wareki_time,
        iso=iso,
        amount=amount,
        paragraphs=paragraphs,
        fiscal_year_label=fiscal_year_label,
        fiscal_year_code=fiscal_year_code,
    )
