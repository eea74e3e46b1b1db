"""What a proposal answers, and on which screen each question is asked. Pure."""

from dataclasses import dataclass

from matchmaker.matching.terms import Term


class Question(Term):
    """One question; its value is the name of the answer everywhere (record, form, version, address anchor)."""

    TITLE = "title", "事業の名前"
    FIELDS = "fields", "活動の分野"
    ISSUE = "issue", "解決したい社会課題"
    EVIDENCE = "evidence", "課題の根拠"
    AIM = "aim", "目的"
    BENEFICIARIES = "beneficiaries", "だれのための事業か"
    GOALS = "goals", "目標（何を・どれだけ・いつまでに）"

    PLACE_CODES = "place_codes", "実施する地域"
    STARTS_ON = "starts_on", "始める日"
    ENDS_ON = "ends_on", "終わる日"
    CONTENT = "content", "事業の内容と方法"
    SCHEDULE = "schedule", "スケジュール"
    TEAM = "team", "実施の体制"

    ROLE_NPO = "role_npo", "NPOの役割"
    ROLE_PREFECTURE = "role_prefecture", "県の役割"
    ROLE_MUNICIPALITY = "role_municipality", "市町の役割"
    ROLE_COMPANY = "role_company", "企業の役割"
    REASON_TOGETHER = "reason_together", "いっしょに行う理由"

    NEEDS = "needs", "必要なもの"
    OPEN_UNTIL_ON = "open_until_on", "相手をさがす期限"
    BUDGET_YEN = "budget_yen", "事業費の総額"
    OWN_FUNDS_YEN = "own_funds_yen", "うち自己資金"
    BUDGET_DETAIL = "budget_detail", "収支の内訳"
    OTHER_GRANTS = "other_grants", "ほかの助成金・補助金"

    DECLARES_NO_POLITICS_OR_RELIGION = (
        "declares_no_politics_or_religion",
        "政治活動や宗教活動を目的とした事業ではありません",
    )
    DECLARES_NO_ORGANISED_CRIME = "declares_no_organised_crime", "団体と役員は、暴力団や暴力団員と関係がありません"
    PREFERRED_FORM = "preferred_form", "希望する協働の形"
    DIVISION_IDS = "division_ids", "関係すると思う県の課"
    PUBLISHES_PLAN = "publishes_plan", "計画（根拠・目的・目標・内容・体制・役割）を公開してよい"
    PUBLISHES_BUDGET = "publishes_budget", "予算（事業費・内訳・ほかの助成）を公開してよい"


@dataclass(frozen=True, slots=True)
class Section:
    """One of the five parts of a proposal that is to be submitted."""

    number: int
    label: str
    hint: str
    questions: tuple[Question, ...]


SECTIONS = (
    Section(
        1,
        "課題と目標",
        "何が課題か、だれのために、どこまで進めるか",
        (
            Question.TITLE,
            Question.FIELDS,
            Question.ISSUE,
            Question.EVIDENCE,
            Question.AIM,
            Question.BENEFICIARIES,
            Question.GOALS,
        ),
    ),
    Section(
        2,
        "内容・日程・体制",
        "どこで、いつ、何を、だれが行うか",
        (
            Question.PLACE_CODES,
            Question.STARTS_ON,
            Question.ENDS_ON,
            Question.CONTENT,
            Question.SCHEDULE,
            Question.TEAM,
        ),
    ),
    Section(
        3,
        "役割分担",
        "NPO・県・市町・企業の役割と、いっしょに行う理由",
        (
            Question.ROLE_NPO,
            Question.ROLE_PREFECTURE,
            Question.ROLE_MUNICIPALITY,
            Question.ROLE_COMPANY,
            Question.REASON_TOGETHER,
        ),
    ),
    Section(
        4,
        "必要なもの・予算",
        "相手に求めるもの、事業費、ほかの助成",
        (
            Question.NEEDS,
            Question.OPEN_UNTIL_ON,
            Question.BUDGET_YEN,
            Question.OWN_FUNDS_YEN,
            Question.BUDGET_DETAIL,
            Question.OTHER_GRANTS,
        ),
    ),
    Section(
        5,
        "確認事項",
        "申告、希望する協働の形、関係する課、公開してよい範囲",
        (
            Question.DECLARES_NO_POLITICS_OR_RELIGION,
            Question.DECLARES_NO_ORGANISED_CRIME,
            Question.PREFERRED_FORM,
            Question.DIVISION_IDS,
            Question.PUBLISHES_PLAN,
            Question.PUBLISHES_BUDGET,
        ),
    ),
)

FIRST_SCREEN = (Question.TITLE, Question.ISSUE, Question.BENEFICIARIES, Question.FIELDS)
"""What the first of the two screens to a matchable proposal asks."""

SECOND_SCREEN = (
    Question.PLACE_CODES,
    Question.STARTS_ON,
    Question.ENDS_ON,
    Question.NEEDS,
    Question.OPEN_UNTIL_ON,
)
"""What the second asks; publishing is a step of its own beside it."""

ALWAYS_PUBLIC = (
    Question.ISSUE,
    Question.BENEFICIARIES,
    Question.FIELDS,
    Question.PLACE_CODES,
    Question.STARTS_ON,
    Question.ENDS_ON,
    Question.NEEDS,
    Question.OPEN_UNTIL_ON,
)
"""What everybody sees of a published proposal besides its title."""

PLAN = (
    Question.EVIDENCE,
    Question.AIM,
    Question.GOALS,
    Question.CONTENT,
    Question.SCHEDULE,
    Question.TEAM,
    Question.ROLE_NPO,
    Question.ROLE_PREFECTURE,
    Question.ROLE_MUNICIPALITY,
    Question.ROLE_COMPANY,
    Question.REASON_TOGETHER,
)
"""Public only when the proposer says so (publishes_plan)."""

BUDGET = (Question.BUDGET_YEN, Question.OWN_FUNDS_YEN, Question.BUDGET_DETAIL, Question.OTHER_GRANTS)
"""Public only when the proposer says so (publishes_budget)."""


def section(number: int) -> Section:
    """Return a section by its number. Errors: IndexError when there is none.

    >>> section(3).label
    '役割分担'
    """
    if not 1 <= number <= len(SECTIONS):
        raise IndexError(f"there is no section {number}")
    return SECTIONS[number - 1]


def section_of(question: Question) -> Section:
    """Return the section in which a question is asked.

    >>> section_of(Question.NEEDS).number
    4
    """
    return next(part for part in SECTIONS if question in part.questions)
