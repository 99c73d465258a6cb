"""The dossier as Markdown (CommonMark), for who reads it, edits it or puts it in an archive."""

from collections.abc import Iterable, Iterator

from doetank_bot.domain.document import paragraph
from doetank_bot.export.dossier import Dossier
from doetank_bot.export.outline import Card, Chapter, Part, outline
from doetank_bot.export.phrases import Phrases
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.markdown import escaped, markdown
from doetank_bot.text.plain import isolated

_DIGEST_DEEPER = 2
"""A digest's title stands two levels under that of its cycle."""


def as_markdown(dossier: Dossier, catalogue: Catalogue) -> str:
    """Return the dossier as Markdown, in the group's language; members' words are escaped, never markup."""
    phrases = Phrases(catalogue, dossier.group)
    whole = outline(dossier, phrases)
    parts = [f"# {escaped(whole.title)}", *map(escaped, whole.preface)]
    for chapter in whole.chapters:
        parts += _chapter(chapter, phrases)
    return "\n\n".join(parts) + "\n"


def _chapter(chapter: Chapter, phrases: Phrases) -> Iterator[str]:
    yield f"## {escaped(chapter.title)}"
    if chapter.facts:
        yield _listed(escaped(fact) for fact in chapter.facts)
    if chapter.is_empty:
        yield escaped(phrases.phrase("nothing"))
    if chapter.questions:
        yield f"### {phrases.phrase('question')}"
        yield _listed(_card(card, phrases) for card in chapter.questions)
    if chapter.digests:
        yield f"### {phrases.phrase('digests')}"
        yield from (markdown(digest, deeper=_DIGEST_DEEPER).rstrip() for digest in chapter.digests)
    if chapter.sections:
        yield f"### {phrases.phrase('given')}"
    for section in chapter.sections:
        yield f"#### {section.title}"
        yield _listed(_card(card, phrases) for card in section.cards)


def _card(card: Card, phrases: Phrases) -> str:
    on = phrases.day(card.on) if card.on else ""
    about = phrases.phrase("about", number=card.about) if card.about else ""
    told = _told(f"#{card.number}", card.by, on, card.audience, about)
    parts = (f"\n- {_part(part)}" for part in card.parts)
    return f"{_words(card.text)}\\\n*{told}*{''.join(parts)}"


def _part(part: Part) -> str:
    told = _told(part.by, part.audience)
    return f"**{escaped(part.label)}** {_words(part.text)}{f' — {told}' if told else ''}".replace("\n", "\n  ")


def _told(*of_it: str) -> str:
    return " · ".join(escaped(isolated(one)) for one in of_it if one)


def _words(text: str) -> str:
    return markdown(paragraph(isolated(text))).rstrip("\n")


def _listed(items: Iterable[str]) -> str:
    return "\n".join("- " + item.replace("\n", "\n  ") for item in items)
