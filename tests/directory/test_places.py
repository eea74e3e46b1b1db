"""Places are read again until there are some."""

from matchmaker.directory import places
from matchmaker.directory.models import Municipality
from matchmaker.foundation.transaction import transaction
from tests.support import records


def test_an_application_that_started_before_its_first_data_finds_them_later(session):
    with transaction():
        session.execute(Municipality.__table__.delete())
    places.forget_loaded()
    assert places.municipalities_of_region("中勢") == []

    with transaction():
        records.add_municipalities()

    assert ("242012", "津市") in places.municipalities_of_region("中勢")
