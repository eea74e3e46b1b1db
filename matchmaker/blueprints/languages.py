"""The languages of a page: Japanese everywhere, and English below /en where a view says so.

A bilingual view is registered with ``defaults=BILINGUAL``; its English address, its links to other bilingual pages and
the switch between the two follow from that.
"""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, request, url_for
from flask_babel import Babel, Domain
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.urls import iri_to_uri

JAPANESE, ENGLISH = "ja", "en"
BILINGUAL = {"language": JAPANESE}
"""The defaults of a rule whose page is in English too."""

_AS_WRITTEN = NullTranslations()
"""Japanese is what the program says itself: a page asks for hundreds of texts, and none is looked up."""

CATALOGUE = Path(__file__).parents[1] / "translations" / ENGLISH / "LC_MESSAGES" / "messages.po"


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """One language of the page, as the switch and the search engines read it."""

    code: str
    name: str
    path: str
    is_current: bool

    @property
    def url(self) -> str:
        return f"{current_app.config['BASE_URL']}{self.path}"


class _Catalogues(Domain):
    """The catalogue as it is written: there is no compiled file that somebody could forget to make."""

    def get_translations(self) -> Any:
        return _english() if is_english() else _AS_WRITTEN


def install(app: Flask) -> None:
    """Let the address choose the language."""
    babel = Babel(app, locale_selector=language)
    babel.domain_instance = _Catalogues()
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_keep_language)
    app.context_processor(lambda: {"page_language": language(), "page_languages": _page_languages()})
    app.jinja_env.globals.update(in_japanese=in_japanese, is_english=is_english)
    app.jinja_env.filters.update(recorded=recorded, translated=translated)


def add_english_addresses(app: Flask) -> None:
    """Give every bilingual page its address below /en."""
    for rule in list(app.url_map.iter_rules()):
        if (rule.defaults or {}).get("language") == JAPANESE:
            app.add_url_rule(
                f"/{ENGLISH}{rule.rule}", rule.endpoint, defaults={"language": ENGLISH}, methods=rule.methods
            )


def language() -> str:
    """Return the language of the page that is being made."""
    return str(g.get("language", JAPANESE)) if g else JAPANESE


def is_english() -> bool:
    return language() == ENGLISH


def translated(label: str) -> str:
    """A label that lives with its code, in the reader's language. ``_()`` is for what templates say themselves."""
    return str(_(label)) if label else ""


def recorded(text: str) -> str:
    """A name or text of the records: in the reader's language where that is known, else marked as what it is."""
    if not is_english():
        return text
    known = translated(text)
    return Markup('<span lang="ja">{}</span>').format(text) if known == text and not text.isascii() else known


def in_japanese() -> str:
    """Say behind a link of an English page that it leads to a Japanese one; nothing on Japanese pages."""
    return Markup(' <span class="in-japanese">(Japanese)</span>') if is_english() else ""


def read_catalogue() -> Catalog:
    """Return the English catalogue. Errors: PoFileError when it cannot be read."""
    with CATALOGUE.open("rb") as written:
        return read_po(written, locale=ENGLISH, abort_invalid=True)


@cache
def _english() -> Translations:
    compiled = BytesIO()
    write_mo(compiled, read_catalogue())
    compiled.seek(0)
    return Translations(compiled)


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The views themselves need not know it."""
    g.language = (values or {}).pop("language", JAPANESE)


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Let links lead to pages of the same language where there are any."""
    if current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        values.setdefault("language", language())


def _page_languages() -> list[PageLanguage]:
    """Both languages of a page, at the same filter and place in a list; none for a page in Japanese only."""
    endpoint = request.endpoint
    if endpoint is None or not current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        return []
    asked = iri_to_uri(f"?{request.query_string.decode('latin-1')}") if request.query_string else ""
    here = request.view_args or {}
    return [
        PageLanguage(code, name, url_for(endpoint, **here, language=code) + asked, code == language())
        for code, name in ((JAPANESE, "日本語"), (ENGLISH, "English"))
    ]
