"""How far a target was attained, and whether an entered value is likely at all. Pure."""

from decimal import ROUND_HALF_UP, Decimal

UNLIKELY_FACTOR = 10
"""So many times away from the last known value, a unit was probably confused (円 for 千円, a share for per cent)."""


def ratio(actual: Decimal | None, target: Decimal | None) -> Decimal | None:
    """Return actual ÷ target to two decimals, half rounded up, as the prefecture's 成果レポート prints it.

    Shapes:  both in the unit of the indicator; the ratio has none. None where one of the two is not printed:
             a missing year is never filled in from its neighbours.
    Returns: None also for a target of 0, of which no ratio can be made.
    Source:  三重県 成果レポート (目標達成状況, 47.4 ÷ 50.0 = 0.95).

    >>> ratio(Decimal("47.4"), Decimal("50.0")), ratio(None, Decimal(75)), ratio(Decimal(58), None)
    (Decimal('0.95'), None, None)
    >>> ratio(Decimal(1), Decimal(0)), ratio(Decimal(90), Decimal(75))
    (None, Decimal('1.20'))
    """
    if actual is None or target is None or target == 0:
        return None
    return (actual / target).quantize(Decimal("0.01"), ROUND_HALF_UP)


def is_unlikely(value: Decimal, last: Decimal | None) -> bool:
    """Say whether a value is ten times or more away from the last known one, so that a person is asked first.

    Zero after anything else is unlikely, and so is anything after zero but a value below ten.

    >>> [is_unlikely(Decimal(value), Decimal(124938)) for value in (130000, 1249380, 130, 0)]
    [False, True, True, True]
    >>> is_unlikely(Decimal(5), None), is_unlikely(Decimal(9), Decimal(0)), is_unlikely(Decimal(0), Decimal(0))
    (False, False, False)
    """
    if last is None:
        return False
    if last == 0:
        return value >= UNLIKELY_FACTOR
    return value >= last * UNLIKELY_FACTOR or value * UNLIKELY_FACTOR <= last
