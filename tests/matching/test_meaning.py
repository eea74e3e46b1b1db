"""The packaged encoder gives the same vectors wherever its word pieces lie."""

import numpy as np
import pytest

from matchmaker.matching import meaning

TEXTS = ["海辺のごみを拾い、数えて地図にします。", "従業員が森の手入れを手伝えます。", "", "😀"]


@pytest.fixture(scope="module")
def alone():
    return meaning.SentenceEncoder().encode(TEXTS)


@pytest.fixture(autouse=True, scope="module")
def models_are_forgotten():
    yield
    meaning._model.cache_clear()


def test_vectors_are_the_same_with_shared_pieces_when_they_are_written_and_when_they_are_read(tmp_path, alone):
    assert np.array_equal(meaning.SentenceEncoder(tmp_path).encode(TEXTS), alone)
    assert [path.name for path in tmp_path.iterdir()] == ["encoder.pieces"]
    written = (tmp_path / "encoder.pieces").stat().st_mtime_ns

    meaning._model.cache_clear()  # as another process finds it
    assert np.array_equal(meaning.SentenceEncoder(tmp_path).encode(TEXTS), alone)
    assert (tmp_path / "encoder.pieces").stat().st_mtime_ns == written


def test_a_damaged_file_of_pieces_is_written_anew(tmp_path, alone):
    path = tmp_path / "encoder.pieces"
    path.write_bytes(b"match-index 1")

    assert np.array_equal(meaning.SentenceEncoder(tmp_path).encode(TEXTS), alone)
    assert path.stat().st_size > 60_000_000


def test_without_room_for_the_file_each_process_keeps_its_own_pieces(tmp_path, caplog, alone):
    (tmp_path / "file").write_text("")

    assert np.array_equal(meaning.SentenceEncoder(tmp_path / "file").encode(TEXTS), alone)
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["vectors of word pieces not shared"]


def test_only_so_many_texts_are_remembered(monkeypatch):
    monkeypatch.setattr(meaning, "MOST_REMEMBERED", 2)
    encoder = meaning.SentenceEncoder()

    encoder.encode(TEXTS)

    assert list(encoder._seen) == TEXTS[2:]
