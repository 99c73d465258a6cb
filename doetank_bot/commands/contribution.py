"""What members give by command, at any time: an observation, an experiment, a new version of the question."""

from doetank_bot.commands import card
from doetank_bot.commands.answer import answer
from doetank_bot.commands.spec import Call, Command, Parameter, Shape, Sources, Who, nothing
from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind
from doetank_bot.domain.document import Quote
from doetank_bot.domain.effect import Effect, Open, Outcome, Params
from doetank_bot.domain.error import UserError
from doetank_bot.flows import stuck
from doetank_bot.flows.capture import Gift, audience_at, kept, next_question, recorded
from doetank_bot.flows.stuck import StuckState

_WITH_FORM = frozenset({
    ContributionKind.EXPERIMENT,
    ContributionKind.STORY,
    ContributionKind.BARRIER,
    ContributionKind.LESSON,
    ContributionKind.ASK,
    ContributionKind.DECISION,
})  # fmt: skip
"""What the pack's form of that name asks more about."""
_TEXT = Parameter("text", Shape.TEXT, is_required=True)


def given(call: Call, kind: ContributionKind) -> Gift:
    """Return what the sender gives with this command. Raises UserError when they are no member here."""
    scene, text = call.scene, call.arguments.text("text")
    if scene.sender is None or scene.source is None or text is None:
        raise UserError("error.members_only")
    return Gift(
        kind=kind,
        text=text,
        author=scene.sender.id,
        source=scene.source,
        cycle=scene.cycle.id if scene.cycle else None,
        audience=audience_at(scene),
        form=kind.value if kind in _WITH_FORM else None,
        found=call.found,
    )


def _kept(call: Call, gift: Gift) -> Outcome:
    """Keep it and say so: in the line that asks the first follow-up, or in one of its own."""
    follow_up = next_question(gift, call.scene, call.rules)
    said: tuple[Effect, ...] = ()
    if gift.audience is Audience.PRIVATE:
        said = (answer(call, "contribution.kept_private", number=call.scene.next_number),)
    elif not follow_up:
        said = (answer(call, "contribution.kept", number=call.scene.next_number),)
    return Outcome((*kept(gift, call.scene, call.rules), *said, *follow_up))


def _observe(call: Call, _loaded: None) -> Outcome:
    return _kept(call, given(call, ContributionKind.OBSERVATION))


def _experiment(call: Call, asked: card.Asked | None) -> Outcome:
    return card.decide(call, asked) if asked else _kept(call, given(call, ContributionKind.EXPERIMENT))


def _stuck(call: Call, asked: card.Asked | None) -> Outcome:
    """Keep where someone is stuck; without words, offer the ways out."""
    if asked:
        return card.decide(call, asked)
    if call.arguments.text("text") is not None:
        return _kept(call, given(call, ContributionKind.BARRIER))
    if call.scene.sender is None:
        raise UserError("error.members_only")
    state = StuckState(cycle=call.scene.cycle.id if call.scene.cycle else None)
    step = stuck.begin(state, call.scene, call.rules, call.words)
    return Outcome((*step.effects, Open(call.scene.lane, call.scene.sender.id, state)))


async def load_questions(call: Call, sources: Sources) -> tuple[Contribution, ...]:
    """Return the cycle's versions of the question, oldest first; withdrawn ones keep their place."""
    if sources.group is None or call.scene.cycle is None:
        return ()
    kept = await sources.group.contributions(call.scene.cycle.id)
    return tuple(one for one in kept if one.kind is ContributionKind.QUESTION and one.field is None)


def _question(call: Call, versions: tuple[Contribution, ...]) -> Outcome:
    if call.scene.cycle is None:
        raise UserError("cycle.none", prefix=call.rules.prefix)
    if call.arguments.text("text") is None:
        key, params = current_question(versions)
        return Outcome((answer(call, key, **params),))
    if call.scene.is_private:
        raise UserError("error.in_room")
    gift = given(call, ContributionKind.QUESTION)
    done = answer(call, "contribution.question_kept", version=len(versions) + 1)
    return Outcome((recorded(gift, call.scene), done, *next_question(gift, call.scene, call.rules)))


def current_question(versions: tuple[Contribution, ...]) -> tuple[str, dict[str, Params]]:
    """Return the text (key and parameters) that says the group's question, or that there is none yet."""
    for version, one in reversed(list(enumerate(versions, start=1))):
        if one.is_for_group:
            quote = Quote(number=one.number, text=one.text, source=one.source, limit=0)
            return "contribution.question", {"version": version, "question": quote}
    return "contribution.no_question", {}


def _gift(name: str, kind: ContributionKind, nl: str, en: str) -> Command[card.Asked | None]:
    """Return the command that keeps a member's words as this kind, or shows the card whose number follows it."""

    def decide(call: Call, asked: card.Asked | None) -> Outcome:
        return card.decide(call, asked) if asked else _kept(call, given(call, kind))

    return Command(
        name=name,
        purpose=f"command.{name}",
        load=card.load,
        decide=decide,
        parameters=(_TEXT,),
        who=Who.MEMBER,
        keeps=True,
        example={"nl": nl, "en": en},
    )


OBSERVE = Command(
    name="observe",
    purpose="command.observe",
    load=nothing,
    decide=_observe,
    parameters=(_TEXT,),
    who=Who.MEMBER,
    keeps=True,
    example={
        "nl": "Aan de balie vroeg niemand naar het formulier.",
        "en": "At the desk nobody asked for the form.",
    },
)
EXPERIMENT = Command(
    name="experiment",
    purpose="command.experiment",
    load=card.load,
    decide=_experiment,
    parameters=(_TEXT,),
    who=Who.MEMBER,
    keeps=True,
    example={"nl": "Eén belletje in plaats van vijf papieren", "en": "One phone call instead of five papers"},
)
QUESTION = Command(
    name="question",
    purpose="command.question",
    load=load_questions,
    decide=_question,
    parameters=(Parameter("text", Shape.TEXT),),
    who_with_text=Who.MODERATOR,
    is_undoable=True,
    purpose_without_text="command.question_read",
    keeps=True,
    example={
        "nl": "Waarom vragen we elk jaar wat we al weten?",
        "en": "Why do we ask every year what we already know?",
    },
)
GIFTS: tuple[Command[card.Asked | None], ...] = (
    _gift(
        "plan",
        ContributionKind.PLAN,
        "Als het woensdag is, dan loop ik mee bij de balie.",
        "When it is Wednesday, then I join the desk.",
    ),
    _gift(
        "reflect",
        ContributionKind.REFLECTION,
        "Ik merk dat wij te snel een formulier pakken.",
        "I notice that we reach for a form too soon.",
    ),
    Command(
        name="stuck",
        purpose="command.stuck",
        load=card.load,
        decide=_stuck,
        parameters=(Parameter("text", Shape.TEXT),),
        who=Who.MEMBER,
        keeps=True,
        example={"nl": "Niemand weet wie de regel mag veranderen.", "en": "Nobody knows who may change the rule."},
    ),
    _gift(
        "story",
        ContributionKind.STORY,
        "Een mantelzorger stuurde elk jaar dezelfde vijf papieren.",
        "A carer sent the same five papers every year.",
    ),
    _gift(
        "lesson",
        ContributionKind.LESSON,
        "Bellen scheelt een brief, als het dezelfde dag nog gebeurt.",
        "A phone call saves a letter, if you call the same day.",
    ),
    _gift("ask", ContributionKind.ASK, "Wie kent iemand bij het zorgloket?", "Who knows someone at the care desk?"),
    _gift("offer", ContributionKind.OFFER, "Ik kan dinsdag meelopen.", "I can join you on Tuesday."),
    _gift(
        "decision",
        ContributionKind.DECISION,
        "Vanaf maart vragen wij geen kopie meer.",
        "From March on we ask for no copy.",
    ),
)
