"""How to type a command, in the reader's language, and what to say when it was typed wrong. Pure."""

from doetank_bot.commands.parser import BadUse, Unknown
from doetank_bot.commands.spec import AnyCommand, Parameter, Shape
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import Language, language_of
from doetank_bot.text.words import WordTable


def typed(command: AnyCommand, words: WordTable, language: Language, prefix: str) -> str:
    """Return the words of a command as one types them: `!ronde start`."""
    return prefix + " ".join(words.word(meaning, language) for meaning in command.path)


def usage(command: AnyCommand, words: WordTable, language: Language, prefix: str) -> str:
    """Return the command with its parameters: `!ronde start [titel] [weken=…]`; what is in [ ] may be left out."""
    parameters = (_parameter(each, words, language) for each in command.parameters)
    return " ".join((typed(command, words, language, prefix), *parameters))


def example(command: AnyCommand, words: WordTable, language: Language, prefix: str) -> str:
    """Return the command as someone might type it."""
    return f"{typed(command, words, language, prefix)} {command.example.get(language_of(language), '')}".rstrip()


def complaint(
    wrong: Unknown | BadUse, words: WordTable, language: Language, prefix: str, *, is_typed: bool = True
) -> UserError:
    """Return what to answer to something that is no command, or not one that can be carried out.

    `is_typed`: it began with the prefix, so a command was meant; otherwise someone was just talking to us.
    """
    match wrong:
        case Unknown(word, None) if not is_typed:
            return UserError("error.small_talk", prefix=prefix)
        case Unknown(word, None):
            return UserError("error.unknown" if word else "error.no_command", word=word, prefix=prefix)
        case Unknown(word, nearest) if nearest is not None:
            return UserError(
                "error.did_you_mean", word=word, prefix=prefix, nearest=typed(nearest, words, language, prefix)
            )
        case BadUse(family=family) if family:
            options = ", ".join(typed(one, words, language, prefix) for one in family)
            return UserError("error.which", options=options)
        case BadUse(command, key, params):
            return UserError(
                key, **params,
                usage=usage(command, words, language, prefix), example=example(command, words, language, prefix),
            )  # fmt: skip
    raise AssertionError(wrong)


def _parameter(parameter: Parameter, words: WordTable, language: Language) -> str:
    name = words.word(parameter.name, language)
    if parameter.is_keyword:
        name += "=…"
    elif parameter.shape is Shape.DAY:
        return f"{name} …" if parameter.is_required else f"[{name} …]"
    return name.upper() if parameter.is_required else f"[{name}]"
