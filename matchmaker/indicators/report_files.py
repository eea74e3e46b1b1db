"""The 成果レポート as a workbook and as a tagged PDF, in the layout of the page."""

import io

import xlsxwriter

from matchmaker.documents.typesetting import typeset
from matchmaker.foundation import fiscal_year
from matchmaker.foundation.clock import day_of
from matchmaker.foundation.fiscal_year import japanese_date
from matchmaker.foundation.messages import gettext as _
from matchmaker.indicators import report
from matchmaker.indicators.catalogue import INDICATORS, PROJECTS, Kind
from matchmaker.indicators.report import Report, ReportLine

NOT_PRINTED = "－"
"""Stands where nothing is printed, as in the source."""

Cell = str | int | float | None
Table = list[list[Cell]]


def title_of(content: Report) -> str:
    """Return the title of the report's files."""
    return _("%(year)s　成果レポート　%(policy)s", year=fiscal_year.label(content.fy), policy=report.POLICY)


def progress_of(content: Report) -> tuple[str, str]:
    """Return 進展度 and 判断理由, or that nobody has approved them yet."""
    if content.progress is None:
        return _("まだ承認されていません"), ""
    return content.progress.degree.label, content.progress.reason


def snapshot_words(content: Report) -> str:
    """Return the figure of the ledger with its moment, number and rule."""
    found = content.snapshot
    if found is None:
        return _("この年度は、台帳でまだ数えていません。")
    return _(
        "%(value)s事業（%(day)sの時点、集計 %(code)s-%(edition)s、数え方 第%(version)s版）",
        value=found.value,
        day=japanese_date(day_of(found.as_of)),
        code=fiscal_year.code(found.fy),
        edition=found.edition,
        version=found.rule_version,
    )


def break_words(content: Report) -> list[str]:
    """Return a sentence for each break of a series."""
    return [
        _(
            "「%(title)s」は、%(year)sから調べ方が変わりました：%(note)s",
            title=line.indicator.title,
            year=fiscal_year.label(one.fy),
            note=one.note,
        )
        for line in content.lines
        for one in line.breaks
    ]


def figures_table(content: Report, kind: Kind) -> Table:
    """Return the table of a group of indicators: two rows each, 目標値 and 実績値."""
    rows: Table = [
        [_("目標項目"), "", *[report.column_label(fy) for fy in content.years], _("目標達成状況")],
    ]
    for line in content.of_kind(kind):
        rows += [_figure_row(line, "target"), _figure_row(line, "actual")]
    return rows


def budget_table(content: Report) -> Table:
    """Return the budgets in 千円 by basic programme and programme, with all sums."""
    years = content.budget_years
    rows: Table = [[_("基本事業・事業"), *[fiscal_year.label(fy) for fy in years]]]
    for basic in content.basic_programmes:
        rows.append([f"{basic.code} {basic.title}", *[basic.total(fy) for fy in years]])
        rows += [[f"　{one.programme}", *[one.thousand_yen.get(fy) for fy in years]] for one in basic.programmes]
    rows.append([_("合計"), *[content.budget(fy) for fy in years]])
    return rows


def outcome_table(content: Report) -> Table:
    """Return the cost of a year beside its printed outcomes."""
    years = content.budget_years
    rows: Table = [
        [_("費用と成果"), *[fiscal_year.label(fy) for fy in years]],
        [_("予算の合計（千円）"), *[content.budget(fy) for fy in years]],
    ]
    for line in content.lines:
        actuals = {year.fy: report.written(line.indicator, year.actual) for year in line.years}
        rows.append([_("%(title)s（実績）", title=line.indicator.title), *[actuals.get(fy) or None for fy in years]])
    return rows


def workbook(content: Report) -> bytes:
    """Return an xlsx file. Every text is a text, never a formula; what is not printed is 「－」."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        number = book.add_format({"border": 1, "num_format": "#,##0", "valign": "top"})
        page = book.add_worksheet(_("成果レポート"))
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_column(0, 0, 36)
        page.set_column(1, len(content.years) + 2, 16)
        place = 0
        for table in _sheets(content):
            for row in table:
                for column, value in enumerate(row):
                    if isinstance(value, int | float):
                        page.write_number(place, column, value, number)
                    else:
                        page.write_string(place, column, NOT_PRINTED if value is None else value, cell)
                place += 1
            place += 1
    return out.getvalue()


def paper(content: Report) -> bytes:
    """Return the report as a tagged PDF on A4."""
    degree, reason = progress_of(content)
    return typeset(
        "report",
        {
            "title": title_of(content),
            "summary": [{"label": str(label), "value": str(value)} for label, value in _head(content)[1:]],
            "degree": degree,
            "reason": reason,
            "tables": [
                {"title": Kind.PREFECTURAL.label, "rows": _texts(figures_table(content, Kind.PREFECTURAL)), "wide": 2},
                {"title": Kind.ACTIVITY.label, "rows": _texts(figures_table(content, Kind.ACTIVITY)), "wide": 2},
                {"title": _("予算額（千円）"), "rows": _texts(budget_table(content)), "wide": 1},
                {"title": _("費用と成果"), "rows": _texts(outcome_table(content)), "wide": 1},
            ],
            "notes": [str(row[0]) for row in _notes(content)],
        },
    )


def file_name(content: Report, ending: str) -> str:
    """Return the name of a downloaded file."""
    return f"seika-report-{fiscal_year.code(content.fy)}.{ending}"


def _figure_row(line: ReportLine, measure: str) -> list[Cell]:
    is_target = measure == "target"
    figures = [report.written(line.indicator, getattr(year, measure)) or None for year in line.years]
    attained: Cell = "" if not is_target else float(line.attained) if line.attained is not None else None
    return [line.indicator.title, _("目標値") if is_target else _("実績値"), *figures, _ratio(attained)]


def _ratio(attained: Cell) -> Cell:
    return f"{attained:.2f}" if isinstance(attained, float) else attained


def _head(content: Report) -> Table:
    return [
        [title_of(content)],
        [_("主担当部局"), report.DEPARTMENT],
        [_("平成27年度末での到達目標"), report.GOAL],
    ]


def _sheets(content: Report) -> list[Table]:
    degree, reason = progress_of(content)
    return [
        _head(content),
        [[_("進展度"), degree], [_("判断理由"), reason]],
        [[Kind.PREFECTURAL.label], *figures_table(content, Kind.PREFECTURAL)],
        [[Kind.ACTIVITY.label], *figures_table(content, Kind.ACTIVITY)],
        [[_("予算額（千円）")], *budget_table(content)],
        outcome_table(content),
        _notes(content),
    ]


def _notes(content: Report) -> Table:
    explained = [f"{one.title}：{one.definition}" for one in INDICATORS if one.definition]
    counted = _("台帳で数えた「%(title)s」：%(words)s", title=PROJECTS.title, words=snapshot_words(content))
    apart = _("台帳で数えた数と公式の実績は、数え方がちがいます。比べることはできません。")
    sources = _("出典：%(sources)s", sources="、".join(content.sources)) if content.sources else ""
    empty = _("「－」は、資料に示されていない数です。ほかの年度から推し量ることはしていません。")
    return [[one] for one in [*explained, *break_words(content), empty, counted, apart, sources] if one]


def _texts(table: Table) -> list[list[str]]:
    return [
        [NOT_PRINTED if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row]
        for row in table
    ]
