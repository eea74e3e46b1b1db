"""The packaged sentence encoder on one text, in a process of its own: ``python -m tests.bench.encoder``."""

import json
import statistics
import time

from matchmaker.matching.features import proposal_prose
from matchmaker.matching.meaning import packaged_encoder
from tests.bench.registry import synthetic_registry

TEXTS = 9


def main() -> None:
    """Print a JSON object: seconds to load, milliseconds for one text; null where it is not installed."""
    texts = [proposal_prose(one) for one in synthetic_registry(TEXTS + 1, 0, seed=2).proposals]
    begin = time.perf_counter()
    encoder = packaged_encoder()
    if encoder is None:
        print("null")
        return
    encoder.encode(texts[:1])
    loaded = time.perf_counter() - begin
    times = []
    for text in texts[1:]:
        begin = time.perf_counter()
        encoder.encode([text])
        times.append(1000 * (time.perf_counter() - begin))
    print(json.dumps({"loaded": loaded, "median": statistics.median(times), "best": min(times)}))


if __name__ == "__main__":
    main()
