"""Settings for ``gunicorn --config deploy/gunicorn.py``: several workers on a socket that only the proxy reaches."""

import os
from typing import Any

wsgi_app = "deploy.behind_proxy:app"
bind = os.environ.get("BIND", "unix:/srv/matchmaker/run/matchmaker.sock")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True  # a wrong setting stops the start instead of each worker in turn
timeout = 30
graceful_timeout = 30
keepalive = 5
umask = 0o007  # the socket is for the proxy's group, uploaded files for nobody else
no_control_socket = True


def post_fork(_server: Any, _worker: Any) -> None:
    """Build the worker's match index beside its first requests. Threads and connections do not survive a fork."""
    from matchmaker.introductions.ranking import warm_up
    from wsgi import app

    warm_up(app)
