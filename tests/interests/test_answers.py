from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.interests.answers import Answers, answers_of, write
from matchmaker.interests.models import Interest
from matchmaker.interests.reading import rows_of
from matchmaker.matching.facts import Offer
from matchmaker.matching.terms import ActivityField, LegalForm, ResourceKind, Theme, Unit


def some(terms):
    return st.lists(st.sampled_from(list(terms)), unique=True).map(lambda found: tuple(sorted(found)))


offers = st.builds(
    lambda kind, detail, amount, unit: Offer(kind, detail, amount, unit if amount else None),
    st.sampled_from(list(ResourceKind)),
    st.text(max_size=20),
    st.none() | st.integers(1, 10**12),
    st.sampled_from(list(Unit)),
)
answers = st.builds(
    Answers,
    valid_until_on=st.dates(date(2020, 1, 1)),
    is_undecided=st.booleans(),
    themes=some(Theme),
    place_codes=some(["00", "24", "24:北勢", "23"]),
    offers=st.lists(offers, max_size=7).map(tuple),
    refused_fields=some(ActivityField),
    refused_legal_forms=some(LegalForm),
    refused_kinds=some(ResourceKind),
    refuses_outside_regions=st.booleans(),
    refusal_note=st.text(max_size=30),
    policy=st.text(max_size=30),
    shows_name=st.booleans(),
)


@given(first=answers, second=answers)
def test_what_is_written_is_what_is_read_whatever_stood_there_before(first, second):
    interest = Interest()
    for said in (first, second):
        write(interest, said)
        assert answers_of(interest) == said
    assert [offer.position for offer in interest.offers] == list(range(1, len(second.offers) + 1))


@given(said=answers)
def test_every_answer_has_words(said):
    rows = rows_of(said)
    assert len({label for label, _text in rows}) == len(rows) == 8
    assert all(term.label in dict(rows)["受けないこと"] for term in said.refused_fields)
