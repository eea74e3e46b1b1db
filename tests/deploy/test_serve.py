"""The server that ``make run`` starts."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(port):
    environment = os.environ | {"MATCHMAKER_ENV": "testing", "HOST": "127.0.0.1", "PORT": str(port)}
    command = [sys.executable, "-m", "deploy.serve"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **streams)


def test_the_server_prints_its_address_answers_and_ends_when_told(database):
    port = _free_port()
    with _start(port) as server:
        line = server.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
            assert (answer.status, answer.headers.get("Server")) == (200, None)
        with _start(port) as second:
            refusal = second.communicate(timeout=60)[1]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0

    assert line == f"協創マッチング: http://127.0.0.1:{port}  (Ctrl+C で終了)\n"
    assert second.returncode == 1
    assert f"http://127.0.0.1:{port} では開始できません" in refusal
