"""What an edit moves along with the words: the day a plan comes back, a look-date, to whom an ask goes. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.effect import Effect
from doetank_bot.domain.pack import FormField
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import consequence
from doetank_bot.flows.form import chosen, today
from doetank_bot.flows.value import stored, value_of


@dataclass(frozen=True, slots=True)
class Edited:
    """What was edited, the card that it answers something about, and the keys of the reminders that still wait."""

    one: Contribution
    card: Contribution | None = None
    waiting: Collection[str] = ()


def words(edited: Edited, text: str, scene: Scene, rules: Rules) -> str:
    """Return an edited answer as it is kept: a choice by its name, a day as a date, all else verbatim."""
    pack = rules.packs.get(scene.cycle.pack) if scene.cycle else None
    if pack is not None and pack.checkin is not None and edited.one.kind is ContributionKind.CHECKIN:
        choices = pack.prompts[pack.checkin].choices or {}
        name = chosen(choices, text)
        return choices[name].get(scene.language) if name else text
    return stored(_field(edited, scene, rules), text, today(scene), scene.language)


def moved(edited: Edited, text: str, scene: Scene, rules: Rules) -> tuple[Effect, ...]:
    """Return what follows from the new words, where the old ones led to nothing yet. The scene's sender edited it."""
    one, card = edited.one, edited.card
    if scene.cycle is None or one.cycle != scene.cycle.id:
        return ()
    if f"plan.{one.number}" in edited.waiting:
        return consequence.of_gift(one.kind, text, one.number, scene, rules)
    field = _field(edited, scene, rules)
    if card is None or field is None or (field.field == "look_on" and f"look.{card.number}" not in edited.waiting):
        return ()
    value = value_of(field, text, today(scene))
    return consequence.of_field(card.kind.value, field, value, card.number, one.audience, scene, rules)


def _field(edited: Edited, scene: Scene, rules: Rules) -> FormField | None:
    pack = rules.packs.get(scene.cycle.pack) if scene.cycle else None
    if pack is None or edited.card is None or edited.one.field is None:
        return None
    fields = pack.forms.get(edited.card.kind.value, ())
    return next((field for field in fields if field.field == edited.one.field), None)
