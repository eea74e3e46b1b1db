"""Place codes: one text for the country, a prefecture, a region of Mie or a municipality.

==============  ==================  =========================================
code            example             meaning
==============  ==================  =========================================
``00``          全国                the whole country
two digits      ``24``              a prefecture (JIS X 0401)
``24:`` + name  ``24:北勢``         a region of Mie's five
six digits      ``242012``          a municipality (with its check digit)
==============  ==================  =========================================
"""

from sqlalchemy import select

from matchmaker.directory.models import Municipality
from matchmaker.foundation.database import db
from matchmaker.matching.facts import NATIONWIDE, Place
from matchmaker.matching.terms import Prefecture

MIE_REGIONS = ("北勢", "伊賀", "中勢", "南勢志摩", "東紀州")

NATIONWIDE_LABEL = "全国"


_loaded: dict[str, tuple[Prefecture, str, str | None, str | None]] = {}


def _municipalities() -> dict[str, tuple[Prefecture, str, str | None, str | None]]:
    """All municipalities by code. They change by release and migration only, so one process reads them once.

    An empty table is read again: the application may have started before its first data.
    """
    if not _loaded:
        rows = db.session.execute(
            select(
                Municipality.code, Municipality.prefecture, Municipality.name, Municipality.region, Municipality.area
            )
        ).all()
        _loaded.update({row.code: (row.prefecture, row.name, row.region, row.area) for row in rows})
    return _loaded


def forget_loaded() -> None:
    """Read the municipalities again on next use (after seeding)."""
    _loaded.clear()


def is_place_code(code: str) -> bool:
    """Say whether a code names a place that is known."""
    if code == NATIONWIDE or code in {prefecture.value for prefecture in Prefecture}:
        return True
    if code.startswith(f"{Prefecture.MIE.value}:"):
        return code.partition(":")[2] in MIE_REGIONS
    return code in _municipalities()


def place_of(code: str) -> Place | None:
    """Return the place of a code with all its wider parts, or None for an unknown code."""
    if code == NATIONWIDE:
        return Place()
    if len(code) == 2:
        return Place(prefecture=Prefecture(code)) if is_place_code(code) else None
    if ":" in code:
        return Place(prefecture=Prefecture.MIE, region=code.partition(":")[2]) if is_place_code(code) else None
    found = _municipalities().get(code)
    if found is None:
        return None
    prefecture, name, region, area = found
    return Place(prefecture=prefecture, region=region, area=area, municipality=code, name=name)


def label_of(code: str) -> str:
    """Return how people call the place; the code itself when it is unknown."""
    if code == NATIONWIDE:
        return NATIONWIDE_LABEL
    if len(code) == 2 and is_place_code(code):
        return Prefecture(code).label
    if ":" in code:
        return f"{Prefecture.MIE.label}{code.partition(':')[2]}地域"
    found = _municipalities().get(code)
    return f"{found[0].label}{found[1]}" if found else code


def municipalities_of(prefecture: Prefecture) -> list[tuple[str, str]]:
    """Return (code, name) of a prefecture's municipalities in code order."""
    return sorted((code, name) for code, (where, name, _r, _a) in _municipalities().items() if where is prefecture)


def municipalities_of_region(region: str) -> list[tuple[str, str]]:
    """Return (code, name) of the municipalities in one of Mie's regions, in code order."""
    return sorted((code, name) for code, (_where, name, known, _area) in _municipalities().items() if known == region)


def codes_within(code: str) -> list[str]:
    """Return the code and every code that lies inside it, for filters: a search in 三重県 also finds 津市."""
    place = place_of(code)
    if place is None or place.municipality:
        return [code]
    if place.prefecture is None:
        return [code]
    inside = [
        known
        for known, (prefecture, _name, region, _area) in _municipalities().items()
        if prefecture is place.prefecture and (place.region is None or region == place.region)
    ]
    regions = [f"24:{name}" for name in MIE_REGIONS] if code == Prefecture.MIE.value else []
    return [code, *regions, *sorted(inside)]
