"""What a proposal still lacks before it can be submitted or published. Pure.

Nothing is required while a draft is being written; here everything is said at once.
"""

from dataclasses import dataclass
from datetime import date

from matchmaker.proposals.answers import Answers, is_answered
from matchmaker.proposals.questions import SECTIONS, Question, Section, section_of


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """One answer that is missing or wrong: where it is asked, which one, and what to do."""

    section: int
    field: Question
    message: str


REQUIRED: dict[Question, str] = {
    Question.TITLE: "事業の名前を入力してください",
    Question.FIELDS: "活動の分野を1つ以上選んでください",
    Question.ISSUE: "解決したい社会課題を入力してください",
    Question.EVIDENCE: "課題の根拠（数字、調査、現場の声など）を入力してください",
    Question.AIM: "目的を入力してください",
    Question.BENEFICIARIES: "だれのための事業かを入力してください",
    Question.GOALS: "目標を、何を・どれだけ・いつまでにがわかるように入力してください",
    Question.PLACE_CODES: "実施する地域を1つ以上選んでください",
    Question.STARTS_ON: "始める日を入力してください",
    Question.ENDS_ON: "終わる日を入力してください",
    Question.CONTENT: "事業の内容と方法を入力してください",
    Question.SCHEDULE: "スケジュールを入力してください",
    Question.TEAM: "実施の体制を入力してください",
    Question.ROLE_NPO: "NPOの役割を入力してください",
    Question.ROLE_PREFECTURE: "県の役割を入力してください",
    Question.REASON_TOGETHER: "いっしょに行う理由を入力してください",
    Question.NEEDS: "必要なものを1つ以上入力してください",
    Question.BUDGET_YEN: "事業費の総額を入力してください",
    Question.BUDGET_DETAIL: "収支の内訳を入力してください",
    Question.DECLARES_NO_POLITICS_OR_RELIGION: "政治や宗教の活動が目的でないことを確認して、チェックを入れてください",
    Question.DECLARES_NO_ORGANISED_CRIME: "暴力団や暴力団員と関係がないことを確認して、チェックを入れてください",
}
"""The answers that a submission needs, each with the words that ask for it."""

REQUIRED_TO_PUBLISH = (Question.TITLE, Question.ISSUE, Question.NEEDS)
"""The least that a company must see to decide whether to ask for an introduction."""


def missing_answers(answers: Answers, *, on: date) -> list[MissingAnswer]:
    """Return what a submission on this day still lacks, in the order in which it is asked; empty when complete.

    >>> [missing.field.value for missing in missing_answers({Question.TITLE: "海"}, on=date(2026, 4, 1))][:2]
    ['fields', 'issue']
    """
    wrong = _wrong(answers, on)
    found = []
    for part in SECTIONS:
        for question in part.questions:
            if question in REQUIRED and not is_answered(answers.get(question)):
                found.append(MissingAnswer(part.number, question, REQUIRED[question]))
            elif question in wrong:
                found.append(MissingAnswer(part.number, question, wrong[question]))
    return found


def missing_to_publish(answers: Answers) -> list[MissingAnswer]:
    """Return what companies would miss if the proposal were published now.

    >>> missing_to_publish({Question.TITLE: "海", Question.ISSUE: "ごみが増えた", Question.NEEDS: ["…"]})
    []
    """
    return [
        MissingAnswer(section_of(question).number, question, REQUIRED[question])
        for question in REQUIRED_TO_PUBLISH
        if not is_answered(answers.get(question))
    ]


def state_of(part: Section, answers: Answers, *, on: date) -> str:
    """Return how far a section is: "not-started", "started" or "complete" (nothing required is missing or wrong)."""
    if not any(is_answered(answers.get(question)) for question in part.questions):
        return "not-started"
    lacks = any(missing.section == part.number for missing in missing_answers(answers, on=on))
    return "started" if lacks else "complete"


def _wrong(answers: Answers, on: date) -> dict[Question, str]:
    """Answers that are given but cannot be right on the day of submission."""
    found = {}
    ends_on, open_until_on = answers.get(Question.ENDS_ON), answers.get(Question.OPEN_UNTIL_ON)
    budget, own_funds = answers.get(Question.BUDGET_YEN), answers.get(Question.OWN_FUNDS_YEN)
    if ends_on and ends_on < on:
        found[Question.ENDS_ON] = "終わる日が過ぎています。これからの日を入力してください"
    if open_until_on and open_until_on < on:
        found[Question.OPEN_UNTIL_ON] = "相手をさがす期限が過ぎています。これからの日にするか、空にしてください"
    if budget is not None and own_funds is not None and own_funds > budget:
        found[Question.OWN_FUNDS_YEN] = "自己資金が事業費の総額より多くなっています。どちらかを直してください"
    return found
