"""Questions that follow each other in one thread: the look back on an experiment, and the harvest. Pure.

The first one is a message in the room; each next one comes a working day later, or sooner when the cycle is about to
end. They ping nobody.
"""

from datetime import datetime, timedelta

from doetank_bot.domain.document import Document, Paragraph, Quote
from doetank_bot.domain.effect import About, Effect, Purpose, SetTimer, Show
from doetank_bot.domain.pack import Pack, fill
from doetank_bot.domain.reference import MessageRef, Place, Room, Thread
from doetank_bot.domain.schedule import Run, next_working_day, to_local, to_utc
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.consequence import LOOK_AT
from doetank_bot.flows.form import placeholders
from doetank_bot.flows.reminder import reminder
from doetank_bot.flows.stage import Stage
from doetank_bot.text.catalogue import Catalogue

_BEFORE_THE_END = timedelta(hours=2)
_AT_ONCE = timedelta(minutes=30)


def review(number: int, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> tuple[Effect, ...]:
    """Return the first question about experiment `number`, as a message to the room; empty without one in the pack."""
    pack = course.pack_of(stage.cycle, rules)
    if pack.review is None:
        return ()
    return _asked(pack.review, Room(stage.group.space), number, scene, rules, stage, catalogue)


def following(
    prompt: str, root: MessageRef, number: int | None, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue
) -> tuple[Effect, ...]:
    """Return the next question of a series, in its thread."""
    return _asked(prompt, Thread(root), number, scene, rules, stage, catalogue)


def next_of(
    prompt: str, number: int | None, scene: Scene, rules: Rules, stage: Stage, *, first: str
) -> tuple[Effect, ...]:
    """Return the reminder that asks what follows `prompt`; empty when it is the last. `first` began the series."""
    then = course.pack_of(stage.cycle, rules).prompts[prompt].then
    if then is None:
        return ()
    where = Scene(scene.now, Room(stage.group.space), stage.group.speech, group=stage.group, cycle=stage.cycle)
    key = f"series.{first}" if number is None else f"series.{first}.{number}"
    at = _when(scene.now, rules, stage)
    return (SetTimer(reminder(key, Run.SERIES, at, where, number=number, prompts=(first, then))),)


def names(pack: Pack) -> frozenset[str]:
    """Return the prompts that follow another, or begin a look back."""
    then = {prompt.then for prompt in pack.prompts.values() if prompt.then is not None}
    return frozenset(then | ({pack.review} if pack.review else set()))


def _asked(
    prompt_id: str,
    to: Place,
    number: int | None,
    scene: Scene,
    rules: Rules,
    stage: Stage,
    catalogue: Catalogue,
) -> tuple[Effect, ...]:
    pack = course.pack_of(stage.cycle, rules)
    language = stage.group.speech
    where = Scene(scene.now, to, language, group=stage.group, cycle=stage.cycle)
    ask = fill(pack.prompts[prompt_id].ask.get(language), placeholders(where, rules))
    is_first = isinstance(to, Room)
    blocks = catalogue.document("series.first" if is_first else "series.next", {"ask": ask}, language).blocks
    if is_first and number is not None:
        quote = Quote(number=number, text="", shows_author=False)
        blocks = (Paragraph(lines=(catalogue.line("series.about", {"experiment": quote}, language),)), *blocks)
    about = About(Purpose.PROMPT, stage.cycle.id, prompt=prompt_id)
    post = Show(to, Document(blocks=blocks), is_notice=False, about=about)
    first = prompt_id if is_first else _first(pack, prompt_id)
    return (post, *next_of(prompt_id, number, scene, rules, stage, first=first))


def _first(pack: Pack, prompt_id: str) -> str:
    before = {prompt.then: name for name, prompt in pack.prompts.items() if prompt.then}
    while prompt_id in before:
        prompt_id = before[prompt_id]
    return prompt_id


def _when(now: datetime, rules: Rules, stage: Stage) -> datetime:
    """Return the next working day at ten; earlier when the cycle would be over by then."""
    calendar = course.calendar_of(stage.group, rules)
    tomorrow = to_local(now, stage.group.timezone).date() + timedelta(days=1)
    day = tomorrow if calendar.is_working(tomorrow) else next_working_day(tomorrow, calendar)
    at = to_utc(datetime.combine(day, LOOK_AT), stage.group.timezone)
    over = max((one.due_at for one in stage.waiting), default=at + _BEFORE_THE_END)
    return min(at, max(over - _BEFORE_THE_END, now + _AT_ONCE))
