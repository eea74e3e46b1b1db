import pytest

from matchmaker.foundation.database import db
from tests.security.walk import walk


@pytest.fixture(scope="session")
def walked(app):
    """Every address asked as every role, on a world of its own; what the tests look at are the answers."""
    kept = {name: app.config.get(name) for name in ("MATCHES_BY_MEANING", "ALLOWS_DEMO")}
    # The sentence encoder takes a second to load; the demonstration's mailbox is open by design.
    app.config.update(MATCHES_BY_MEANING=False)
    app.extensions.pop("match_registry", None)
    with app.app_context():
        found = walk(app)
        db.session.rollback()
    app.config.update(kept)
    app.extensions.pop("match_registry", None)
    return found
