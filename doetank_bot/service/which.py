"""Which group someone in several groups means, in private: asked each time they give something. Pure.

What waits for the answer is remembered by its message alone, and read from the chat again: no words are kept for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from doetank_bot.domain.effect import Effect, Say, StorePerson
from doetank_bot.domain.group import Group, Person
from doetank_bot.domain.reference import GroupId, MessageRef
from doetank_bot.domain.view import Scene


@dataclass(frozen=True, slots=True)
class Picked:
    """The group that was chosen for the message that waited."""

    group: GroupId
    waiting: str


def picked(text: str, person: Person, groups: Sequence[Group]) -> Picked | None:
    """Return the choice that `text` is, by number or name, when a message waits for one."""
    if person.waiting is None:
        return None
    bare = text.strip(" .!").casefold()
    for number, group in enumerate(groups, start=1):
        if bare in {str(number), group.name.casefold()} - {""}:
            return Picked(group.id, person.waiting)
    return None


def ask(scene: Scene, person: Person, groups: Sequence[Group], source: MessageRef) -> tuple[Effect, ...]:
    """Return the question, and the effect that lets `source` wait for the answer."""
    choices = " · ".join(f"{number} {group.name or '?'}" for number, group in enumerate(groups, start=1))
    asked = Say(scene.place, "which.ask", {"choices": choices}, reply_to=source)
    return (StorePerson(replace(person, waiting=source.native)), asked)


def chosen(person: Person, group: Group, scene: Scene) -> tuple[Effect, ...]:
    """Return the line that says for which group the message is taken, and the effect that nothing waits any more."""
    said = Say(scene.place, "which.chosen", {"group": group.name}, reply_to=scene.source)
    return (StorePerson(replace(person, waiting=None, group=group.id)), said)
