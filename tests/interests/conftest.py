import pytest


@pytest.fixture(autouse=True)
def _without_meaning(app, monkeypatch):
    """The sentence encoder takes a second to load and is not what these tests are about."""
    monkeypatch.setitem(app.config, "MATCHES_BY_MEANING", False)
    app.extensions.pop("match_registry", None)
    yield
    app.extensions.pop("match_registry", None)
