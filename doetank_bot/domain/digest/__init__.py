"""The weekly digest: which of the group's own words stand in it, and in what order. Pure."""

from doetank_bot.domain.digest.compose import compose
from doetank_bot.domain.digest.model import EXCERPT, MAX_WORDS, Digest, ExperimentNow, NextStep, QuestionNow

__all__ = ["EXCERPT", "MAX_WORDS", "Digest", "ExperimentNow", "NextStep", "QuestionNow", "compose"]
