"""What two texts literally share, as people read it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.introductions.sentences import part_sentence
from matchmaker.matching.engine import MatchIndex
from matchmaker.matching.facts import InterestFacts, ProposalFacts
from matchmaker.matching.features import interest_prose, proposal_prose
from matchmaker.matching.quotes import LONGEST, SHORTEST, shared_strings, with_quotes
from matchmaker.matching.text import clean
from matchmaker.matching.weights import STANDARD, Criterion

LETTERS = st.text(alphabet="海山川の森をとアイーab1。 ", max_size=60)


@given(LETTERS, LETTERS)
def test_every_quoted_string_stands_in_both_texts_and_in_no_other_quote(one, other):
    found = shared_strings(one, other, most=50)

    assert all(text in clean(one) and text in clean(other) for text in found)
    assert all(SHORTEST <= len(text) <= LONGEST for text in found)
    assert [text for text in found if any(text in longer for longer in found if longer != text)] == []


@given(LETTERS, LETTERS)
def test_no_quoted_string_begins_or_ends_with_hiragana_or_a_mark(one, other):
    ends = {letter for text in shared_strings(one, other, most=50) for letter in (text[0], text[-1])}

    assert ends & set("のをと。 ") == set()


@pytest.mark.parametrize("word", ["棚田の", "あ", "棚", "🎵", "ー"])
def test_a_text_that_repeats_itself_is_read_in_no_time(word):
    started = time.perf_counter()
    shared_strings(word * 100_000, word * 99_999)

    assert time.perf_counter() - started < 2


def score_of(proposal, interest):
    """The pair in a pool in which not every record says the same."""
    others = [ProposalFacts("P2", title="森の道を直す"), ProposalFacts("P3", title="空き家の調査")]
    return MatchIndex([proposal, *others], [interest], STANDARD).explain("P1", "I1").score


def bigram_sentence(proposal, interest):
    score = score_of(proposal, interest)
    part = with_quotes(score, proposal, interest).parts[1]
    assert part.criterion is Criterion.BIGRAMS
    return part_sentence(part)


def test_the_sentence_quotes_whole_words_and_never_a_cut_one():
    proposal = ProposalFacts("P1", title="親子食堂を開き、ひとり親を支える会をつくる")
    interest = InterestFacts("I1", profile="親子食堂に野菜を届ける会社")

    assert bigram_sentence(proposal, interest) == "提案の文と企業の紹介文に、同じ書き方の「親子食堂」があります。"


def test_the_sentence_speaks_in_general_where_only_pieces_of_words_are_shared():
    proposal = ProposalFacts("P1", title="ボランティアとともに")
    interest = InterestFacts("I1", profile="フロンティアの会社")

    assert bigram_sentence(proposal, interest) == (
        "提案の文と企業の紹介文を2文字ずつくらべると、同じ並びが少しあります（言葉としては重なっていません）。"
    )


def test_the_sentence_says_that_nothing_is_shared_without_quoting_fragments():
    sentence = bigram_sentence(ProposalFacts("P1", title="棚田の草刈り"), InterestFacts("I1", profile="海運会社"))

    assert sentence == "提案の文と企業の紹介文を2文字ずつくらべても、同じ並びがありません。"


def test_quoting_changes_no_point_and_no_other_part():
    proposal = ProposalFacts("P1", title="子ども食堂を開く", summary="親子の居場所")
    interest = InterestFacts("I1", profile="子ども食堂に野菜を届ける。親子の料理教室")
    score = score_of(proposal, interest)
    quoted = with_quotes(score, proposal, interest)

    assert quoted.points == score.points
    assert [part for part in quoted.parts if part.criterion is not Criterion.BIGRAMS] == [
        part for part in score.parts if part.criterion is not Criterion.BIGRAMS
    ]
    assert quoted.parts[1].proposal_values == shared_strings(proposal_prose(proposal), interest_prose(interest))
