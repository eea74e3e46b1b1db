"""``flask matching``: the engine on files, without touching the database; and reading the registry ahead."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from matchmaker.foundation import clock
from matchmaker.introductions.ranking import READ_AT_ONCE, match_registry
from matchmaker.matching import evaluation
from matchmaker.matching.cases import LabelledCases, UnreadableCase, read_cases, read_interests, read_proposals
from matchmaker.matching.engine import MatchIndex, Ranked
from matchmaker.matching.evaluation import Estimate, Measure
from matchmaker.matching.meaning import packaged_encoder
from matchmaker.matching.variants import SystemRanks, baseline_ranks, index_ranks
from matchmaker.matching.weights import STANDARD

BROKEN_INPUT = 2

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("matching")
def matching() -> None:
    """Rank and measure files of proposals and interests."""


@matching.command("rank")
@click.option("--proposals", "proposals_path", type=_FILE, required=True, help="Proposals, one JSON object a line.")
@click.option("--interests", "interests_path", type=_FILE, required=True, help="Interests, one JSON object a line.")
@click.option("--for", "side", type=click.Choice(["proposals", "interests"]), required=True, help="Whose lists.")
@click.option("--top", type=click.IntRange(min=1), help="Lines in each list; without it the whole pool.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Judge dates on this day; without it no date is judged.")
@click.option("--strict", is_flag=True, help="Read only industry, first profile sentence, offers and regions.")
@click.option("--without-meaning", is_flag=True, help="Do not use the sentence encoder.")
def rank(  # noqa: PLR0917 - click passes one argument for each option
    proposals_path: Path,
    interests_path: Path,
    side: str,
    top: int | None,
    on: datetime | None,
    strict: bool,
    without_meaning: bool,
) -> None:
    """Print one ranking a line, best first, equal points by id, refused pairs last."""
    try:
        proposals = read_proposals(proposals_path)
        interests = read_interests(interests_path, strict=strict)
    except UnreadableCase as fault:
        _stop(fault)
    index = MatchIndex(proposals, interests, STANDARD, None if without_meaning else packaged_encoder())
    # Everything is ranked before anything is printed: a fault leaves no half output behind.
    ids = [one.id for one in (proposals if side == "proposals" else interests)]
    for line in _ranking_lines(index, side, ids, top, on.date() if on else None):
        click.echo(line)


@matching.command("evaluate")
@click.option("--cases", "folder", type=_FOLDER, required=True, help="A folder with proposals, interests and links.")
@click.option("--strict", is_flag=True, help="Read only industry, first profile sentence, offers and regions.")
@click.option("--without-meaning", is_flag=True, help="Do not use the sentence encoder.")
def evaluate(folder: Path, strict: bool, without_meaning: bool) -> None:
    """Print the measures of the engine and of two baselines, and how much better the engine is."""
    try:
        cases = read_cases(folder, strict=strict)
    except FileNotFoundError as fault:
        _stop(f"{fault.filename}: no such file")
    except UnreadableCase as fault:
        _stop(fault)
    if not cases.links:
        _stop(f"{folder / 'links.jsonl'}: there is no true pair to measure")
    index = MatchIndex(cases.proposals, cases.interests, STANDARD, None if without_meaning else packaged_encoder())
    ranks = {"engine": index_ranks(index, cases), **baseline_ranks(cases)}
    click.echo("\n".join(_evaluation_lines(ranks, cases)))


@matching.command("read")
@with_appcontext
def read() -> None:
    """Read and encode the texts of the registry, and keep it, so that web workers start without doing so.

    It may be stopped at any time: what is read is kept, and workers go on with the index that they have.
    """
    registry, read_now = match_registry(), 0
    for done, read_now in registry.read_ahead(clock.today(), clock.now()):
        if read_now > READ_AT_ONCE:
            click.echo(f"{done} of {read_now}", err=True)
    registry.prepare(clock.today())
    click.echo(f"{read_now} records read")


def _ranking_lines(index: MatchIndex, side: str, ids: Iterable[str], top: int | None, day: date | None) -> list[str]:
    ranked = index.rank_interests if side == "proposals" else index.rank_proposals
    lines = [{"id": one, "ranking": [_entry(line) for line in ranked(one, top, day)]} for one in ids]
    return [json.dumps(line, ensure_ascii=False) for line in lines]


def _entry(line: Ranked) -> dict[str, object]:
    return {
        "id": line.id,
        "points": line.points,
        "parts": {criterion.value: points for criterion, points in line.parts.items()},
        "refused": [code.value for code in line.refusals],
    }


def _evaluation_lines(ranks: Mapping[str, SystemRanks], cases: LabelledCases) -> list[str]:
    """Return one JSON object a line: each system's measures, then the engine against each baseline, per direction."""
    pool = {"proposals": len(cases.proposals), "interests": len(cases.interests), "ruleset": STANDARD.version}
    lines: list[dict[str, object]] = []
    for name, system in ranks.items():
        for direction, found in system.items():
            measures = _numbers(evaluation.measured(found))
            lines.append({"system": name, "for": direction, "queries": len(found), **pool, **measures})
    for name in [one for one in ranks if one != "engine"]:
        for direction, found in ranks["engine"].items():
            gains = _numbers(evaluation.compared(found, ranks[name][direction]))
            lines.append({"system": "engine", "against": name, "for": direction, "difference": gains})
    return [json.dumps(line, ensure_ascii=False) for line in lines]


def _numbers(estimates: Mapping[Measure, Estimate]) -> dict[str, tuple[float, float, float]]:
    return {measure.value: estimate.rounded() for measure, estimate in estimates.items()}


def _stop(fault: object) -> NoReturn:
    click.echo(str(fault), err=True)
    raise SystemExit(BROKEN_INPUT)
