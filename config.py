"""Settings, from the environment.

``MATCHMAKER_ENV`` chooses: ``development`` (the default; also the demonstration), ``production``, ``testing``.
Production takes every secret from the environment and fails early when one is missing. Development makes its key once
under var/.
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from matchmaker.foundation.database import engine_options

ROOT = Path(__file__).resolve().parent
VAR = ROOT / "var"

MEBIBYTE = 1024 * 1024
SHORTEST_KEY = 32


class SettingMissing(RuntimeError):
    """A setting that this environment needs is not there, or is unsafe."""


def settings(environment: str | None = None) -> dict[str, Any]:
    """Return all settings of the environment. Errors: SettingMissing."""
    name = environment or os.environ.get("MATCHMAKER_ENV", "development")
    builders = {"development": _development, "production": _production, "testing": _testing}
    if name not in builders:
        raise SettingMissing(f"MATCHMAKER_ENV must be one of {', '.join(builders)}, not {name!r}")
    values = _common() | builders[name]()
    values["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(values["SQLALCHEMY_DATABASE_URI"])
    return values


def database_url(url: str) -> str:
    """Return the address with the driver that the product uses."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _common() -> dict[str, Any]:
    return {
        "SQLALCHEMY_DATABASE_URI": database_url(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'matchmaker.db'}"),
        "MATCH_INDEX_FOLDER": os.environ.get("MATCH_INDEX_FOLDER", str(VAR / "match-index")),
        "UPLOAD_FOLDER": os.environ.get("UPLOAD_FOLDER", str(VAR / "uploads")),
        "BASE_URL": os.environ.get("BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        "TRUSTED_HOSTS": None,
        "CLAMD_ADDRESS": os.environ.get("CLAMD_ADDRESS", ""),  # "host:port" of a virus scanner; empty: none
        "MAX_CONTENT_LENGTH": 21 * MEBIBYTE,
        "MAX_FORM_MEMORY_SIZE": 2 * MEBIBYTE,
        "MAX_FORM_PARTS": 500,
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "ja",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Tokyo",
        "ARGON2": {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 1},
        "HASHES_AT_ONCE": 2,
        "MAIL_FROM": os.environ.get("MAIL_FROM", "no-reply@localhost"),
        "SMTP_HOST": os.environ.get("SMTP_HOST", ""),
        "SMTP_PORT": int(os.environ.get("SMTP_PORT", "587")),
        "SMTP_USER": os.environ.get("SMTP_USER", ""),
        "SMTP_PASSWORD": os.environ.get("SMTP_PASSWORD", ""),
        "ALLOWS_DEMO": False,
        "IS_PRODUCTION": False,
    }


def _development() -> dict[str, Any]:
    key = os.environ.get("SECRET_KEY") or _development_key()
    return {"SECRET_KEY": key, "AUDIT_KEY": os.environ.get("AUDIT_KEY") or key, "ALLOWS_DEMO": True}


def _production() -> dict[str, Any]:
    base_url = _needed("BASE_URL").rstrip("/")
    if not base_url.startswith("https://"):
        raise SettingMissing("BASE_URL must start with https:// in production")
    return {
        "SECRET_KEY": _needed_key("SECRET_KEY"),
        "AUDIT_KEY": _needed_key("AUDIT_KEY"),
        "SQLALCHEMY_DATABASE_URI": database_url(_needed("DATABASE_URL")),
        "BASE_URL": base_url,
        "TRUSTED_HOSTS": [base_url.removeprefix("https://").split("/")[0].split(":")[0]],
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SMTP_HOST": _needed("SMTP_HOST"),
        "MAIL_FROM": _needed("MAIL_FROM"),
        "IS_PRODUCTION": True,
    }


def _testing() -> dict[str, Any]:
    return {
        "TESTING": True,
        "SECRET_KEY": "testing-only-key-of-sufficient-length",
        "AUDIT_KEY": "testing-only-audit-key-of-sufficient-length",
        "BASE_URL": "http://localhost",
        "MATCH_INDEX_FOLDER": "",
        "ARGON2": {"time_cost": 1, "memory_cost": 8, "parallelism": 1},
        "ALLOWS_DEMO": True,
    }


def _needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingMissing(f"production needs {name} in the environment")
    return value


def _needed_key(name: str) -> str:
    key = _needed(name)
    if len(key) < SHORTEST_KEY:
        raise SettingMissing(f"{name} must have at least {SHORTEST_KEY} characters")
    return key


def _development_key() -> str:
    VAR.mkdir(exist_ok=True)
    path = VAR / "secret-key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text().strip()
