"""docs/commands.md, made from the command table: `python -m doetank_bot.commands.reference > docs/commands.md`."""

import sys
from collections.abc import Iterator

from doetank_bot.commands.spec import AnyCommand, Who
from doetank_bot.commands.table import COMMANDS
from doetank_bot.commands.usage import example, usage
from doetank_bot.text.catalogue import LANGUAGES, Catalogue
from doetank_bot.text.words import WordTable

_PREFIX = "!"
_WHO = {Who.EVERYONE: "everyone", Who.MEMBER: "members", Who.MODERATOR: "moderators"}
_HEAD = """# Commands

Made from the command table; do not edit. `python -m doetank_bot.commands.reference > docs/commands.md`

The prefix is `!` unless the configuration says otherwise. In a private chat no prefix is needed, and in a room a
mention of the bot does as well. Dutch and English words work everywhere, also mixed. What is in [ ] may be left out.
Moderators have power level 50 or more in the room, or are named in the configuration.

| Nederlands | English | Who | What it does |
|---|---|---|---|
"""
_WORDS_HEAD = """
## Words

Each of these means the same wherever it is typed. The first is the one the bot shows.

| Nederlands | English |
|---|---|
"""


def reference(catalogue: Catalogue, words: WordTable) -> str:
    """Return the page as Markdown."""
    return "".join((_HEAD, *_rows(catalogue, words), *_examples(words), _WORDS_HEAD, *_words(words)))


def _rows(catalogue: Catalogue, words: WordTable) -> Iterator[str]:
    for command in COMMANDS:
        dutch, english = (usage(command, words, language, _PREFIX) for language in LANGUAGES)
        purpose = catalogue.plain(command.purpose, {}, "en")
        yield f"| `{dutch}` | `{english}` | {_who(command)} | {purpose} |\n"


def _who(command: AnyCommand) -> str:
    if command.who_with_text is None:
        return _WHO[command.who]
    return f"{_WHO[command.who]}; with text {_WHO[command.who_with_text]}"


def _examples(words: WordTable) -> Iterator[str]:
    yield "\n## Examples\n\n"
    for command in COMMANDS:
        if command.example:
            yield "".join(f"- `{example(command, words, language, _PREFIX)}`\n" for language in LANGUAGES)


def _words(words: WordTable) -> Iterator[str]:
    for meaning in words.meanings():
        dutch, english = (", ".join(words.words(meaning, language)) for language in LANGUAGES)
        yield f"| {dutch} | {english} |\n"


if __name__ == "__main__":
    sys.stdout.write(reference(Catalogue.load(), WordTable.load()))
