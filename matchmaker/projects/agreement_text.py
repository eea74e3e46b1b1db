"""A first draft of an agreement, composed from what is on record. Knows no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """What the draft speaks of; ``tasks``: pairs of a task and who does what, in one line each."""

    title: str
    summary: str
    parties: Sequence[str]
    form: str
    starts_on: date
    ends_on: date
    budget_yen: int | None
    tasks: Sequence[tuple[str, str]]


def compose(facts: AgreementFacts) -> str:
    """Return the articles of a draft, one paragraph each.

    >>> text = compose(AgreementFacts("竹", "竹林", ["里山の会", "環境課"], "協定", date(2027, 4, 1),
    ...     date(2028, 3, 31), None, [("運営", "NPO：企画")]))
    >>> text.splitlines()[0], "運営（NPO：企画）" in text
    ('「竹」に関する協定書', True)
    """
    roles = "\n".join(f"・{task}（{who}）" for task, who in facts.tasks) or _("・役割は、別に定める。")
    money = _("事業費は%(yen)s円とする。", yen=f"{facts.budget_yen:,}") if facts.budget_yen is not None else ""
    articles = [
        (_("目的"), facts.summary or _("この事業の目的を、ここに書く。")),
        (_("対等な立場"), _("当事者は、たがいの立場のちがいを理解し、対等な立場で話し合って事業を進める。")),
        (_("協働の形態"), _("この事業は「%(form)s」の形で行う。", form=facts.form)),
        (
            _("期間"),
            _(
                "期間は%(first)sから%(last)sまでとする。",
                first=japanese_date(facts.starts_on),
                last=japanese_date(facts.ends_on),
            ),
        ),
        (_("役割分担"), roles),
        (_("費用"), money + _("費用の分担と支払いは、当事者が話し合って決める。")),
        (
            _("成果の取り扱い"),
            _("成果（著作物をふくむ）の使い方は、当事者が話し合って決め、広く公開することに努める。"),
        ),
        (_("個人情報"), _("当事者は、事業で知った個人の情報を、法令に従って守る。")),
        (_("報告とふりかえり"), _("当事者は、進捗と実績を報告し、事業の前・途中・終わりにいっしょにふりかえる。")),
        (_("変更と中止"), _("内容を変えるとき、または中止するときは、理由を示して申請し、相手方の回答を受ける。")),
        (_("その他"), _("ここに定めのないことは、当事者が話し合って決める。")),
    ]
    head = _("「%(title)s」に関する協定書", title=facts.title)
    intro = _("%(parties)sは、この事業をいっしょに行うため、次のとおり合意する。", parties="、".join(facts.parties))
    body = [f"{_('第%(n)s条（%(name)s）', n=n, name=name)}\n{text}" for n, (name, text) in enumerate(articles, start=1)]
    return "\n\n".join([head, intro, *body])
