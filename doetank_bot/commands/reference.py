"""What the docs say of commands, made from the command table by `make docs`.

docs/commands.md is whole; docs/coach.nl.md and coach.en.md hold a part between two marks.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from doetank_bot.commands.spec import AnyCommand, Who
from doetank_bot.commands.table import COMMANDS
from doetank_bot.commands.usage import example, usage
from doetank_bot.domain.group import Language
from doetank_bot.text.catalogue import LANGUAGES, Catalogue
from doetank_bot.text.words import WordTable

_PREFIX = "!"
_BEGIN, _END = "<!-- commands -->\n", "<!-- end of commands -->\n"
_WHO = {Who.EVERYONE: "everyone", Who.MEMBER: "members", Who.MODERATOR: "moderators"}
_HEAD = """# Commands

Made from the command table; do not edit. `make docs`

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
_COACH_INTRO: Mapping[Language, str] = MappingProxyType({
    "nl": "Wat tussen [ ] staat, mag je weglaten. Wat in HOOFDLETTERS staat, vul je zelf in.\n"
    "Engelse woorden werken ook. In het gesprek met de bot alleen hoeft er geen `!` voor, behalve als hij\n"
    "net iets aan je vroeg: dan is wat je typt het antwoord.",
    "en": "You may leave out what is in [ ]. You fill in what is in CAPITALS. Dutch words work as well.\n"
    "In your own chat with the bot you need no `!`, except when it just asked\n"
    "you something: then what you type is the answer.",
})  # fmt: skip
_COACH_PARTS: Mapping[Language, tuple[str, str]] = MappingProxyType({
    "nl": ("Voor beheerders van de ruimte, en dus voor jou:", "Voor ieder in de groep:"),
    "en": ("For moderators of the room, and so for you:", "For everyone in the group:"),
})  # fmt: skip
_COACH_HEAD: Mapping[Language, str] = MappingProxyType({
    "nl": "| Je typt | Waarvoor | Bijvoorbeeld |\n|---|---|---|\n",
    "en": "| You type | What for | For example |\n|---|---|---|\n",
})  # fmt: skip


def reference(catalogue: Catalogue, words: WordTable) -> str:
    """Return the page on commands as Markdown."""
    return "".join((_HEAD, *_rows(catalogue, words), *_examples(words), _WORDS_HEAD, *_words(words)))


def coach_reference(language: Language, catalogue: Catalogue, words: WordTable) -> str:
    """Return all commands in one language as Markdown, those of moderators first."""
    parts = [_COACH_INTRO[language] + "\n"]
    for title, is_for_moderators in zip(_COACH_PARTS[language], (True, False), strict=True):
        rows = [
            _coach_row(command, language, catalogue, words)
            for command in COMMANDS
            if (command.who is Who.MODERATOR) is is_for_moderators
        ]
        parts.append(f"{title}\n\n{_COACH_HEAD[language]}{''.join(rows)}")
    return "\n".join(parts)


def with_reference(page: str, part: str) -> str:
    """Return `page` with `part` between its two marks. Raises ValueError when it has no marks."""
    before, rest = page[: page.index(_BEGIN) + len(_BEGIN)], page[page.index(_END) :]
    return f"{before}\n{part}\n{rest}"


def pages(docs: Path) -> Iterator[tuple[Path, str]]:
    """Yield each page in the folder `docs` that says something of commands, as it should be."""
    catalogue, words = Catalogue.load(), WordTable.load()
    yield docs / "commands.md", reference(catalogue, words)
    for language in LANGUAGES:
        page = docs / f"coach.{language}.md"
        yield page, with_reference(page.read_text("utf-8"), coach_reference(language, catalogue, words))


def _rows(catalogue: Catalogue, words: WordTable) -> Iterator[str]:
    for command in COMMANDS:
        dutch, english = (usage(command, words, language, _PREFIX) for language in LANGUAGES)
        purpose = catalogue.plain(command.purpose, {}, "en")
        yield f"| `{dutch}` | `{english}` | {_who(command)} | {purpose} |\n"


def _coach_row(command: AnyCommand, language: Language, catalogue: Catalogue, words: WordTable) -> str:
    shown = f"`{example(command, words, language, _PREFIX)}`" if command.example else ""
    purpose = catalogue.plain(command.purpose, {}, language)
    return f"| `{usage(command, words, language, _PREFIX)}` | {purpose} | {shown} |\n"


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
    for path, text in list(pages(Path(sys.argv[1]))):
        path.write_text(text, "utf-8")
