"""Keeping what members give: answers to prompts, and what they give by command. Their words stay as they wrote them.

One short sign says that it was kept, or one line where a follow-up is due: first about personal data, then the form.
"""

from dataclasses import dataclass, replace

from doetank_bot.domain.contribution import Audience, ContributionKind, NewContribution, Status
from doetank_bot.domain.effect import NOTHING, Effect, Open, Outcome, Purpose, React, Record, StoreMember
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.pack import Pack, Prompt
from doetank_bot.domain.reference import CycleId, MemberId, MessageRef, PostId
from doetank_bot.domain.view import Post, Rules, Scene
from doetank_bot.flows import consequence, form, personal
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.form import FormState, say
from doetank_bot.flows.later import comes_again
from doetank_bot.flows.personal import PersonalState
from doetank_bot.text.words import WordTable

KEPT_SIGN = "✔️"


@dataclass(frozen=True, slots=True)
class Gift:
    """What a member gives: a kind, words, and the message they stand in. `found` are masked kinds of personal data."""

    kind: ContributionKind
    text: str
    author: MemberId
    source: MessageRef
    cycle: CycleId | None = None
    audience: Audience = Audience.GROUP
    prompted_by: PostId | None = None
    form: str | None = None
    found: tuple[str, ...] = ()
    part_of: int | None = None
    field: str | None = None
    is_draft: bool = False


def answer(
    said: Said, post: Post, scene: Scene, rules: Rules, words: WordTable, found: tuple[str, ...] = ()
) -> Outcome:
    """Keep an answer to a prompt, also a late one.

    Of a skip nothing is kept but from when silence counts.
    """
    if post.about.purpose is not Purpose.PROMPT or scene.sender is None or scene.source is None:
        return NOTHING
    asked = control(said.text, words)
    if asked is not None:
        if asked is Control.HELP:
            return Outcome((say(scene, rules, "capture.help"),))
        # Who skips is not silent.
        heard = StoreMember(replace(scene.sender, asked_since=scene.now))
        if asked is Control.LATER:
            return Outcome((heard, *comes_again(said.text, scene, rules, post.about.prompt)))
        return Outcome((heard, say(scene, rules, "capture.skipped")))
    gift = given(said.text, post, scene, rules, found)
    if gift is None:
        return Outcome((say(scene, rules, "capture.no_words"),))
    follow_up = next_question(gift, scene, rules)
    return Outcome((*kept(gift, scene, rules), *(follow_up or (React(scene.source, KEPT_SIGN),))))


def given(text: str, post: Post, scene: Scene, rules: Rules, found: tuple[str, ...]) -> Gift | None:
    """Return what the sender gives with an answer to a prompt; None for what holds no letter (a stray `1`, a thumb)."""
    if scene.sender is None or scene.source is None or not any(char.isalpha() for char in text):
        return None
    prompt = _prompt(post, scene, rules)
    return Gift(
        kind=prompt.becomes if prompt else ContributionKind.ANSWER,
        text=text,
        author=scene.sender.id,
        source=scene.source,
        cycle=post.about.cycle,
        audience=audience_at(scene),
        prompted_by=post.id,
        form=prompt.form if prompt else None,
        found=found,
        part_of=post.number,
    )


def kept(gift: Gift, scene: Scene, rules: Rules) -> tuple[Effect, ...]:
    """Return the effects that keep a gift, as the group's next number, and what follows from it later."""
    later = consequence.of_gift(gift.kind, gift.text, scene.next_number, scene, rules)
    return (recorded(_as_draft(gift, scene, rules), scene), *later)


def _as_draft(gift: Gift, scene: Scene, rules: Rules) -> Gift:
    """A card that its teller must check is a draft until then."""
    card = _card(gift, scene, rules)
    return replace(gift, is_draft=card is not None and form.holds_draft(form.fields_of(card, rules)))


def no_text(scene: Scene, rules: Rules) -> Outcome:
    """Say that only words can be kept (a photo, voice message or file came in)."""
    return Outcome((say(scene, rules, "capture.no_text"),))


def audience_at(scene: Scene) -> Audience:
    """Return who may see what is said here: as many as saw it."""
    return Audience.PRIVATE if scene.is_private else Audience.GROUP


def recorded(gift: Gift, scene: Scene) -> Record:
    """Return the effect that keeps a gift, as the group's next number."""
    return Record(
        NewContribution(
            number=scene.next_number,
            kind=gift.kind,
            text=gift.text,
            author=gift.author,
            audience=gift.audience,
            source=gift.source,
            cycle=gift.cycle,
            status=Status.DRAFT if gift.is_draft else Status.ACTIVE,
            part_of=gift.part_of,
            field=gift.field,
            prompted_by=gift.prompted_by,
        )
    )


def next_question(gift: Gift, scene: Scene, rules: Rules) -> tuple[Effect, ...]:
    """Return the first follow-up to a gift of the sender, with the flow that waits for it; empty when none is due."""
    if scene.sender is None:
        return ()
    step = first_step(gift, scene, rules)
    if step.state is None:
        return ()
    return (*step.effects, Open(scene.lane, scene.sender.id, step.state))


def first_step(gift: Gift, scene: Scene, rules: Rules) -> Step:
    """Return the first follow-up to a gift, with the state that waits for the answer; None when none is due."""
    card = _card(gift, scene, rules)
    if gift.found:
        state: FlowState = PersonalState(
            card=scene.next_number,
            audience=gift.audience,
            becomes=gift.kind,
            cycle=gift.cycle,
            prompted_by=gift.prompted_by,
            then=card,
        )
        return Step(state, (personal.ask(gift.found, scene, rules),))
    if card is not None:
        return form.begin(card, scene, rules)
    return Step(None)


def _card(gift: Gift, scene: Scene, rules: Rules) -> FormState | None:
    """Return the form about a gift, not yet asked; None when its pack has no such form."""
    if gift.form is None or scene.cycle is None:
        return None
    state = FormState(
        pack=scene.cycle.pack,
        form=gift.form,
        card=scene.next_number,
        audience=gift.audience,
        cycle=gift.cycle,
    )
    return state if form.fields_of(state, rules) else None


def _prompt(post: Post, scene: Scene, rules: Rules) -> Prompt | None:
    """Return the prompt of a post of this cycle; an answer to an older cycle's prompt is kept as a plain answer."""
    is_current = scene.cycle is not None and scene.cycle.id == post.about.cycle
    pack: Pack | None = rules.packs.get(scene.cycle.pack) if scene.cycle is not None and is_current else None
    return pack.prompts.get(post.about.prompt) if pack and post.about.prompt else None
