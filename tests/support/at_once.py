"""Several acts at the same moment, each in a thread with an application context, and so a session, of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask

from matchmaker.foundation.errors import DomainError
from matchmaker.foundation.transaction import transaction


def results_at_once(app: Flask, acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start every act on one signal; return what each returned, or the refusal that it met, in their order."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait()
            try:
                return act()
            except DomainError as refusal:
                return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def ends_at_once(app: Flask, acts: Sequence[Callable[[], object]]) -> list[str]:
    """Take every act in a transaction, on one signal; return the names of the refusals and "done" for the others."""

    def committed(act: Callable[[], object]) -> str:
        with transaction():
            act()
        return "done"

    results = results_at_once(app, [lambda act=act: committed(act) for act in acts])
    return sorted(result if result == "done" else type(result).__name__ for result in results)


def codes_at_once(app: Flask, sends: Sequence[Callable[[], Any]]) -> list[int]:
    """Send requests on one signal; return their status codes in order of size."""
    return sorted(response.status_code for response in results_at_once(app, sends))
