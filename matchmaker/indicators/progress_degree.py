"""The degrees of progress that a 成果レポート knows. Pure."""

from matchmaker.matching.terms import Term


class ProgressDegree(Term):
    """進展度 of a policy in a fiscal year, judged by people and never worked out from the figures."""

    ADVANCED = "advanced", "進んだ"
    PARTLY = "partly", "ある程度進んだ"
    LITTLE = "little", "あまり進まなかった"
    NONE = "none", "進まなかった"
