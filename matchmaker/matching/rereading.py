"""Readings taken from one edition of the vocabulary to another: words and sentence vectors stay, topics are new.

Only the topics of a reading depend on the vocabulary. So no text is cut into words again and no sentence encoded.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from matchmaker.matching.features import topics_shown
from matchmaker.matching.packing import pack
from matchmaker.matching.readings import Facts, Kept, Readings
from matchmaker.matching.vocabulary import Knowledge, using

AT_ONCE = 200

Known = tuple[Facts, Kept]


def reread(known: Sequence[Known], old: Knowledge, new: Knowledge) -> list[Known]:
    """Return readings made under ``old`` as reading the same records under ``new`` gives them."""
    with using(old):
        readings = [kept.reading() for _facts, kept in known]
    found: list[Known] = []
    with using(new):
        for (facts, kept), reading in zip(known, readings, strict=True):
            found.append((facts, Kept(pack(replace(reading, topics=topics_shown(facts))), kept.vector)))
    return found


def readings_under(
    new: Knowledge, readings: Readings, old: Knowledge, after_each: Callable[[list[Known]], None] | None = None
) -> Readings:
    """Return readings of the same pool for an index under ``new``; those given stay as they are.

    ``after_each`` is told what has been read, some records at a time, so that it can be kept and its progress shown.
    """
    known = readings.pool()
    changed = Readings(readings.encoder)
    for start in range(0, len(known), AT_ONCE):
        some = reread(known[start : start + AT_ONCE], old, new)
        changed.recall(some)
        if after_each:
            after_each(some)
    return changed
