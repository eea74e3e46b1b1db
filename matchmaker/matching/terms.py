"""The closed vocabularies that proposals, interests and scoring share.

Codes are stored and sent; labels are shown and are the official Japanese wording.

Sources: 特定非営利活動促進法 別表 (the 20 activity fields); 日本標準産業分類 令和5年7月改定 (industries);
JIS X 0401 (prefectures); 国連 持続可能な開発目標 (SDGs). Themes, resource kinds and units are the product's own.
"""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A code with its Japanese label.

    >>> ActivityField.ENVIRONMENT.label
    '環境の保全を図る活動'
    >>> ActivityField("environment") is ActivityField.from_label("環境の保全を図る活動")
    True
    >>> ActivityField.from_label("ない活動")
    Traceback (most recent call last):
    ...
    ValueError: 'ない活動' is not a label of ActivityField
    """

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        term = str.__new__(cls, value)
        term._value_ = value
        term.label = label
        return term

    @classmethod
    def from_label(cls, label: str) -> Self:
        """Return the term with this label. Errors: ValueError when there is none."""
        for term in cls:
            if term.label == label:
                return term
        raise ValueError(f"{label!r} is not a label of {cls.__name__}")


class ActivityField(Term):
    """The 20 fields of the NPO law; the law's order."""

    HEALTH_WELFARE = "health-welfare", "保健、医療又は福祉の増進を図る活動"
    SOCIAL_EDUCATION = "social-education", "社会教育の推進を図る活動"
    TOWN_PLANNING = "town-planning", "まちづくりの推進を図る活動"
    TOURISM = "tourism", "観光の振興を図る活動"
    RURAL = "rural", "農山漁村又は中山間地域の振興を図る活動"
    CULTURE_SPORTS = "culture-sports", "学術、文化、芸術又はスポーツの振興を図る活動"
    ENVIRONMENT = "environment", "環境の保全を図る活動"
    DISASTER_RELIEF = "disaster-relief", "災害救援活動"
    COMMUNITY_SAFETY = "community-safety", "地域安全活動"
    HUMAN_RIGHTS = "human-rights", "人権の擁護又は平和の推進を図る活動"
    INTERNATIONAL = "international", "国際協力の活動"
    GENDER_EQUALITY = "gender-equality", "男女共同参画社会の形成の促進を図る活動"
    CHILDREN = "children", "子どもの健全育成を図る活動"
    INFORMATION_SOCIETY = "information-society", "情報化社会の発展を図る活動"
    SCIENCE = "science", "科学技術の振興を図る活動"
    ECONOMY = "economy", "経済活動の活性化を図る活動"
    EMPLOYMENT = "employment", "職業能力の開発又は雇用機会の拡充を支援する活動"
    CONSUMER = "consumer", "消費者の保護を図る活動"
    NPO_SUPPORT = "npo-support", "前各号に掲げる活動を行う団体の運営又は活動に関する連絡、助言又は援助の活動"
    ORDINANCE = "ordinance", "前各号に掲げる活動に準ずる活動として都道府県又は指定都市の条例で定める活動"


class Theme(Term):
    """What companies call their social themes."""

    COMMUNITY = "community", "地域活性化"
    EDUCATION = "education", "次世代育成・教育"
    ENVIRONMENT = "environment", "環境"
    WELFARE = "welfare", "福祉・共生"
    DIVERSITY = "diversity", "女性・多様性"
    FOOD = "food", "食と農"
    CULTURE_SPORTS = "culture-sports", "文化・スポーツ"
    SAFETY = "safety", "安全・安心"
    DISASTER = "disaster", "防災・復興"
    HEALTH = "health", "健康"
    EMPLOYMENT = "employment", "就労支援"
    DIGITAL = "digital", "デジタル"
    INTERNATIONAL = "international", "国際"


class ResourceKind(Term):
    """What a proposal needs and what an interest offers."""

    MONEY = "money", "資金"
    PEOPLE = "people", "人材・専門技能"
    EXPERTISE = "expertise", "技術・ノウハウ"
    GOODS = "goods", "物品"
    PLACE = "place", "場所・施設"
    PUBLICITY = "publicity", "広報・発信"
    NETWORK = "network", "情報・ネットワーク"


class Unit(Term):
    """What an amount counts."""

    YEN = "yen", "円"
    PEOPLE = "people", "人"
    HOURS = "hours", "時間"
    DAYS = "days", "日"
    TIMES = "times", "回"
    ITEMS = "items", "個"


class Industry(Term):
    """Major divisions of the Japan Standard Industrial Classification."""

    AGRICULTURE = "A", "農業、林業"
    FISHERIES = "B", "漁業"
    MINING = "C", "鉱業、採石業、砂利採取業"
    CONSTRUCTION = "D", "建設業"
    MANUFACTURING = "E", "製造業"
    UTILITIES = "F", "電気・ガス・熱供給・水道業"
    INFORMATION = "G", "情報通信業"
    TRANSPORT = "H", "運輸業、郵便業"
    TRADE = "I", "卸売業、小売業"
    FINANCE = "J", "金融業、保険業"
    REAL_ESTATE = "K", "不動産業、物品賃貸業"
    PROFESSIONAL = "L", "学術研究、専門・技術サービス業"
    HOSPITALITY = "M", "宿泊業、飲食サービス業"
    LIFESTYLE = "N", "生活関連サービス業、娯楽業"
    EDUCATION = "O", "教育、学習支援業"
    HEALTHCARE = "P", "医療、福祉"
    COMPOUND = "Q", "複合サービス事業"
    OTHER_SERVICES = "R", "サービス業（他に分類されないもの）"
    GOVERNMENT = "S", "公務（他に分類されるものを除く）"
    UNCLASSIFIED = "T", "分類不能の産業"


class LegalForm(Term):
    """What an organisation is in law; ``CIVIC`` also stands for a group without a legal person."""

    NPO = "npo", "NPO法人"
    CERTIFIED_NPO = "certified-npo", "認定NPO法人"
    SPECIAL_CERTIFIED_NPO = "special-certified-npo", "特例認定NPO法人"
    GENERAL_ASSOCIATION = "general-association", "一般社団法人"
    GENERAL_FOUNDATION = "general-foundation", "一般財団法人"
    PUBLIC_ASSOCIATION = "public-association", "公益社団法人"
    PUBLIC_FOUNDATION = "public-foundation", "公益財団法人"
    SOCIAL_WELFARE = "social-welfare", "社会福祉法人"
    SCHOOL = "school", "学校法人"
    CIVIC = "civic", "任意団体"
    COMMITTEE = "committee", "実行委員会・協議会"
    NEIGHBOURHOOD = "neighbourhood", "自治会・住民自治協議会"
    COOPERATIVE = "cooperative", "協同組合"
    COMPANY = "company", "会社"
    SOLE_PROPRIETOR = "sole-proprietor", "個人事業主"
    ECONOMIC_BODY = "economic-body", "経済団体"
    UNIVERSITY = "university", "大学"
    OTHER = "other", "その他"


class Sdg(Term):
    """The 17 Sustainable Development Goals."""

    NO_POVERTY = "1", "貧困をなくそう"
    ZERO_HUNGER = "2", "飢餓をゼロに"
    HEALTH = "3", "すべての人に健康と福祉を"
    EDUCATION = "4", "質の高い教育をみんなに"
    GENDER = "5", "ジェンダー平等を実現しよう"
    WATER = "6", "安全な水とトイレを世界中に"
    ENERGY = "7", "エネルギーをみんなに そしてクリーンに"
    WORK = "8", "働きがいも経済成長も"
    INDUSTRY = "9", "産業と技術革新の基盤をつくろう"
    INEQUALITY = "10", "人や国の不平等をなくそう"
    CITIES = "11", "住み続けられるまちづくりを"
    RESPONSIBLE = "12", "つくる責任 つかう責任"
    CLIMATE = "13", "気候変動に具体的な対策を"
    OCEAN = "14", "海の豊かさを守ろう"
    LAND = "15", "陸の豊かさも守ろう"
    PEACE = "16", "平和と公正をすべての人に"
    PARTNERSHIP = "17", "パートナーシップで目標を達成しよう"


class Prefecture(Term):
    """JIS X 0401 codes."""

    HOKKAIDO = "01", "北海道"
    AOMORI = "02", "青森県"
    IWATE = "03", "岩手県"
    MIYAGI = "04", "宮城県"
    AKITA = "05", "秋田県"
    YAMAGATA = "06", "山形県"
    FUKUSHIMA = "07", "福島県"
    IBARAKI = "08", "茨城県"
    TOCHIGI = "09", "栃木県"
    GUNMA = "10", "群馬県"
    SAITAMA = "11", "埼玉県"
    CHIBA = "12", "千葉県"
    TOKYO = "13", "東京都"
    KANAGAWA = "14", "神奈川県"
    NIIGATA = "15", "新潟県"
    TOYAMA = "16", "富山県"
    ISHIKAWA = "17", "石川県"
    FUKUI = "18", "福井県"
    YAMANASHI = "19", "山梨県"
    NAGANO = "20", "長野県"
    GIFU = "21", "岐阜県"
    SHIZUOKA = "22", "静岡県"
    AICHI = "23", "愛知県"
    MIE = "24", "三重県"
    SHIGA = "25", "滋賀県"
    KYOTO = "26", "京都府"
    OSAKA = "27", "大阪府"
    HYOGO = "28", "兵庫県"
    NARA = "29", "奈良県"
    WAKAYAMA = "30", "和歌山県"
    TOTTORI = "31", "鳥取県"
    SHIMANE = "32", "島根県"
    OKAYAMA = "33", "岡山県"
    HIROSHIMA = "34", "広島県"
    YAMAGUCHI = "35", "山口県"
    TOKUSHIMA = "36", "徳島県"
    KAGAWA = "37", "香川県"
    EHIME = "38", "愛媛県"
    KOCHI = "39", "高知県"
    FUKUOKA = "40", "福岡県"
    SAGA = "41", "佐賀県"
    NAGASAKI = "42", "長崎県"
    KUMAMOTO = "43", "熊本県"
    OITA = "44", "大分県"
    MIYAZAKI = "45", "宮崎県"
    KAGOSHIMA = "46", "鹿児島県"
    OKINAWA = "47", "沖縄県"
