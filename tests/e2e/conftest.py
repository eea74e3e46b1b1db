"""The demo registry, the production server on a free port, and chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from matchmaker.seeding.demo import DEMO_PASSWORD
from tests.support import databases

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 375, "height": 812}
DESK = {"width": 1280, "height": 900}

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip them where there is no chromium; in CI they fail there."""
    reason = "chromium is not installed (apt-get install chromium fonts-noto-cjk)"
    for item in items:
        if "e2e" in Path(str(item.fspath)).parts and not (CHROMIUM or os.environ.get("CI")):
            item.add_marker(pytest.mark.skip(reason=reason))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database(folder: Path) -> str:
    """A database of its own: a second one on the PostgreSQL server under test, or a SQLite file."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'journeys.db'}"
    return databases.created(url, "_".join(filter(None, ("matchmaker_journeys", databases.WORKER))))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with the demo registry, new for each file, which may change what it likes."""
    folder = tmp_path_factory.mktemp("journeys")
    port = _free_port()
    environment = os.environ | {
        "DATABASE_URL": _database(folder),
        "UPLOAD_FOLDER": str(folder / "uploads"),
        "MATCHMAKER_ENV": "development",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": "journeys-only-key-of-sufficient-length",
    }
    for command in (["db", "upgrade"], ["seed", "demo"]):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=environment, check=True
        )
    serve = [sys.executable, "-m", "waitress", "--host=127.0.0.1", f"--port={port}", "--threads=8", "wsgi:app"]
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/healthz", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()
    assert "Traceback" not in (folder / "server.log").read_text()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert process.poll() is None, "the server stopped at once"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the server did not answer in time")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser profile of its own; problems in the console fail the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(*, javascript: bool = True, viewport: dict[str, int] | None = None) -> Page:
        context = browser.new_context(
            base_url=server,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            java_script_enabled=javascript,
            viewport=viewport or DESK,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console", lambda message: problems.append(message.text) if "Content Security" in message.text else None
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def sign_in(page: Page, name: str) -> Page:
    """Sign in as a demo account, by the part before the @."""
    page.goto("/sign-in")
    page.get_by_label("メールアドレス").fill(f"{name}@demo.example")
    page.get_by_label("パスワード", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="ログイン").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page
