from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.matching.terms import ActivityField, ResourceKind
from matchmaker.proposals.answers import Need, is_answered
from matchmaker.proposals.completeness import REQUIRED, missing_answers, missing_to_publish, state_of
from matchmaker.proposals.questions import SECTIONS, Question, section

TODAY = date(2026, 11, 24)

COMPLETE = {
    **dict.fromkeys(REQUIRED, "書いた"),
    Question.FIELDS: [ActivityField.CHILDREN],
    Question.PLACE_CODES: ["242012"],
    Question.STARTS_ON: date(2027, 4, 1),
    Question.ENDS_ON: date(2028, 3, 31),
    Question.NEEDS: [Need(ResourceKind.PEOPLE)],
    Question.BUDGET_YEN: 0,
    Question.DECLARES_NO_POLITICS_OR_RELIGION: True,
    Question.DECLARES_NO_ORGANISED_CRIME: True,
}


def missing_fields(answers):
    return [missing.field for missing in missing_answers(answers, on=TODAY)]


def test_a_complete_proposal_lacks_nothing():
    assert missing_fields(COMPLETE) == []


def test_an_empty_proposal_lacks_every_required_answer_in_the_order_of_the_screens():
    order = [question for part in SECTIONS for question in part.questions if question in REQUIRED]
    assert missing_fields({}) == order


@given(st.sets(st.sampled_from(sorted(REQUIRED))))
def test_exactly_what_was_taken_away_is_missing(taken):
    left = {question: value for question, value in COMPLETE.items() if question not in taken}
    assert set(missing_fields(left)) == taken


def test_a_missing_answer_says_where_it_is_asked_and_what_to_do():
    [missing] = missing_answers({**COMPLETE, Question.GOALS: ""}, on=TODAY)
    assert (missing.section, missing.field, missing.message) == (
        1,
        Question.GOALS,
        "目標を、何を・どれだけ・いつまでにがわかるように入力してください",
    )


def test_days_that_have_passed_and_own_funds_above_the_budget_are_wrong():
    wrong = {
        **COMPLETE,
        Question.STARTS_ON: date(2026, 1, 1),
        Question.ENDS_ON: date(2026, 11, 23),
        Question.OPEN_UNTIL_ON: date(2026, 11, 23),
        Question.BUDGET_YEN: 100,
        Question.OWN_FUNDS_YEN: 101,
    }
    assert missing_fields(wrong) == [Question.ENDS_ON, Question.OPEN_UNTIL_ON, Question.OWN_FUNDS_YEN]


def test_today_itself_has_not_passed():
    assert missing_fields({**COMPLETE, Question.ENDS_ON: TODAY, Question.OPEN_UNTIL_ON: TODAY}) == []


def test_publishing_needs_only_what_a_company_must_see():
    assert [missing.field for missing in missing_to_publish({})] == [Question.TITLE, Question.ISSUE, Question.NEEDS]
    seen = {Question.TITLE: "海", Question.ISSUE: "ごみ", Question.NEEDS: [Need(ResourceKind.GOODS)]}
    assert missing_to_publish(seen) == []


def test_a_section_is_not_started_then_started_then_complete():
    assert state_of(section(1), {}, on=TODAY) == "not-started"
    assert state_of(section(1), {Question.TITLE: "海"}, on=TODAY) == "started"
    assert state_of(section(1), COMPLETE, on=TODAY) == "complete"


def test_each_question_is_asked_in_exactly_one_section():
    assert sorted(question for part in SECTIONS for question in part.questions) == sorted(Question)


def test_zero_is_an_answer_and_an_open_box_is_not():
    assert is_answered(0)
    assert not is_answered(False)
