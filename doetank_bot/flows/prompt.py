"""A prompt of the pack as a message to the room, with the members' own words in it as quotes. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest import running_experiments
from doetank_bot.domain.document import Block, Document, Paragraph, Quote, Text
from doetank_bot.domain.effect import About, Purpose, Show
from doetank_bot.domain.group import Member
from doetank_bot.domain.pack import Placeholder, Prompt, PromptKind
from doetank_bot.domain.reference import Room
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course, weekly
from doetank_bot.flows.form import placeholders
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
Quoted = dict[Placeholder, Contribution]


def post_prompt(
    prompt_id: str, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue, step: Occurrence | None = None
) -> Show:
    """Return the prompt as a message to the room; it pings the active members. `step` is the planned one, if it is.

    Raises KeyError for an unknown prompt, UserError as `course.pack_of`.
    """
    prompt = course.pack_of(stage.cycle, rules).prompts[prompt_id]
    blocks = (
        *weekly.late(step, scene, stage, catalogue),
        _head(prompt, stage, catalogue),
        *_wording(prompt, scene, rules, stage),
        *catalogue.document("prompt.how", {"prefix": rules.prefix}, stage.group.speech).blocks,
    )
    return Show(
        Room(stage.group.space),
        Document(blocks=blocks),
        mentions=tuple(member.user for member in members_asked(stage, course.today(stage.group, scene.now))),
        is_notice=False,
        about=About(Purpose.PROMPT, stage.cycle.id, prompt=prompt_id),
    )


def members_asked(stage: Stage, today: date) -> Iterator[Member]:
    """Yield who is asked on that local date."""
    quiet = {member.id for member in stage.quiet}
    yield from (member for member in stage.material.members if member.is_asked(today) and member.id not in quiet)


def _head(prompt: Prompt, stage: Stage, catalogue: Catalogue) -> Block:
    key = "prompt.think" if prompt.kind is PromptKind.THINK else "prompt.do"
    return Paragraph(lines=(catalogue.line(key, {}, stage.group.speech),))


def _wording(prompt: Prompt, scene: Scene, rules: Rules, stage: Stage) -> Iterator[Block]:
    """Yield the pack's text by paragraph. Members' words stand in it as quotes, so that an edit reaches them."""
    values = placeholders(replace(scene, cycle=stage.cycle, group=stage.group, language=stage.group.speech), rules)
    quoted = dict(_quoted(stage.material.contributions))
    for paragraph in re.split(r"\n\s*\n", prompt.ask.get(stage.group.speech)):
        lines = paragraph.strip().splitlines()
        yield Paragraph(lines=tuple(tuple(_nodes(line, values, quoted)) for line in lines))


def _nodes(line: str, values: dict[Placeholder, str], quoted: Quoted) -> Iterator[Text | Quote]:
    parts = _PLACEHOLDER.split(_without_empty(line, values, quoted))
    for text, name in zip(parts[::2], [*parts[1::2], None], strict=True):
        if text:
            yield Text(text=text)
        if name is not None:
            yield _node(Placeholder(name), values, quoted)


def _node(name: Placeholder, values: dict[Placeholder, str], quoted: Quoted) -> Text | Quote:
    one = quoted.get(name)
    if one is None:
        return Text(text=values[name])
    return Quote(number=one.number, text=one.text, source=one.source, shows_author=name is Placeholder.QUESTION)


def _without_empty(line: str, values: dict[Placeholder, str], quoted: Quoted) -> str:
    """Take away a placeholder that stands for nothing now, with the space before it."""
    for name in Placeholder:
        if name not in quoted and not values[name]:
            line = line.replace(f" {{{{{name}}}}}", "").replace(f"{{{{{name}}}}}", "")
    return line


def _quoted(contributions: Iterable[Contribution]) -> Iterator[tuple[Placeholder, Contribution]]:
    """Yield the group's latest question, and its experiment when there is just one under way."""
    shared = [one for one in contributions if one.is_for_group]
    questions = [one for one in shared if one.kind is ContributionKind.QUESTION]
    if questions:
        yield Placeholder.QUESTION, max(questions, key=lambda one: one.number)
    under_way = running_experiments(shared)
    if len(under_way) == 1:
        yield Placeholder.EXPERIMENT, under_way[0]
