"""The named baselines: what one would take off the shelf to find the interests nearest to a proposal.

Each answers the same query, the twenty best interests for a proposal, over the same texts. Reading the query (tokens,
query vector) is done beforehand, as it is for the engine's stored proposals; only the search is timed.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec

import numpy as np

from matchmaker.matching import text
from tests.bench.rounds import Contestant

TOP = 20
SIMILAR_ENOUGH = 0.05
"""The threshold of pg_trgm. Its own default of 0.3 finds nothing between Japanese texts of this length."""


class PeerMissing(Exception):
    """The baseline cannot run here; the text says why."""


@dataclass
class Texts:
    """What is searched and what is asked; words are those of the engine, found once for all peers."""

    documents: Sequence[str]
    queries: Sequence[str]

    @cached_property
    def document_words(self) -> list[list[str]]:
        return [text.content_terms(document) for document in self.documents]

    @cached_property
    def query_words(self) -> list[list[str]]:
        return [text.content_terms(query) for query in self.queries]


def scikit_learn(texts: Texts) -> tuple[str, Contestant]:
    """TF-IDF of character pairs and triples with a linear kernel."""
    if not find_spec("sklearn"):
        raise PeerMissing("scikit-learn is not installed")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import linear_kernel

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True)
    stored = vectorizer.fit_transform(texts.documents)
    asked = [vectorizer.transform([query]) for query in texts.queries]

    def search(query: int) -> object:
        # This way round: with the query first, the whole stored matrix would be turned over for each query.
        scores = linear_kernel(stored, asked[query])[:, 0]
        best = np.argpartition(-scores, min(TOP, len(scores) - 1))[:TOP]
        return best[np.argsort(-scores[best])]

    return "scikit-learn TF-IDF (char 2-3) + linear_kernel", search


def bm25(texts: Texts) -> tuple[str, Contestant]:
    """bm25s over the engine's own words."""
    if not find_spec("bm25s"):
        raise PeerMissing("bm25s is not installed")
    import bm25s

    backend = "numba" if find_spec("numba") else "numpy"
    stored = bm25s.BM25(backend=backend)
    stored.index(texts.document_words, show_progress=False)
    top = min(TOP, len(texts.documents))

    def search(query: int) -> object:
        return stored.retrieve([texts.query_words[query]], k=top, show_progress=False, n_threads=0)

    return f"bm25s ({backend})", search


def sqlite_fts5(texts: Texts) -> tuple[str, Contestant]:
    """SQLite's full text search over the engine's own words, in memory, any word may match."""
    from pysqlite3 import dbapi2

    database = dbapi2.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(words, content='', tokenize='unicode61')")
    rows = ((number, " ".join(words)) for number, words in enumerate(texts.document_words, start=1))
    database.executemany("INSERT INTO texts (rowid, words) VALUES (?, ?)", rows)
    database.execute("INSERT INTO texts (texts) VALUES ('optimize')")
    asked = [" OR ".join(f'"{word}"' for word in dict.fromkeys(words)) for words in texts.query_words]

    def search(query: int) -> object:
        found = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
        return database.execute(found, (asked[query], TOP)).fetchall()

    return "SQLite FTS5", search


def postgresql_trigrams(texts: Texts) -> tuple[str, Contestant]:
    """PostgreSQL's trigram similarity with its index, over a socket; the table is temporary."""
    address = os.environ.get("BENCH_POSTGRESQL_URL")
    if not address:
        raise PeerMissing("PostgreSQL pg_trgm: BENCH_POSTGRESQL_URL is not set")
    import psycopg

    connection = psycopg.connect(address.replace("+psycopg", ""), autocommit=True)
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    connection.execute(f"SET pg_trgm.similarity_threshold = {SIMILAR_ENOUGH}")
    connection.execute("CREATE TEMPORARY TABLE texts (number integer PRIMARY KEY, prose text NOT NULL)")
    with connection.cursor() as cursor, cursor.copy("COPY texts FROM STDIN") as copy:
        for row in enumerate(texts.documents):
            copy.write_row(row)
    connection.execute("CREATE INDEX ON texts USING gin (prose gin_trgm_ops)")
    connection.execute("ANALYZE texts")
    found = "SELECT number FROM texts WHERE prose %% %s ORDER BY similarity(prose, %s) DESC LIMIT %s"
    if not connection.execute(found, (texts.queries[0], texts.queries[0], TOP)).fetchall():
        raise PeerMissing("PostgreSQL pg_trgm: no trigrams of Japanese text in this cluster's locale")

    def search(query: int) -> object:
        return connection.execute(found, (texts.queries[query], texts.queries[query], TOP)).fetchall()

    return "PostgreSQL pg_trgm (GIN)", search


PEERS: tuple[Callable[[Texts], tuple[str, Contestant]], ...] = (scikit_learn, bm25, sqlite_fts5, postgresql_trigrams)
