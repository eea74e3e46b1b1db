"""The product under its own server for ``pages``: ``python -m tests.bench.page_server PORT``.

Sentence vectors come from the random encoder: a registry of this size would else be encoded for minutes first.
"""

import sys
from collections.abc import Sequence

import waitress

from matchmaker.app import create_app
from matchmaker.introductions.ranking import MatchRegistry
from tests.bench.registry import RandomEncoder


def main(arguments: Sequence[str]) -> None:
    app = create_app()
    app.extensions["match_registry"] = MatchRegistry(RandomEncoder)
    waitress.serve(app, host="127.0.0.1", port=int(arguments[0]), threads=8, ident=None)


if __name__ == "__main__":
    main(sys.argv[1:])
