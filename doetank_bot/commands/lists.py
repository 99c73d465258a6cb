"""Lists of what the group gave, and search: the newest ten a message, in the members' own words."""

from collections.abc import Awaitable, Callable, Collection

from doetank_bot.commands.answer import privately, shown
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who
from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.document import Bullets, Document, Line, Paragraph, Quote, Text
from doetank_bot.domain.effect import Outcome, Params
from doetank_bot.domain.error import UserError
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.reference import MemberId
from doetank_bot.domain.search import words_of
from doetank_bot.ports import Cards, GroupViews

MAX_LINES = 10
_LIMIT = 120

Look = Callable[[GroupViews, MemberId, Call], Awaitable[Cards]]


def _loading(look: Look) -> Callable[[Call, Sources], Awaitable[Cards]]:
    async def load(call: Call, sources: Sources) -> Cards:
        if sources.group is None or call.scene.sender is None:
            return Cards()
        return await look(sources.group, call.scene.sender.id, call)

    return load


def _cards_of(*kinds: ContributionKind) -> Callable[[Call, Sources], Awaitable[Cards]]:
    """Return the loader of cards; in the room only what everyone there may see."""

    async def look(group: GroupViews, viewer: MemberId, call: Call) -> Cards:
        return await group.cards(kinds, _viewer(viewer, call), MAX_LINES)

    return _loading(look)


async def _found(group: GroupViews, viewer: MemberId, call: Call) -> Cards:
    words = words_of(call.arguments.text("text") or "")
    if not words:
        raise UserError("lists.no_words", prefix=call.rules.prefix)
    return await group.search(words, _viewer(viewer, call), MAX_LINES)


async def _mine(group: GroupViews, viewer: MemberId, _call: Call) -> Cards:
    return await group.given_by(viewer, MAX_LINES)


def _viewer(member: MemberId, call: Call) -> MemberId:
    """Return for whom is looked: what is read in the room is read by everyone there, and nobody has number 0."""
    return member if call.scene.is_private else MemberId(0)


def _list_of(key: str) -> Callable[[Call, Cards], Outcome]:
    def decide(call: Call, cards: Cards) -> Outcome:
        return Outcome((shown(call, listed(key, call, cards, _item)),))

    return decide


def _my(call: Call, cards: Cards) -> Outcome:
    """Show what the sender gave, private things too: only ever in private."""
    return privately(call, listed("lists.my", call, cards, _mine_item))


def listed(key: str, call: Call, cards: Cards, item: Callable[[Contribution, Call], Line]) -> Document:
    """Return the list with the head `key`, an `item` for each, and how many more there are; or that there are none."""
    language, prefix = call.scene.language, call.rules.prefix
    words = excerpt(call.arguments.text("text") or "", 60)
    if not cards.shown:
        return call.catalogue.document(f"{key}_none", {"prefix": prefix, "words": words}, language)
    head = call.catalogue.line(key, {"words": words}, language)
    blocks = (Paragraph(lines=(head,)), Bullets(items=tuple(item(one, call) for one in cards.shown)))
    n_more = cards.n_all - len(cards.shown)
    if not n_more:
        return Document(blocks=blocks)
    params: dict[str, Params] = {"n": n_more, "prefix": prefix}
    more = call.catalogue.line("lists.more", params, language)
    return Document(blocks=(*blocks, Paragraph(lines=(more,))))


def _item(one: Contribution, call: Call, *, author: str | None = None) -> Line:
    name = one.author_name if author is None else author
    quote = Quote(
        number=one.number, text=one.text, author=name, shows_author=author is None, source=one.source, limit=_LIMIT
    )
    only_you = call.catalogue.plain("lists.only_you", {}, call.scene.language) if not one.is_for_group else ""
    return (Text(text=f"#{one.number} "), quote, Text(text=f" {only_you}" if only_you else ""))


def _mine_item(one: Contribution, call: Call) -> Line:
    return _item(one, call, author="")


def _list(name: str, *kinds: ContributionKind) -> Command[Cards]:
    return Command(
        name=name,
        purpose=f"command.{name}",
        load=_cards_of(*kinds),
        decide=_list_of(f"lists.{name}"),
        who=Who.MEMBER,
    )


EXPERIMENTS = _list("experiments", ContributionKind.EXPERIMENT)
BARRIERS = _list("barriers", ContributionKind.BARRIER)
ASKS = _list("asks", ContributionKind.ASK, ContributionKind.OFFER)
LESSONS = _list("lessons", ContributionKind.LESSON)
MY = Command(name="my", purpose="command.my", load=_loading(_mine), decide=_my, who=Who.MEMBER)
SEARCH = Command(
    name="search",
    purpose="command.search",
    load=_loading(_found),
    decide=_list_of("lists.search"),
    parameters=(Parameter("text", Shape.TEXT, is_required=True),),
    who=Who.MEMBER,
    example={"nl": "formulier balie", "en": "form desk"},
)
LISTS: Collection[Command[Cards]] = (EXPERIMENTS, BARRIERS, ASKS, LESSONS, MY, SEARCH)
