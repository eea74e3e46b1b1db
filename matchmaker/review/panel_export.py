"""The panel's full record as a workbook, so that a choice can be justified sheet by sheet."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from matchmaker.foundation.messages import gettext as _
from matchmaker.proposals.models import Proposal
from matchmaker.review.panel import JudgeLine, PanelView, view_of
from matchmaker.review.panel_models import PanelDecision, ScoreSheet
from matchmaker.review.panel_scores import shown, total
from matchmaker.review.score_sheets import marks_of, occasion_of

Row = Sequence[str | int | float]


def workbook(proposals: Iterable[Proposal]) -> bytes:
    """Return an xlsx file: figures, all sheets, ties and meetings. Every text is a text, never a formula."""
    views = [(proposal, view_of(proposal)) for proposal in proposals]
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        for name, header, rows in (
            (_("集計"), _FIGURES, [_figures_row(*one) for one in views]),
            (_("採点表"), _SHEETS, [row for one in views for row in _sheet_rows(*one)]),
            (_("利害関係"), _TIES, [row for one in views for row in _tie_rows(*one)]),
            (_("審査会の判断"), _MEETINGS, [row for one in views for row in _meeting_rows(*one)]),
        ):
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            page.set_column(0, len(header) - 1, 18)
            for number, row in enumerate([header, *rows]):
                for column, cell in enumerate(row):
                    (page.write_string if isinstance(cell, str) else page.write_number)(number, column, cell)
    return out.getvalue()


_FIGURES = (
    "受付番号",
    "提案",
    "団体",
    "いまの状態",
    "採点表",
    "担当",
    "平均",
    "中央値",
    "幅",
    "一致の度合い",
    "離れた採点",
)
_SHEETS = (
    "受付番号",
    "委員",
    "段階",
    "提出",
    "集計",
    "審査基準",
    "重み",
    "点",
    "満点",
    "理由",
    "合計（100点）",
    "全体の意見",
)
_TIES = ("受付番号", "委員", "申告した日時", "利害関係", "内容", "申告した文", "回避")
_MEETINGS = (
    "受付番号",
    "段階",
    "審査会の日",
    "議長",
    "定足数",
    "出席",
    "判断",
    "理由",
    "審査基準ごとの理由",
    "反対の意見",
    "記録した人",
)


def _figures_row(proposal: Proposal, view: PanelView) -> Row:
    figures = view.figures
    head = (proposal.public_number, proposal.title, proposal.organisation.name, proposal.status.label)
    counts = (len(view.counting), view.progress.judges)
    if figures is None:
        return (*head, *counts, "", "", "", "", "")
    outliers = "、".join(view.counting[place].assignment.judge.name for place in figures.outliers)
    agreement = "" if figures.agreement is None else _figure(shown(figures.agreement))
    means = [_figure(shown(one)) for one in (figures.mean, figures.median, figures.spread)]
    return (*head, *counts, *means, agreement, outliers)


def _sheet_rows(proposal: Proposal, view: PanelView) -> list[Row]:
    return [row for line in view.lines for sheet in line.sheets for row in _entries(proposal, line, sheet)]


def _entries(proposal: Proposal, line: JudgeLine, sheet: ScoreSheet) -> list[Row]:
    submitted = sheet.submitted_at.isoformat(timespec="minutes") if sheet.submitted_at else ""
    counting = sheet.exclude_reason or (_("使う") if sheet is line.counting else _("前の採点（記録）"))
    head = (proposal.public_number, line.assignment.judge.name, occasion_of(sheet).label, submitted, counting)
    sum_of_sheet = _figure(shown(total(marks_of(sheet))))
    return [
        (
            *head,
            entry.name,
            entry.weight,
            entry.score if entry.score is not None else "",
            entry.most_score,
            entry.reason,
            sum_of_sheet,
            sheet.comment,
        )
        for entry in sheet.entries
    ]


def _tie_rows(proposal: Proposal, view: PanelView) -> list[Row]:
    rows: list[Row] = []
    for line in view.lines:
        out = line.recusal.reason if line.recusal else ""
        head = (proposal.public_number, line.assignment.judge.name)
        for row in line.assignment.declarations:
            kind = row.kind.label if row.kind else _("なし")
            rows.append((*head, row.declared_at.isoformat(timespec="minutes"), kind, row.words, row.statement, out))
        if not line.assignment.declarations:
            rows.append((*head, "", _("未申告"), "", "", out))
    return rows


def _meeting_rows(proposal: Proposal, view: PanelView) -> list[Row]:
    return [_meeting(proposal, decision) for decision in view.decisions]


def _meeting(proposal: Proposal, decision: PanelDecision) -> Row:
    return (
        proposal.public_number,
        decision.stage.label,
        decision.held_on.isoformat() if decision.held_on else "",
        decision.chair,
        decision.quorum or "",
        "、".join(one.name for one in decision.members),
        decision.outcome.label if decision.outcome else _("審査会を開かずに進めた"),
        decision.reason,
        "\n".join(f"{one.name}：{one.reason}" for one in decision.reasons),
        "\n".join(f"{one.name}：{one.dissent}" for one in decision.members if one.dissent),
        decision.recorded_by.name,
    )


def _figure(text: str) -> float:
    return float(text)
