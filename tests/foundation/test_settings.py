"""Production takes every secret from the environment and does not start without one."""

import pytest

from config import SettingMissing, database_url, settings

COMPLETE = {
    "SECRET_KEY": "s" * 32,
    "AUDIT_KEY": "a" * 32,
    "DATABASE_URL": "postgresql://user@host/name",
    "BASE_URL": "https://kyoso.example.jp",
    "SMTP_HOST": "mail.example.jp",
    "MAIL_FROM": "no-reply@example.jp",
}


@pytest.fixture
def production(monkeypatch):
    """The settings of production, with single values changed or left out."""

    def read(**changes):
        for name, value in (COMPLETE | changes).items():
            monkeypatch.setenv(name, value)
        return settings("production")

    return read


def test_complete_settings_are_taken(production):
    taken = production()

    assert (taken["SQLALCHEMY_DATABASE_URI"], taken["TRUSTED_HOSTS"], taken["SESSION_COOKIE_NAME"]) == (
        "postgresql+psycopg://user@host/name",
        ["kyoso.example.jp"],
        "__Host-session",
    )
    assert taken["ALLOWS_DEMO"] is False


@pytest.mark.parametrize("name", COMPLETE)
def test_a_missing_setting_stops_production(production, name):
    with pytest.raises(SettingMissing, match=name):
        production(**{name: ""})


@pytest.mark.parametrize("name", ["SECRET_KEY", "AUDIT_KEY"])
def test_a_short_key_stops_production(production, name):
    with pytest.raises(SettingMissing, match=f"{name} must have at least 32"):
        production(**{name: "k" * 31})


def test_production_without_encryption_is_refused(production):
    with pytest.raises(SettingMissing, match="https://"):
        production(BASE_URL="http://kyoso.example.jp")


def test_an_unknown_environment_is_refused():
    with pytest.raises(SettingMissing, match="development, production, testing"):
        settings("staging")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_postgresql_address_names_the_driver(scheme):
    assert database_url(f"{scheme}://user@host/name") == "postgresql+psycopg://user@host/name"
