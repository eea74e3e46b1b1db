"""The check that every page passes through bites."""

import pytest

from tests.support.pages import check_page

SOUND = '<html lang="ja"><head><title>提案の一覧 - 協創マッチング</title></head><body><h1>提案</h1>{}</body></html>'


def test_a_sound_page_passes():
    check_page(SOUND.format('<label for="q">ことば</label><input id="q" name="q">'))


@pytest.mark.parametrize(
    "fault",
    [
        "<h1>二つ目</h1>",
        '<p id="a"></p><p id="a"></p>',
        '<input name="q">',
        '<p style="color:red">赤</p>',
        "<script>alert(1)</script>",
    ],
)
def test_a_fault_is_found(fault):
    with pytest.raises(AssertionError):
        check_page(SOUND.format(fault))
