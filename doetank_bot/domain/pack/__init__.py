"""A pack (aanpak): an approach as data (`pack/1`, design.md section 4). For authors: docs/packs.md."""

from doetank_bot.domain.pack.model import Limits, Pack, PackWeeks, parse_pack
from doetank_bot.domain.pack.phase import Late, Phase, PhaseWeeks, Requires, Run, Step, Weekday, WeekTime
from doetank_bot.domain.pack.prompt import AnswerType, AskedOf, FormField, Prompt, PromptKind
from doetank_bot.domain.pack.rhythm import week_time, with_rhythm
from doetank_bot.domain.pack.weeks import weeks_per_phase
from doetank_bot.domain.pack.wording import Localized, Placeholder, fill

__all__ = [
    "AnswerType",
    "AskedOf",
    "FormField",
    "Late",
    "Limits",
    "Localized",
    "Pack",
    "PackWeeks",
    "Phase",
    "PhaseWeeks",
    "Placeholder",
    "Prompt",
    "PromptKind",
    "Requires",
    "Run",
    "Step",
    "WeekTime",
    "Weekday",
    "fill",
    "parse_pack",
    "week_time",
    "weeks_per_phase",
    "with_rhythm",
]
