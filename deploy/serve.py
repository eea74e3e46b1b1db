"""``python -m deploy.serve``: the application behind waitress, its match index built beside the first requests.

``HOST`` and ``PORT`` say where it listens. ``TRUSTED_PROXY`` is the address of a proxy in front of it: only then is the
address of the client read from the proxy's headers.
"""

import os
import signal
import sys
from typing import Any

import click
from waitress import create_server

from matchmaker.introductions.ranking import warm_up
from wsgi import app

SETTINGS: dict[str, Any] = {
    "threads": 8,
    "connection_limit": 1000,
    "channel_timeout": 30,
    "ident": "",
    "clear_untrusted_proxy_headers": True,
}
BEHIND_PROXY: dict[str, Any] = {
    "trusted_proxy_count": 1,
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
}
CANNOT_LISTEN = 1


def main() -> None:
    """Serve until interrupted or told to end."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    proxy = os.environ.get("TRUSTED_PROXY")
    behind = {**BEHIND_PROXY, "trusted_proxy": proxy} if proxy else {}
    try:
        server = create_server(app, host=host, port=port, **SETTINGS, **behind)
    except OSError as fault:
        click.echo(
            f"http://{host}:{port} では開始できません（{fault.strerror}）。PORT=8001 のように変えてください。", err=True
        )
        raise SystemExit(CANNOT_LISTEN) from fault
    # Requests under way are answered before the process ends.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    warm_up(app)
    click.echo(f"協創マッチング: http://{host}:{port}  (Ctrl+C で終了)")
    server.run()


if __name__ == "__main__":
    main()
