"""Any two sides that scoring may meet, however odd."""

from datetime import date

from hypothesis import strategies as st

from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit

SENTENCES = (
    "棚田の草刈りに参加する社員を求めている。",
    "松阪市で食品を製造する会社。",
    "音響機器を造り、コンサートを支える。",
    "障害のある人の仕事をつくる。",
    "フードバンクに食品を寄贈する",
    "🎵🎵",
    "森",
    "ABC社 ＡＢＣ",
    "\x00\ud800制御",
    "",
)

texts = st.one_of(
    st.lists(st.sampled_from(SENTENCES), max_size=3).map("".join),
    st.text(alphabet=st.characters(), max_size=30),
)
places = st.builds(
    Place,
    st.one_of(st.none(), st.sampled_from([Prefecture.MIE, Prefecture.AICHI, Prefecture.TOKYO])),
    st.sampled_from([None, "中勢", "北勢"]),
    st.sampled_from([None, "津"]),
    st.sampled_from([None, "242012", "242047"]),
    st.sampled_from(["", "津市", "松阪市"]),
)
amounts = st.one_of(st.none(), st.integers(0, 10**7))
units = st.one_of(st.none(), st.sampled_from(Unit))


def _few(elements: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    return st.lists(elements, max_size=most).map(tuple)


def _some(vocabulary: type) -> st.SearchStrategy:
    return st.frozensets(st.sampled_from(vocabulary), max_size=3)


def proposals(number: int) -> st.SearchStrategy[ProposalFacts]:
    """Any proposal with the id ``P<number>``."""
    return st.builds(
        ProposalFacts,
        st.just(f"P{number}"),
        texts,
        texts,
        texts,
        texts,
        _some(ActivityField),
        _few(places),
        _few(st.builds(Need, st.sampled_from(ResourceKind), texts, amounts, units)),
        st.one_of(st.none(), st.sampled_from(LegalForm)),
        open_until=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 1, 1))),
    )


def interests(number: int) -> st.SearchStrategy[InterestFacts]:
    """Any interest with the id ``I<number>``."""
    return st.builds(
        InterestFacts,
        st.just(f"I{number}"),
        texts,
        st.one_of(st.none(), st.sampled_from(Industry)),
        _some(Theme),
        st.booleans(),
        st.one_of(st.none(), places),
        _few(places),
        _few(st.builds(Offer, st.sampled_from(ResourceKind), texts, amounts, units)),
        st.builds(Refusals, _some(ActivityField), _some(LegalForm), _some(ResourceKind), st.booleans()),
        st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 1, 1))),
    )


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[ProposalFacts], list[InterestFacts]]:
    """A few proposals and a few interests, perhaps none."""
    mine = [draw(proposals(number)) for number in range(draw(st.integers(0, 4)))]
    theirs = [draw(interests(number)) for number in range(draw(st.integers(0, 4)))]
    return mine, theirs
