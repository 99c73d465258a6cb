"""The weekly digest: which of the group's own words stand in it, and in what order. Pure."""

from doetank_bot.domain.digest.compose import compose
from doetank_bot.domain.digest.experiments import under_way as running_experiments
from doetank_bot.domain.digest.model import (
    CORRECTION,
    EXCERPT,
    MAX_WORDS,
    USUAL,
    AskNow,
    BarrierNow,
    Chosen,
    Digest,
    Edition,
    ExperimentNow,
    LessonNow,
    MinuteKind,
    MinuteLine,
    NextStep,
    QuestionNow,
)
from doetank_bot.domain.digest.sponsor import SPONSOR_EXCERPT, SponsorDigest, for_sponsor

__all__ = [
    "CORRECTION",
    "EXCERPT",
    "MAX_WORDS",
    "SPONSOR_EXCERPT",
    "USUAL",
    "AskNow",
    "BarrierNow",
    "Chosen",
    "Digest",
    "Edition",
    "ExperimentNow",
    "LessonNow",
    "MinuteKind",
    "MinuteLine",
    "NextStep",
    "QuestionNow",
    "SponsorDigest",
    "compose",
    "for_sponsor",
    "running_experiments",
]
