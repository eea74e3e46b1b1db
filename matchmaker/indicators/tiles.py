"""Mie's 29 municipalities as tiles of equal size, so that a small town is seen as well as a large city. Pure.

Each has its column from the west and its row from the north. Own drawing after the map of the prefecture: neighbours
stay neighbours as far as squares allow.
"""

TILES: dict[str, tuple[int, int]] = {
    "24214": (2, 0),  # いなべ市
    "24324": (3, 0),  # 東員町
    "24205": (4, 0),  # 桑名市
    "24303": (5, 0),  # 木曽岬町
    "24341": (2, 1),  # 菰野町
    "24202": (3, 1),  # 四日市市
    "24343": (4, 1),  # 朝日町
    "24344": (5, 1),  # 川越町
    "24216": (1, 2),  # 伊賀市
    "24210": (2, 2),  # 亀山市
    "24207": (3, 2),  # 鈴鹿市
    "24208": (1, 3),  # 名張市
    "24201": (2, 3),  # 津市
    "24204": (2, 4),  # 松阪市
    "24442": (3, 4),  # 明和町
    "24203": (4, 4),  # 伊勢市
    "24211": (5, 4),  # 鳥羽市
    "24443": (1, 5),  # 大台町
    "24441": (2, 5),  # 多気町
    "24461": (3, 5),  # 玉城町
    "24470": (4, 5),  # 度会町
    "24215": (5, 5),  # 志摩市
    "24543": (1, 6),  # 紀北町
    "24471": (2, 6),  # 大紀町
    "24472": (4, 6),  # 南伊勢町
    "24209": (1, 7),  # 尾鷲市
    "24212": (0, 8),  # 熊野市
    "24562": (0, 9),  # 紀宝町
    "24561": (1, 9),  # 御浜町
}
"""Column and row by the code of the municipality without its check digit (全国地方公共団体コード, five digits)."""

COLUMNS = 1 + max(column for column, _row in TILES.values())
ROWS = 1 + max(row for _column, row in TILES.values())


def tile_of(code: str) -> tuple[int, int] | None:
    """Return column and row of a municipality by its six-digit code, None outside Mie.

    >>> tile_of("242012"), tile_of("231002")
    ((2, 3), None)
    """
    return TILES.get(code[:5])
