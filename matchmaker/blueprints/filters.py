"""How values are written on pages."""

from datetime import date, datetime

from flask import Flask
from markupsafe import Markup, escape

from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import JAPAN, day_of


def wareki(value: date | datetime) -> str:
    """A day with its era: 令和8年11月24日."""
    return fiscal_year.japanese_date(day_of(value) if isinstance(value, datetime) else value)


def wareki_time(value: datetime) -> str:
    """A moment in Japan with its era: 令和8年11月24日 12時05分."""
    local = value.astimezone(JAPAN)
    return f"{fiscal_year.japanese_date(local.date())} {local.hour}時{local.minute:02d}分"


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
        fiscal_year_label=fiscal_year.label,
        fiscal_year_code=fiscal_year.code,
    )
