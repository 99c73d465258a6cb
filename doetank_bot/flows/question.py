"""What the pack asks someone in private, one question at a time; the answers are for their own eyes.

asking question 0 --answer, skip--> question 1 --…--> done          later: it comes back    stop: done
     ^----back----'
"""

from typing import Literal

from doetank_bot.domain.contribution import Audience
from doetank_bot.domain.document import Quote
from doetank_bot.domain.effect import Effect, Params, Say
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.hygiene import is_blank
from doetank_bot.domain.pack import Prompt, fill
from doetank_bot.domain.reference import CycleId
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import stuck
from doetank_bot.flows.capture import Gift, recorded
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.form import choices, chosen, placeholders, say
from doetank_bot.flows.stuck import StuckState
from doetank_bot.text.words import WordTable

STUCK = "stuck"
"""The choice of a check-in that opens the ways out."""
_AFTER = {"done": "question.done", "busy": "question.busy", "not_now": "question.not_now"}


class QuestionState(FlowState):
    """Prompt `index` of `prompts` (ids in `pack`) is being asked; `about` is the plan whose cue has come."""

    kind: Literal["question"] = "question"
    pack: str
    prompts: tuple[str, ...]
    index: int = 0
    cycle: int | None = None
    about: int | None = None

    def is_about(self, number: int) -> bool:
        """Whether it asks how that plan goes."""
        return self.about == number


def begin(state: QuestionState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Ask the question that `state` stands at; over when the pack no longer has it."""
    prompt = _prompt(state, rules)
    if prompt is None:
        return Step(None)
    return Step(state, (_ask(state, prompt, scene, rules),))


def advance(state: QuestionState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Take an answer, or a control word, and ask what comes next."""
    prompt = _prompt(state, rules)
    asked = Control.HELP if is_blank(said.text) else control(said.text, words)
    match asked:
        case _ if prompt is None:
            return Step(None, (say(scene, rules, "flow.over"),))
        case Control.SKIP:
            return _next(state, (), scene, rules, words)
        case Control.BACK:
            return begin(state.model_copy(update={"index": max(state.index - 1, 0)}), scene, rules, words)
        case Control.HELP:
            return Step(state, (say(scene, rules, "question.help"), _ask(state, prompt, scene, rules)))
        case Control.STOP:
            return Step(None, (say(scene, rules, "flow.stopped"),))
    return _answered(state, prompt, said, scene, rules, words)


def _answered(state: QuestionState, prompt: Prompt, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    choice = chosen(prompt.choices, said.text) if prompt.choices else None
    if prompt.choices and choice is None:
        return Step(state, (say(scene, rules, "flow.no_choice", **choices(prompt.choices, scene)),))
    if scene.sender is None or scene.source is None:
        return Step(None)
    text = prompt.choices[choice].get(scene.language) if prompt.choices and choice else said.text
    cycle = None if state.cycle is None else CycleId(state.cycle)
    gift = Gift(prompt.becomes, text, scene.sender.id, scene.source, cycle, Audience.PRIVATE)
    kept: tuple[Effect, ...] = (recorded(gift, scene),)
    if said.found:
        kept = (*kept, say(scene, rules, "capture.kept_masked"))
    if choice == STUCK:
        return stuck.follow(StuckState(cycle=state.cycle), kept, scene, rules)
    return _next(state, kept, scene, rules, words, after=_AFTER.get(choice or "", "question.kept"))


def _next(
    state: QuestionState,
    kept: tuple[Effect, ...],
    scene: Scene,
    rules: Rules,
    words: WordTable,
    after: str = "question.over",
) -> Step:
    step = begin(state.model_copy(update={"index": state.index + 1}), scene, rules, words)
    if step.state is None:
        return Step(None, (*kept, say(scene, rules, after)))
    return Step(step.state, (*kept, *step.effects))


def _prompt(state: QuestionState, rules: Rules) -> Prompt | None:
    pack = rules.packs.get(state.pack)
    return pack.prompts.get(state.prompts[state.index]) if pack and state.index < len(state.prompts) else None


def _ask(state: QuestionState, prompt: Prompt, scene: Scene, rules: Rules) -> Say:
    """Return the question; a check-in repeats the plan it is about, in the words as they are when it is said."""
    values: dict[str, Params] = {"ask": fill(prompt.ask.get(scene.language), placeholders(scene, rules))}
    if state.about is not None:
        values["plan"] = Quote(number=state.about, text="", shows_author=False)
    if prompt.choices is not None:
        values |= choices(prompt.choices, scene)
    return say(scene, rules, _key(state, prompt), **values)


def _key(state: QuestionState, prompt: Prompt) -> str:
    if state.about is not None:
        return "question.plan"
    if state.index == 0:
        return "question.first_choice" if prompt.choices else "question.first"
    return "flow.ask_choice" if prompt.choices else "flow.ask_next"
