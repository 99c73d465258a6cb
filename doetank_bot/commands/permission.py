"""Whether a command may be carried out here, now, by this person. Pure."""

from datetime import datetime, timedelta

from doetank_bot.commands.spec import AnyCommand, Arguments, Who
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import MemberStatus
from doetank_bot.domain.view import Rules, Scene

MAX_WAIT = timedelta(minutes=10)
"""A command that waited longer (an outage) is not carried out: by now it may be wrong (design.md section 3)."""


def admit(command: AnyCommand, arguments: Arguments, scene: Scene, rules: Rules, said_at: datetime) -> None:
    """Do nothing when the command may be carried out.

    Raises UserError: it waited too long, has no group here, belongs in the room, or is not for this person.
    """
    if not command.keeps and scene.now - said_at > MAX_WAIT:
        raise UserError("error.waited", said_at=said_at)
    if command.needs_group and scene.group is None:
        raise UserError("error.which_group" if scene.n_groups > 1 else "error.no_group", prefix=rules.prefix)
    if command.needs_room and scene.is_private:
        raise UserError("error.in_room")
    if command.needs_group and scene.is_private and not is_member(scene):
        raise UserError("error.members_only")
    _check_person(command.who_may(arguments), scene, rules)


def may_moderate(scene: Scene, rules: Rules) -> bool:
    """Whether the sender moderates: the homeserver said so, or the operator's settings do. Unknown is no."""
    is_configured = scene.sender is not None and scene.sender.user.native in rules.moderators
    return scene.is_moderator is True or is_configured


def _check_person(who: Who, scene: Scene, rules: Rules) -> None:
    if who is Who.MODERATOR and not may_moderate(scene, rules):
        raise UserError("error.moderators_only")
    if who is not Who.EVERYONE and not is_member(scene):
        raise UserError("error.members_only")


def is_member(scene: Scene) -> bool:
    """Whether the sender is in the group: its sponsor is not, and reads nothing but what is sent to them."""
    return scene.sender is not None and scene.sender.status is MemberStatus.ACTIVE
