"""How easily a record matches, given how easily its partners do: the comparison with the pool behind one part.

Some records fit everybody a little: a large company with many themes, a proposal about the town. Left alone they lead
every list. Here each record gets a *demand* in points, such that after taking the demands of both sides away every
record has about the same sum of chances: the potentials of an entropic assignment.

Source: R. Sinkhorn, "A relationship between arbitrary positive matrices and doubly stochastic matrices", Annals of
Mathematical Statistics 35(2), 1964; M. Cuturi, "Sinkhorn distances", NIPS 2013. Compared with the mean of the ten
best (CSLS) in docs/decisions/0010-matching-formula.md.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

TEMPERATURE = 45.0
"""Points. Pairs this much below a record's best count about a third as much; the measure is flat from 35 to 60."""

ROUNDS = 20
"""Half-steps until the demands stand still to within a point on the pools measured."""

TRUSTED_SIZE = 30
"""A side of fewer records says little about demand: what is measured against it counts in proportion."""

ROWS_AT_ONCE = 256
"""Rows of points turned into 64-bit floats together."""

Points = NDArray[np.integer[Any]]
Demands = NDArray[np.float64]


def settle(points: Points) -> tuple[Demands, Demands]:
    """Return the demands of rows and columns of a pool, shape (rows,) and (columns,), each with mean zero.

    >>> rows, columns = settle(np.array([[300, 100], [300, 100]]))
    >>> bool(columns[0] > 90 > -90 > columns[1]), [float(row) for row in rows]
    (True, [0.0, 0.0])
    """
    rows, columns = np.zeros(points.shape[0]), np.zeros(points.shape[1])
    if not points.size:
        return rows, columns
    for _ in range(ROUNDS):
        new_rows, new_columns = ease(points, columns), ease(points.T, rows)
        rows = 0.5 * rows + 0.5 * (new_rows - np.mean(new_rows))
        columns = 0.5 * columns + 0.5 * (new_columns - np.mean(new_columns))
    return rows, columns


def trust(size: int) -> float:
    """Return how far demands measured against ``size`` records are believed, 0.0-1.0.

    >>> trust(3), trust(60)
    (0.1, 1.0)
    """
    return min(1.0, size / TRUSTED_SIZE)


def ease(points: Points, demands: Demands) -> Demands:
    """Return how easily each row finds a column that others leave free, in points, shape (rows,).

    Shapes: ``points`` (rows, columns), ``demands`` (columns,): a soft maximum over points minus demands.
    """
    found = np.zeros(points.shape[0])
    if not points.shape[1]:
        return found
    for begin in range(0, len(found), ROWS_AT_ONCE):
        scaled = (points[begin : begin + ROWS_AT_ONCE] - demands) / TEMPERATURE
        highest = np.max(scaled, axis=1, keepdims=True)
        sums = np.sum(np.exp(scaled - highest), axis=1)
        found[begin : begin + ROWS_AT_ONCE] = TEMPERATURE * (highest[:, 0] + np.log(sums))
    return found
