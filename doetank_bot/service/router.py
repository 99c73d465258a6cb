"""What a message is to us: determined purely, acted on elsewhere."""

import re
from dataclasses import dataclass

from doetank_bot.commands.parser import BadUse, Parsed, Unknown, parse
from doetank_bot.commands.spec import AnyCommand, Arguments
from doetank_bot.domain.effect import Purpose
from doetank_bot.domain.flow import FlowState, Said
from doetank_bot.domain.view import Post, Rules
from doetank_bot.flows.control import Control, control
from doetank_bot.flows.sponsor import SponsorState
from doetank_bot.ports import MessageReceived
from doetank_bot.text.words import WordTable

_DIGESTS = frozenset({Purpose.DIGEST, Purpose.DRAFT})
_AT = re.compile(r"\A\s*@\S+\s+")
_NAME = re.compile(r"\A\s*[^\n:,!]{1,60}[:,]\s+")


@dataclass(frozen=True, slots=True)
class RunCommand:
    """A command, well formed."""

    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Correct:
    """A command that cannot be carried out: unknown, or used wrongly."""

    problem: Unknown | BadUse


@dataclass(frozen=True, slots=True)
class Advance:
    """The next turn in a flow that waits for this member here."""

    state: FlowState
    said: Said


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """An answer to a prompt."""

    post: Post
    said: Said


@dataclass(frozen=True, slots=True)
class NoText:
    """A picture, a voice message or a file, where words were asked."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """Not for us."""


Decision = RunCommand | Correct | Advance | TakeAnswer | NoText | Ignore


@dataclass(frozen=True, slots=True)
class Tie:
    """What a message is tied to: the flow that waits for its author there, and the post it answers."""

    flow: FlowState | None = None
    post: Post | None = None
    is_private: bool = False

    @property
    def is_prompted(self) -> bool:
        """Whether it answers a prompt."""
        return self.post is not None and self.post.about.purpose is Purpose.PROMPT


def route(
    message: MessageReceived, tie: Tie, rules: Rules, words: WordTable, table: tuple[AnyCommand, ...]
) -> Decision:
    """Return what to do with `message`.

    A prefixed command always wins. A mention or a private line is a command only when it reads as one: otherwise it
    may be an answer.
    """
    if not message.is_text:
        return NoText() if tie.flow or tie.is_prompted or tie.is_private else Ignore()
    text = message.text.strip()
    if text.startswith(rules.prefix):
        return _prefixed(text.removeprefix(rules.prefix), tie, words, table)
    spoken = unaddressed(text).removeprefix(rules.prefix) if message.mentions_me else text
    decision = _command(spoken, words, table) if message.mentions_me or tie.is_private else Ignore()
    if tie.flow is not None and not _is_plain_command(decision, tie):
        return Advance(tie.flow, Said(spoken if control(spoken, words) else text, tuple(message.found)))
    if isinstance(decision, RunCommand):
        return decision
    if tie.post is not None and tie.is_prompted:
        return TakeAnswer(tie.post, Said(text))
    named = _after_name(text, words, table) if message.mentions_me else None
    return _objection(text, tie, words, table) or named or decision


def _is_plain_command(decision: Decision, tie: Tie) -> bool:
    """Whether a line in private can be nothing else, also while something is asked: its two words name a command."""
    return tie.is_private and isinstance(decision, RunCommand) and len(decision.parsed.command.path) > 1


def _objection(text: str, tie: Tie, words: WordTable, table: tuple[AnyCommand, ...]) -> RunCommand | None:
    """Read a reply to a digest that begins with "klopt niet" as the command for it, whole; else None."""
    said = " ".join(text.casefold().split())
    beginnings = (*words.words("wrong", "nl"), *words.words("wrong", "en"))
    begins = any(said.startswith(one) and not said[len(one) :][:1].isalnum() for one in beginnings)
    if tie.post is None or tie.post.about.purpose not in _DIGESTS or not begins:
        return None
    correct = next(one for one in table if one.name == "digest.correct")
    return RunCommand(Parsed(correct, Arguments({"text": text})))


def unaddressed(text: str) -> str:
    """Return what follows an `@name` at the beginning."""
    return _AT.sub("", text, count=1)


def _after_name(text: str, words: WordTable, table: tuple[AnyCommand, ...]) -> RunCommand | Correct | None:
    """Read what follows "Doetank Bot: ", as clients write a mention that is no more than text; None without such."""
    match = _NAME.match(text)
    return _command(text[match.end() :], words, table) if match else None


def _prefixed(
    text: str, tie: Tie, words: WordTable, table: tuple[AnyCommand, ...]
) -> RunCommand | Correct | Advance | TakeAnswer:
    """A command; or, where something was asked, `!stop` and its like: people type them with and without the prefix."""
    found, asked = _command(text, words, table), control(text, words)
    # A sponsor has no commands: their help is about what they are asked.
    is_help = asked is Control.HELP and not isinstance(tie.flow, SponsorState)
    if tie.flow is not None and asked is not None and not is_help:
        return Advance(tie.flow, Said(text))
    is_later = asked is Control.LATER and tie.is_prompted
    if (isinstance(found, RunCommand) and not is_later) or asked is None:
        return found
    if tie.flow is not None:
        return Advance(tie.flow, Said(text))
    return TakeAnswer(tie.post, Said(text)) if tie.post is not None and tie.is_prompted else found


def _command(text: str, words: WordTable, table: tuple[AnyCommand, ...]) -> RunCommand | Correct:
    found = parse(text, words, table)
    return RunCommand(found) if isinstance(found, Parsed) else Correct(found)
