"""What a ふりかえりシート asks, at which moment, and of whom. Pure."""

from dataclasses import dataclass

from matchmaker.matching.terms import Term


class ReflectionStage(Term):
    """The three moments at which both sides look at their work."""

    START = "start", "始める前"
    MIDTERM = "midterm", "途中"
    END = "end", "終わり"


class ReflectionParty(Term):
    """A side that fills in a sheet of its own."""

    NPO = "npo", "NPO"
    PREFECTURE = "prefecture", "県"
    COMPANY = "company", "企業"


@dataclass(frozen=True, slots=True)
class ReflectionQuestion:
    """One line of a sheet: a score from 1 to 5, or words."""

    key: str
    label: str
    is_scored: bool


LEAST_SCORE, MOST_SCORE = 1, 5

SCORE_LABELS = {
    1: "できていない",
    2: "あまりできていない",
    3: "どちらともいえない",
    4: "だいたいできた",
    5: "よくできた",
}

_SCORED = (
    ReflectionQuestion("aims", "目的と目標を、同じように理解していた", True),
    ReflectionQuestion("equal", "対等な立場で話し合えた", True),
    ReflectionQuestion("informed", "必要な情報を、早く、たがいに伝えた", True),
    ReflectionQuestion("roles", "決めた役割を、それぞれが果たした", True),
    ReflectionQuestion("flexible", "困ったことが起きたとき、いっしょに対応した", True),
    ReflectionQuestion("together", "いっしょに行ったから出た効果があった", True),
    ReflectionQuestion("citizens", "県民にとっての効果があった", True),
    ReflectionQuestion("progress", "計画のとおりに進んだ", True),
)

_WORDS = (
    ReflectionQuestion("good", "よかったこと", False),
    ReflectionQuestion("difficult", "むずかしかったこと", False),
    ReflectionQuestion("next", "次に生かしたいこと", False),
)

QUESTIONS: dict[ReflectionStage, tuple[ReflectionQuestion, ...]] = {
    ReflectionStage.START: (
        ReflectionQuestion("goal", "この事業で、いつまでに、何を、どこまで実現したいか", False),
        ReflectionQuestion("own_role", "自分たちが受け持つこと", False),
        ReflectionQuestion("expectation", "相手に期待すること", False),
        ReflectionQuestion("worry", "心配していること", False),
    ),
    ReflectionStage.MIDTERM: (*_SCORED, *_WORDS),
    ReflectionStage.END: (*_SCORED, *_WORDS),
}
"""The sheet of each moment.

Source: Mie's ふりかえりシート (mutual understanding and equality, effect for citizens, clear roles; filled in by the
officers of both sides) and a city's 協働事業評価書 (goals agreed before the start; then scores 1 to 5 for process,
synergy and progress by each side). The wording is our own.
"""


def question_of(stage: ReflectionStage, key: str) -> ReflectionQuestion:
    """Return a question of a sheet by its key. Errors: KeyError when the sheet has none.

    >>> question_of(ReflectionStage.END, "equal").label
    '対等な立場で話し合えた'
    """
    for question in QUESTIONS[stage]:
        if question.key == key:
            return question
    raise KeyError(key)
