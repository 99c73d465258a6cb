"""`!stories`: the coach sees, in private, how each story stands; of what is not for the group only that it is there."""

from doetank_bot.commands.answer import privately
from doetank_bot.commands.lists import MAX_LINES, listed
from doetank_bot.commands.spec import Call, Command, Sources, Who
from doetank_bot.domain.contribution import Contribution, Status
from doetank_bot.domain.document import Line, Quote, Text
from doetank_bot.domain.effect import Outcome
from doetank_bot.ports import Cards

_LIMIT = 120


async def _load(_call: Call, sources: Sources) -> Cards:
    return Cards() if sources.group is None else await sources.group.stories(MAX_LINES)


def _decide(call: Call, stories: Cards) -> Outcome:
    """Show them in private, also when it was asked in the room."""
    return privately(call, listed("stories.all", call, stories, _item))


def _item(story: Contribution, call: Call) -> Line:
    state = "draft" if story.status is Status.DRAFT else story.audience.value
    said = Text(text=f"#{story.number} {call.catalogue.plain(f'stories.{state}', {}, call.scene.language)}")
    if not story.is_for_group:
        return (said,)
    quote = Quote(number=story.number, text=story.text, author=story.author_name, source=story.source, limit=_LIMIT)
    return (said, Text(text=": "), quote)


STORIES = Command(name="stories", purpose="command.stories", load=_load, decide=_decide, who=Who.MODERATOR)
