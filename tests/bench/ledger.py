"""``python -m tests.bench.ledger``: the ledger over twenty years of projects, beside counting anew for each page.

Prints times of this machine at this hour and the ratio to the baseline of the same run; it asserts nothing.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

FIRST_FY, YEARS = 2007, 20
ROUNDS = 5
FORMS = ("commission", "subsidy", "committee", "co-hosting", "agreement", "sponsorship")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--projects", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'ledger.db'}"
        os.environ["UPLOAD_FOLDER"] = folder
        _measure(options.projects, options.seed)


def _measure(projects: int, seed: int) -> None:
    from matchmaker.app import create_app
    from matchmaker.foundation import clock
    from matchmaker.foundation.database import Model, db
    from matchmaker.foundation.transaction import transaction
    from matchmaker.indicators import counting_rules, ledger

    app = create_app("testing")
    print(
        f"{projects:,} projects over {YEARS} fiscal years, load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors"
    )
    with app.app_context():
        with transaction():
            Model.metadata.create_all(db.session.connection())
            _fill(projects, Random(seed))
        middle = FIRST_FY + YEARS // 2

        def take() -> None:
            with transaction():
                ledger.take(middle, actor=None, at=clock.now())

        _row("snapshot of one fiscal year", [_timed(take)])
        with transaction():
            ledger.take_open_years(actor=None, at=clock.now())
        rule = counting_rules.in_force_for(middle)
        baseline = _row("baseline: count one year for a page", _rounds(lambda: ledger.decide(middle, rule)))
        db.session.rollback()
    client = app.test_client()
    code = f"H{middle - 1988}" if middle < 2019 else f"R{middle - 2018}"
    pages = {
        "page of one year": f"/indicators/npo-prefecture-projects/{code}",
        "page of members": f"/indicators/npo-prefecture-projects/{code}/members",
        "last page of members": f"/indicators/npo-prefecture-projects/{code}/members?page=99999",
        "page of all indicators": "/indicators",
        "dashboard": "/dashboard",
        "report of one year": f"/indicators/report/{code}",
    }
    for name, address in pages.items():
        _row(name, _rounds(lambda address=address: client.get(address)), baseline)
    before = _peak_mebibytes()
    _row("export of every project as CSV", [_timed(lambda: _drained(client, "/open-data/projects.csv"))])
    print(f"{'memory that the export added':45}{_peak_mebibytes() - before:10.0f} MiB")


def _fill(projects: int, random: Random) -> None:
    """Bulk inserts: one NPO, one division, projects of one to three years."""
    from sqlalchemy import insert

    from matchmaker.directory.models import Division
    from matchmaker.foundation.database import db
    from matchmaker.projects.models import Project, ProjectDivision, ProjectPartner
    from matchmaker.projects.status import PartnerKind, ProjectStatus
    from matchmaker.proposals.status import CollaborationForm

    at = datetime(2026, 4, 1, tzinfo=UTC)
    db.session.execute(
        insert(Division), [{"id": 1, "name": "課", "department": "部", "valid_from_on": date(2000, 4, 1)}]
    )
    people = {"confirmed_at": at, "created_at": at, "search_text": "", "summary": "", "version": 1}
    rows, partners = [], []
    for number in range(1, projects + 1):
        starts_on = date(FIRST_FY, 4, 1) + timedelta(days=random.randrange(YEARS * 365))
        rows.append(
            people
            | {
                "id": number,
                "number": f"X{number}",
                "title": f"協働事業{number}",
                "status": ProjectStatus.COMPLETED,
                "form": CollaborationForm(random.choice(FORMS)),
                "form_agreed_on": starts_on,
                "starts_on": starts_on,
                "ends_on": starts_on + timedelta(days=random.randrange(30, 800)),
                "confirmed_by_id": 1,
            }
        )
        partners.append({"project_id": number, "kind": PartnerKind.NPO, "name": f"団体{number % 700}"})
    _user()
    db.session.execute(insert(Project), rows)
    db.session.execute(insert(ProjectPartner), partners)
    db.session.execute(insert(ProjectDivision), [{"project_id": row["id"], "division_id": 1} for row in rows])


def _user() -> None:
    from matchmaker.accounts.models import User
    from matchmaker.foundation.database import db

    values = {"email": "bench@example.jp", "name": "計測", "password_hash": "", "created_at": datetime.now(UTC)}
    db.session.add(User(id=1, **values))
    db.session.flush()


def _drained(client: object, address: str) -> int:
    return sum(len(piece) for piece in client.get(address).response)  # type: ignore[attr-defined]


def _rounds(call: Callable[[], object]) -> list[float]:
    call()
    return [_timed(call) for _ in range(ROUNDS)]


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _row(name: str, times: list[float], baseline: float | None = None) -> float:
    median = statistics.median(times)
    ratio = f"{baseline / median:8.1f} x faster than the baseline" if baseline else ""
    print(f"{name:45}{median * 1000:10.1f} ms{ratio}", flush=True)
    return median


def _peak_mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
