"""Seeded synthetic registries: proposals and interests with every field filled, recombined from ``vocabulary``.

The first records of a large registry are those of a small one with the same seed. A record is about as long as real
ones are (a proposal 238 characters, an interest 179), and speaks about one or two subjects out of many.
"""

import csv
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from matchmaker.matching.facts import InterestFacts, Need, Offer, Place, ProposalFacts, Refusals
from matchmaker.matching.meaning import DIMENSIONS, Vectors
from matchmaker.matching.terms import ActivityField, LegalForm, Prefecture, ResourceKind, Theme, Unit
from matchmaker.matching.vocabulary import neighbours
from tests.bench import vocabulary as words

MUNICIPALITIES = Path(__file__).parents[2] / "seeds" / "municipalities.csv"
TODAY = date(2026, 11, 1)
NEAR = sorted(neighbours()[Prefecture.MIE])
ELSEWHERE = [prefecture for prefecture in Prefecture if prefecture is not Prefecture.MIE]

MISSIONS = (
    "{people}が安心して暮らせる{spot}をめざし、{act}を続けている。",
    "{act}を通じて、{people}と地域をつなぐ。",
    "{trouble}をなくすため、{spot}で{act}に取り組む団体。",
    "{people}の声から始まり、{thing}を生かした{act}を行う。",
    "{spot}に拠点を置き、{people}とともに{act}を育てる。",
    "誰もが{thing}に親しめるよう、{act}と{act}を行っている。",
)
TITLES = (
    "{people}のための{act}を{spot}で始める",
    "{thing}を生かした{act}の輪を広げる",
    "{trouble}に向き合う{act}",
    "{spot}の{thing}を次の世代へ",
    "企業と進める{people}の{act}",
    "{thing}がつなぐ{people}と企業",
    "{act}で{trouble}を減らす",
)
PROBLEMS = (
    "{spot}では{trouble}が続き、{people}が取り残されている。",
    "{people}の多くが{trouble}に悩み、{thing}も足りていない。",
    "{trouble}は{count}年前から目立ち始め、{trouble}とも重なる。",
    "昨年{count}人の{people}に聞くと、{trouble}を挙げる声が最多だった。",
    "{thing}はあるのに使い手が減り、{trouble}が深まった。",
    "窓口の制度だけでは{trouble}に届かず、{people}は行き場を失う。",
    "{people}にとって{thing}は欠かせないが、{trouble}で手に入りにくい。",
    "専門家は{trouble}の背景に{trouble}があると指摘する。",
    "台風の被害から{few}年、{thing}はまだ元に戻らない。",
    "{act}を望む家庭は{count}世帯、受け皿はわずか{few}か所である。",
)
PLANS = (
    "{spot}に{thing}を置き、{act}を月{few}回開く。",
    "{people}とともに{act}と{act}を進め、{thing}も整える。",
    "{thing}を使った{act}を試行し、{few}か所に広げたい。",
    "{count}人の{people}が加われる{act}の場をつくる。",
    "{business}と組み、{thing}の提供と{act}の担い手を募る。",
    "小学校や自治会と連携し、{act}の手引きをまとめる。",
    "初年度は{act}、翌年は{act}へと段階を踏む。",
    "週末に{act}を催し、{people}が運営の中心を務める。",
    "古い{thing}を直し、{means}と合わせて活用する。",
    "参加費は無料、送迎つきで{act}を届ける。",
    "{act}の様子を動画に収め、遠くの{people}にも見てもらう。",
    "大学のゼミが調査を受け持ち、{trouble}の変化を測る。",
)
HOPES = (
    "{few}年後には{people}が自ら{act}を担う姿を描く。",
    "{trouble}が和らぎ、{spot}に笑顔が増えることを願う。",
    "{thing}をともに磨く会社を求めている。",
    "成果は冊子にして、ほかの土地でも{act}ができるようにする。",
    "{people}と社員が顔を合わせる機会にもなる。",
    "商品化まで見据え、{product}の専門家にも知恵を借りたい。",
    "小さく始め、{trouble}が減ったかを毎季ふりかえる。",
)
BENEFICIARIES = ("{people} {count}人", "{spot}の{people}", "{people}と{people}", "県内の{people} {count}世帯")
PROFILES = (
    "{spot}に本社を置く{business}。{product}と{product}を主に手がける。",
    "{product}を全国に届ける{business}で、{town}に工場を持つ。",
    "創業{count}年の{business}。{product}に強みがあり、{town}の取引先が多い。",
    "{product}や{product}を扱う{business}。社員{count}人のうち{spot}の出身者が半数を占める。",
    "{business}として{town}の暮らしを支え、{product}の品質に定評がある。",
    "祖父の代から{spot}で営む{business}。{product}は県外からも注文が入る。",
    "{product}の開発で知られる{business}の地元支店。{means}も備える。",
    "{count}年前に独立した{business}。若手が{product}を担い、売上は右肩上がり。",
    "海沿いと山あいに{few}つの拠点がある{business}。主力は{product}、近年は{product}も伸びた。",
    "{product}専業だったが{product}へ広げた{business}。",
)
POLICIES = (
    "{people}の力になりたいと考え、{act}に協力してきた。",
    "{thing}や{means}を生かし、{trouble}の解決に役立ちたい。",
    "勤務扱いで{act}に出られる制度を{few}年前に設けた。",
    "{means}を開放し、{people}との交流を大切にしている。",
    "本業に近い{act}を、NPOと二人三脚で育てる方針。",
    "{trouble}を身近な課題と受け止め、{means}の提供を検討中。",
    "次は{spot}で{act}を応援したい。",
    "{product}の知見を{thing}に役立てる道を探る。",
    "毎年秋に{act}を催し、家族連れ{count}人を迎える。",
    "取締役会で{trouble}への取り組みを重点に選んだ。",
    "{people}から届いた手紙をきっかけに{thing}を贈った。",
    "単発の寄付より、{means}による長いお付き合いを望む。",
    "労働組合も{act}の募金に加わる。",
    "同業他社と組んで{thing}を整備した実績あり。",
    "{people}を招いた勉強会では{trouble}が話題に上った。",
    "人手は割けないものの、{means}なら喜んで差し出す。",
    "新卒の研修に{act}を取り入れ、好評を得た。",
    "環境報告書では{thing}の活用を掲げる。",
)
NEED_DETAILS = ("{act}のための{offered}", "{offered}", "{thing}をそろえる{offered}", "{purpose}使える{offered}")
OFFER_DETAILS = ("{purpose}{offered}", "{offered}", "{means}と{offered}")


@dataclass(frozen=True, slots=True)
class Registry:
    """Both sides of a synthetic registry."""

    proposals: tuple[ProposalFacts, ...]
    interests: tuple[InterestFacts, ...]


def synthetic_registry(proposals: int, interests: int, seed: int = 1) -> Registry:
    """Return that many records of each side; the same numbers and seed give the same records on every machine."""
    mine, theirs = random.Random(f"proposals {seed}"), random.Random(f"interests {seed}")
    return Registry(
        tuple(_proposal(f"P{number:06d}", mine) for number in range(1, proposals + 1)),
        tuple(_interest(f"I{number:06d}", theirs) for number in range(1, interests + 1)),
    )


class RandomEncoder:
    """A stand-in as cheap as reading a stored vector: to each text a random unit vector, always the same one.

    The vectors carry no meaning, so what they add to a score is noise; only their shape and their handling are real.
    """

    version = "random-unit/1"

    def __init__(self) -> None:
        rows = np.random.default_rng(1).standard_normal((1024, DIMENSIONS), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        # Written twice side by side, so that every turned row is a slice.
        self._turned = np.concatenate([rows, rows], axis=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return an array (texts, DIMENSIONS)."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for number, text in enumerate(texts):
            digest = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest())
            row, start = digest % len(self._turned), digest // len(self._turned) % DIMENSIONS
            vectors[number] = self._turned[row, start : start + DIMENSIONS]
        return vectors


class _Choice:
    """Draws words for the fields of a template; every field is drawn anew."""

    def __init__(self, draw: random.Random, town: str) -> None:
        self._draw = draw
        self._town = town
        main, second = draw.choice(words.SUBJECTS), draw.choice(words.SUBJECTS)
        self.subjects = (main, second)
        self.business = draw.choice(words.BUSINESSES)
        self.offered = ""

    def fill(self, templates: Sequence[str]) -> str:
        return self._draw.choice(templates).format_map(self)

    def __getitem__(self, name: str) -> str:
        draw = self._draw
        subject = self.subjects[draw.random() < 0.25]
        match name:
            case "people":
                return draw.choice(subject.people)
            case "thing":
                return draw.choice(subject.things)
            case "act":
                return draw.choice(subject.acts)
            case "trouble":
                return draw.choice(subject.troubles)
            case "business":
                return draw.choice(self.business.kinds)
            case "product":
                return draw.choice(self.business.products)
            case "means":
                return draw.choice(self.business.means)
            case "purpose":
                return draw.choice(words.PURPOSES)
            case "offered":
                return self.offered
            case "town":
                return self._town
            case "spot":
                return self._spot()
            case "count":
                return str(draw.choice((8, 12, 20, 30, 45, 60, 80, 100, 150, 200)))
            case "few":
                return str(draw.randint(2, 9))
        raise KeyError(name)

    def _spot(self) -> str:
        draw = self._draw
        name = draw.choice(words.FIRST_SYLLABLES) + draw.choice(words.LAST_SYLLABLES)
        return self._town + name + draw.choice(words.KINDS_OF_PLACE) if draw.random() < 0.3 else self._town


def _proposal(record_id: str, draw: random.Random) -> ProposalFacts:
    home = _home(draw)
    choice = _Choice(draw, home.name or "県内")
    starts_on = TODAY + timedelta(days=draw.randint(30, 200))
    return ProposalFacts(
        id=record_id,
        title=choice.fill(TITLES),
        mission=choice.fill(MISSIONS),
        summary=choice.fill(PROBLEMS) + choice.fill(PLANS) + choice.fill(PLANS) + choice.fill(HOPES),
        beneficiaries=choice.fill(BENEFICIARIES),
        fields=frozenset({subject.field for subject in choice.subjects}),
        places=(home, *(_home(draw) for _ in range(draw.random() < 0.3))),
        needs=tuple(Need(*one) for one in _items(draw, choice, NEED_DETAILS)),
        legal_form=draw.choice((LegalForm.NPO, LegalForm.NPO, LegalForm.CERTIFIED_NPO, LegalForm.CIVIC)),
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=365),
        open_until=TODAY + timedelta(days=draw.randint(10, 300)),
    )


def _interest(record_id: str, draw: random.Random) -> InterestFacts:
    home = _home(draw)
    choice = _Choice(draw, home.name or "県内")
    themes = {subject.theme for subject in choice.subjects}
    if draw.random() < 0.3:
        themes.add(draw.choice(list(Theme)))
    return InterestFacts(
        id=record_id,
        profile=choice.fill(PROFILES) + "".join(choice.fill(POLICIES) for _ in range(draw.randint(2, 4))),
        industry=choice.business.industry,
        themes=frozenset(themes),
        headquarters=home,
        regions=tuple(dict.fromkeys(_served(draw, home) for _ in range(draw.randint(1, 3)))),
        offers=tuple(Offer(*one) for one in _items(draw, choice, OFFER_DETAILS)),
        refusals=_refusals(draw),
        valid_until=TODAY + timedelta(days=draw.randint(30, 700)),
    )


def _items(draw: random.Random, choice: _Choice, templates: Sequence[str]) -> list[tuple[ResourceKind, str, int, Unit]]:
    items = []
    for kind in draw.sample(list(ResourceKind), draw.randint(2, 4)):
        details, unit, amounts = words.OFFERED[kind]
        choice.offered = draw.choice(details)
        items.append((kind, choice.fill(templates), draw.choice(amounts), unit))
    return items


def _refusals(draw: random.Random) -> Refusals:
    if draw.random() < 0.8:
        return Refusals()
    return Refusals(
        fields=frozenset(draw.sample(list(ActivityField), 2)),
        legal_forms=frozenset({draw.choice(list(LegalForm))}),
        resource_kinds=frozenset({draw.choice(list(ResourceKind))}),
        outside_regions=draw.random() < 0.5,
    )


def _home(draw: random.Random) -> Place:
    """A municipality of Mie for most, of a neighbouring prefecture for some, anywhere for the rest."""
    chance = draw.random()
    if chance < 0.6:
        return draw.choice(_municipalities())
    prefecture = draw.choice(NEAR if chance < 0.8 else ELSEWHERE)
    name = draw.choice(words.FIRST_SYLLABLES) + draw.choice(words.LAST_SYLLABLES) + "市"
    return Place(prefecture=prefecture, municipality=name, name=name)


def _served(draw: random.Random, home: Place) -> Place:
    """Where a company takes something up: the country, its prefecture, its region, or one municipality more."""
    chance = draw.random()
    if chance < 0.15:
        return Place()
    if chance < 0.5:
        return Place(prefecture=home.prefecture)
    if chance < 0.7:
        return Place(prefecture=home.prefecture, region=home.region)
    return _home(draw)


@cache
def _municipalities() -> tuple[Place, ...]:
    with MUNICIPALITIES.open(encoding="utf-8") as file:
        return tuple(
            Place(Prefecture.MIE, row["region"], row["area"], row["local_government_code"], row["name"])
            for row in csv.DictReader(file)
        )
