"""Reading cases, and the published definitions of the measures."""

import json
import math

import pytest

from matchmaker.matching import baselines, evaluation
from matchmaker.matching.cases import CaseLink, UnreadableCase, read_cases, read_interests, read_proposals
from matchmaker.matching.evaluation import Measure
from matchmaker.matching.facts import Need, Offer, Place
from matchmaker.matching.terms import ActivityField, Industry, LegalForm, Prefecture, ResourceKind, Theme, Unit

PROPOSAL = {
    "id": "P1",
    "organisation": "秘密の団体",
    "organisation_key": "N1",
    "legal_form": "NPO法人",
    "prefecture": "三重県",
    "municipality": "津市",
    "activity_fields": ["環境の保全を図る活動", "知らない分野"],
    "mission": "森を守る。",
    "title": "間伐",
    "summary": "間伐を進める。",
    "needs": [
        {"kind": "物品", "detail": "のこぎり", "amount": 5, "unit": "個"},
        {"kind": "知らない種類", "detail": "何か"},
        {"kind": "人材・専門技能", "detail": "社員", "amount": "多数"},
    ],
    "source_url": "https://example.org/",
}
INTEREST = {
    "id": "I1",
    "organisation": "秘密の会社",
    "industry": "製造業",
    "hq_prefecture": "愛知県",
    "profile": "木工の会社。森を愛する。",
    "themes": ["環境"],
    "offers": [{"kind": "資金", "detail": "寄付"}],
    "regions": ["三重県", "全国", "知らない地方"],
}


def write(folder, name, *entries):
    path = folder / f"{name}.jsonl"
    lines = [entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_proposal_is_read_without_names_and_unknown_labels_are_not_answered(tmp_path):
    [facts] = read_proposals(write(tmp_path, "proposals", PROPOSAL))

    assert facts.fields == {ActivityField.ENVIRONMENT}
    assert facts.places == (Place(Prefecture.MIE, municipality="津市", name="津市"),)
    assert facts.needs == (
        Need(ResourceKind.GOODS, "のこぎり", 5, Unit.ITEMS),
        Need(ResourceKind.PEOPLE, "社員"),
    )
    assert facts.legal_form is LegalForm.NPO
    assert "秘密" not in repr(facts)
    assert "example.org" not in repr(facts)


def test_an_interest_is_read_with_its_places(tmp_path):
    [facts] = read_interests(write(tmp_path, "interests", INTEREST))

    assert (facts.industry, facts.themes) == (Industry.MANUFACTURING, {Theme.ENVIRONMENT})
    assert facts.headquarters == Place(Prefecture.AICHI)
    assert facts.regions == (Place(Prefecture.MIE), Place())
    assert facts.offers == (Offer(ResourceKind.MONEY, "寄付"),)
    assert "秘密" not in repr(facts)


def test_a_wide_region_means_its_prefectures(tmp_path):
    [facts] = read_interests(write(tmp_path, "interests", {**INTEREST, "regions": ["四国"]}))

    assert [place.prefecture.label for place in facts.regions] == ["徳島県", "香川県", "愛媛県", "高知県"]


def test_strict_reading_leaves_themes_and_the_rest_of_the_profile_out(tmp_path):
    [facts] = read_interests(write(tmp_path, "interests", INTEREST), strict=True)

    assert (facts.profile, facts.themes, len(facts.offers), len(facts.regions)) == ("木工の会社。", frozenset(), 1, 2)


def test_a_record_with_an_id_alone_is_not_answered_at_all(tmp_path):
    [proposal] = read_proposals(write(tmp_path, "proposals", {"id": 7}))
    [interest] = read_interests(write(tmp_path, "interests", {"id": "I", "themes": None, "regions": None}))

    assert (proposal.id, proposal.title, proposal.places, proposal.needs) == ("7", "", (), ())
    assert (interest.profile, interest.themes, interest.headquarters) == ("", frozenset(), None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "Expecting property name enclosed in double quotes"),
        ("[1]", "the line is not a JSON object"),
        ('{"title": "no id"}', "the field 'id' is missing"),
        ('{"id": "P2", "title": 5}', "the field 'title' is not a text"),
        ('{"id": "P2", "needs": "money"}', "the field 'needs' is not a list"),
        ('{"id": "P2", "needs": ["money"]}', "an entry of 'needs' is not an object"),
        ('{"id": [1]}', "[1] is not an id"),
    ],
)
def test_a_broken_line_is_named_by_file_and_line(tmp_path, line, reason):
    path = write(tmp_path, "proposals", PROPOSAL, "", line)

    with pytest.raises(UnreadableCase) as fault:
        read_proposals(path)

    assert str(fault.value).startswith(f"{path}:3: {reason}")


def test_bytes_that_are_no_text_are_named_by_line(tmp_path):
    path = tmp_path / "proposals.jsonl"
    path.write_bytes(b'{"id": "P1"}\n\xff\xfe\n')

    with pytest.raises(UnreadableCase, match=r"proposals\.jsonl:2: "):
        read_proposals(path)


def test_an_id_that_occurs_twice_and_a_link_to_nowhere_are_refused(tmp_path):
    with pytest.raises(UnreadableCase, match="the id 'P1' occurs twice"):
        read_proposals(write(tmp_path, "proposals", PROPOSAL, PROPOSAL))
    write(tmp_path, "proposals", PROPOSAL)
    write(tmp_path, "interests", INTEREST)
    write(tmp_path, "links", {"proposal": "P1", "interest": "I9", "also": []})
    with pytest.raises(UnreadableCase, match=r"links\.jsonl:1: unknown id 'I9'"):
        read_cases(tmp_path)


LINKS = [
    CaseLink("P1", "I1", frozenset({"I2"})),
    CaseLink("P2", "I2", frozenset()),
    CaseLink("P3", "I1", frozenset()),
]


def test_other_true_partners_are_taken_out_before_the_rank_is_read():
    order = {"P1": ["I2", "I3", "I1"], "P2": ["I1", "I2"], "P3": ["I3", "I2"]}

    assert evaluation.proposal_ranks(order, LINKS) == [2, 2, 3]


def test_an_interest_is_asked_once_for_each_partner_with_the_others_taken_out():
    order = {"I1": ["P1", "P2", "P3"], "I2": ["P3", "P2", "P1"]}

    assert evaluation.interest_ranks(order, LINKS) == [1, 2, 2]


def test_measures_are_means_over_queries_with_intervals_around_them():
    found = evaluation.measured([1, 2, 11])

    values = {measure: estimate.value for measure, estimate in found.items()}
    assert values == {
        Measure.MRR: pytest.approx((1 + 1 / 2 + 1 / 11) / 3),
        Measure.RECALL_1: pytest.approx(1 / 3),
        Measure.RECALL_5: pytest.approx(2 / 3),
        Measure.RECALL_10: pytest.approx(2 / 3),
        Measure.NDCG_10: pytest.approx((1 + 1 / math.log2(3)) / 3),
    }
    assert all(estimate.low <= estimate.value <= estimate.high for estimate in found.values())


def test_a_paired_interval_of_equal_systems_is_zero():
    assert evaluation.compared([1, 3], [1, 3])[Measure.MRR].rounded() == (0.0, 0.0, 0.0)


def test_measuring_nothing_is_refused():
    with pytest.raises(ValueError, match="no true pair"):
        evaluation.measured([])
    with pytest.raises(ValueError, match="same queries"):
        evaluation.compared([1], [1, 2])


def test_the_baseline_prefers_the_text_that_shares_characters():
    other = {**INTEREST, "id": "I2", "profile": "銀行。", "themes": [], "regions": [], "hq_prefecture": "東京都"}

    [scores] = baselines.gram_scores([PROPOSAL], [INTEREST, other])

    assert scores[0] > scores[1]
    assert baselines.region_bonuses([PROPOSAL], [INTEREST, other]).tolist() == [[0.05, 0.0]]
