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


READS_THE_CLIENT = """
from flask import request
from deploy.behind_proxy import app

app.before_request_funcs[None].insert(0, lambda: print(request.remote_addr, request.scheme))
app.test_client().get("/healthz", headers={"X-Forwarded-For": "192.0.2.9, 203.0.113.7", "X-Forwarded-Proto": "https"})
"""


def test_behind_a_proxy_the_client_is_whom_the_proxy_saw_and_nobody_a_client_invents(database):
    environment = os.environ | {"MATCHMAKER_ENV": "testing"}
    command = [sys.executable, "-c", READS_THE_CLIENT]

    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert result.stdout == "203.0.113.7 https\n"
