"""What is said in a room that the group has left: an answer to a question from there is kept, and nothing else is done.

The old room may be closed to the bot, so all that it says and asks about it is in private.
"""

from collections.abc import Sequence

from doetank_bot.domain.effect import Ask, Effect, Params, Say
from doetank_bot.domain.group import MemberStatus
from doetank_bot.domain.reference import Private, UserRef
from doetank_bot.domain.view import Post, Rules, Scene
from doetank_bot.flows import attendance, capture, personal


def answered(text: str, post: Post, scene: Scene, rules: Rules, found: tuple[str, ...]) -> Sequence[Effect]:
    """Keep what a member answers to the prompt `post`, and say where the group goes on; nothing when it is no answer.

    `found` are the kinds of personal data that were left out.
    """
    gift = capture.given(text, post, scene, rules, found)
    member = scene.sender
    if gift is None or member is None or member.status is not MemberStatus.ACTIVE:
        return ()
    kept = capture.kept(gift, scene, rules)
    key = "access.kept_masked" if found else "access.kept"
    told = _told(member.user, key, scene, number=scene.next_number, what=personal.names(found, scene.language))
    asked = capture.first_step(gift, scene, rules).state
    return (*kept, *attendance.back(scene, kept), *told, *(() if asked is None else (Ask(member, asked),)))


def elsewhere(user: UserRef, scene: Scene) -> Sequence[Effect]:
    """Say where the group goes on, and that nothing was done with what `user` said."""
    return _told(user, "access.elsewhere", scene)


def _told(user: UserRef, key: str, scene: Scene, **params: Params) -> Sequence[Effect]:
    if scene.sender is not None and not scene.sender.may_be_written_to:
        return ()
    title = scene.cycle.title if scene.cycle else ""
    room = (scene.group.name if scene.group else "") or title
    return (Say(Private(user), key, {"room": room, **params}),)
