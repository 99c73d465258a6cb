"""Loads the snapshot that a message is decided on. Call it with the group's lock held: lock first, then load."""

from dataclasses import dataclass, replace
from datetime import datetime

from doetank_bot.domain.reference import GroupId, MessageRef, Place, Room, SpaceRef, Thread, UserRef
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.ports import MessageReceived, Talked, Views


@dataclass(frozen=True, slots=True)
class Stage:
    """Where something was said and by whom, before anything is loaded."""

    space: SpaceRef
    user: UserRef | None = None
    thread: MessageRef | None = None
    source: MessageRef | None = None
    reply_to: MessageRef | None = None

    @classmethod
    def of(cls, message: MessageReceived | Talked) -> "Stage":
        """Return the stage of a message."""
        if isinstance(message, Talked):
            return cls(message.ref.space, message.sender, source=message.ref)
        return cls(message.ref.space, message.sender, message.thread, message.ref, message.reply_to)

    @property
    def place(self) -> Place:
        """Where an answer goes: the thread it was said in, or the main timeline."""
        return Thread(self.thread) if self.thread else Room(self.space)


async def load_scene(views: Views, stage: Stage, group_id: GroupId | None, rules: Rules, now: datetime) -> Scene:
    """Return the scene of `stage` for that group, or without a group."""
    base = Scene(now=now, place=stage.place, language=rules.language, source=stage.source, reply_to=stage.reply_to)
    if group_id is None:
        return await _without_group(views, replace(base, is_private=await _is_private(views, stage)), stage)
    standing = await views.group(group_id).standing(stage.user)
    is_private = standing.group.space != stage.space and await _is_private(views, stage)
    person = await views.person(stage.user) if is_private and stage.user else None
    return replace(
        base,
        is_private=is_private,
        person=person,
        language=person.speech(standing.group.speech) if person else standing.group.speech,
        group=standing.group,
        sender=standing.member,
        cycle=standing.cycle,
        next_number=standing.next_number,
        n_groups=1,
    )


async def _is_private(views: Views, stage: Stage) -> bool:
    space = await views.space(stage.space)
    return space is not None and space.private_with is not None


async def _without_group(views: Views, base: Scene, stage: Stage) -> Scene:
    """In private with someone who is in no group, or in several: nothing can be kept, but they get an answer."""
    if stage.user is None:
        return base
    groups, person = await views.groups_of(stage.user), await views.person(stage.user)
    first = await views.group(groups[0]).group() if groups else None
    language = person.speech(first.speech if first else base.language)
    return replace(base, language=language, n_groups=len(groups), person=person)
