"""Match pages over HTTP: ``python -m tests.bench.pages INTERESTS PROPOSALS`` in a scratch database of its own."""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from matchmaker.app import create_app
from tests.bench import stored_registry
from tests.bench.registry import synthetic_registry
from tests.bench.report import short, table

WORKERS = 2
REQUESTS = 30
CHANGES = 10
PATIENCE = 600.0


def main(arguments: Sequence[str]) -> None:
    """Print the times of match pages, as an NPO's member gets them."""
    interests, proposals = map(int, arguments)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/bench.db"
        os.environ["UPLOAD_FOLDER"] = f"{folder}/uploads"
        os.environ["MATCH_INDEX_FOLDER"] = f"{folder}/index"
        os.environ["SECRET_KEY"] = "bench" * 10
        app = create_app()
        with app.app_context():
            stored_registry.store(synthetic_registry(proposals, interests))
            number, cookie = stored_registry.sign_in_member(app)
            with _server() as port:
                print(_measured(port, f"/matches/{number}", cookie, interests, proposals))


def _measured(port: int, address: str, cookie: str, interests: int, proposals: int) -> str:
    def get(query: str = "") -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", address + query, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"{address}{query} answered {response.status}")

    first, *others = _durations([get] * (1 + 4 * WORKERS))
    rows = [["first request, the index is built", short(first), short(first)]]
    rows.append(["first request of another worker, which takes it over", short(max(others)), short(max(others))])
    for name, query in (("first page", ""), ("fifth page", "?page=5"), ("five beside the form", "/fit")):
        rows.append([name, *_summary(list(_durations([partial(get, query)] * REQUESTS)))])
    times: list[float] = []
    for change in range(CHANGES):
        stored_registry.save_again(proposals + 1 + change)
        times += _durations([get])
    rows.append(["first page after an interest was saved", *_summary(times)])
    title = f"match pages of an NPO, {interests:,} interests, {proposals:,} proposals, {WORKERS} gunicorn workers"
    return table([title, "p50 ms", "p95 ms"], rows)


def _summary(times: Sequence[float]) -> list[str]:
    return [short(statistics.median(times)), short(statistics.quantiles(times, n=20)[-1])]


def _durations(calls: Sequence[Callable[[], None]]) -> Iterator[float]:
    for call in calls:
        begin = time.perf_counter()
        call()
        yield 1000 * (time.perf_counter() - begin)


@contextmanager
def _server() -> Iterator[int]:
    """Run the product on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4", "--log-level", "warning"]
    options += ["--timeout", str(int(PATIENCE)), "--bind", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *options]
    server = subprocess.Popen([*command, "tests.bench.page_server:app()"], cwd=Path(__file__).parents[2])
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the product did not start")


if __name__ == "__main__":
    main(sys.argv[1:])
