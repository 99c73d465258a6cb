"""The dossier as one web page that needs nothing else: no scripts, and nothing from elsewhere, as its policy says too.

WCAG 2.2 AA and EN 301 549 are held by `tests/test_export_accessible.py`, with axe-core in a real browser.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from importlib.resources import files
from itertools import count, groupby

from doetank_bot.export.dossier import Dossier
from doetank_bot.export.figure import figure
from doetank_bot.export.outline import Card, Chapter, Outline, Part, outline
from doetank_bot.export.phrases import Phrases
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.html import html, literal

_DIGEST_DEEPER = 2
"""A digest's title stands two levels under that of its cycle."""
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#content">{skip}</a>
<header>
<h1>{heading}</h1>
{preface}
</header>
{contents}
<main id="content" tabindex="-1">
{chapters}
</main>
</body>
</html>
"""


def as_html(dossier: Dossier, catalogue: Catalogue) -> str:
    """Return the dossier as a page in the group's language; members' words are escaped, never markup."""
    phrases = Phrases(catalogue, dossier.group)
    whole = outline(dossier, phrases)
    style = (files(__package__) / "page.css").read_text("utf-8")
    figures = (figure(one.picture, catalogue, phrases.language) if one.picture else "" for one in whole.chapters)
    chapters = [_Chapter(*each, phrases) for each in zip(count(1), whole.chapters, figures, strict=False)]
    return _PAGE.format(
        language=phrases.code,
        policy=_policy(style),
        style=style,
        title=_title(whole),
        heading=literal(whole.title),
        skip=phrases.phrase("skip"),
        preface="\n".join(f"<p>{literal(line)}</p>" for line in whole.preface),
        contents=_contents(chapters, phrases) if chapters else "",
        chapters="\n".join(map(_Chapter.whole, chapters)),
    )


def _title(whole: Outline) -> str:
    return literal(" ".join(whole.title.split()))


def _policy(style: str) -> str:
    """Return the Content-Security-Policy: this very style sheet, pictures inside the page, and nothing more."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _contents(chapters: Iterable["_Chapter"], phrases: Phrases) -> str:
    items = "\n".join(chapter.link() for chapter in chapters)
    heading = phrases.phrase("contents")
    return f'<nav aria-labelledby="contents">\n<h2 id="contents">{heading}</h2>\n<ul>\n{items}\n</ul>\n</nav>'


class _Chapter:
    """A cycle on the page: its headings are the same in the contents and in the text."""

    def __init__(self, number: int, chapter: Chapter, picture: str, phrases: Phrases) -> None:
        self._id = f"cycle-{number}"
        self._chapter = chapter
        self._picture = picture
        self._say = phrases

    def link(self) -> str:
        """Return its place in the contents."""
        inner = "".join(f"<li>{_link(place, title)}</li>" for place, title, _ in self._parts())
        title = _link(self._id, literal(self._chapter.title))
        return f"<li>{title}{f'<ul>{inner}</ul>' if inner else ''}</li>"

    def whole(self) -> str:
        """Return the chapter."""
        facts = _listed("facts", map(literal, self._chapter.facts))
        nothing = f"<p>{literal(self._say.phrase('nothing'))}</p>" if self._chapter.is_empty else ""
        parts = (f'<h3 id="{place}">{title}</h3>\n{inner()}' for place, title, inner in self._parts())
        heading = f'<h2 id="{self._id}">{literal(self._chapter.title)}</h2>'
        inner = "\n".join(filter(None, (heading, facts, self._picture, nothing, *parts)))
        return f'<section aria-labelledby="{self._id}">\n{inner}\n</section>'

    def _parts(self) -> Iterator[tuple[str, str, Callable[[], str]]]:
        """Yield the place, heading and words of each part that there is."""
        parts = (
            ("question", self._chapter.questions, self._questions),
            ("digests", self._chapter.digests, self._digests),
            ("given", self._chapter.sections, self._sections),
        )
        yield from ((f"{self._id}-{name}", self._say.phrase(name), inner) for name, there, inner in parts if there)

    def _questions(self) -> str:
        return self._cards(self._chapter.questions)

    def _digests(self) -> str:
        inner = (html(one, deeper=_DIGEST_DEEPER) for one in self._chapter.digests)
        return "\n".join(f'<article class="digest">{one}</article>' for one in inner)

    def _sections(self) -> str:
        sections = [(f"{self._id}-kind-{number}", one) for number, one in enumerate(self._chapter.sections, 1)]
        links = _listed("kinds", (_link(place, one.title) for place, one in sections))
        inner = (f'<h4 id="{place}">{one.title}</h4>\n{self._cards(one.cards)}' for place, one in sections)
        return "\n".join((links, *inner))

    def _cards(self, cards: Iterable[Card]) -> str:
        return _listed("cards", map(self._card, cards))

    def _card(self, card: Card) -> str:
        about = self._say.phrase("about", number=card.about) if card.about else ""
        told = (f"#{card.number}", literal(card.by), self._time(card.on), literal(card.audience), about)
        words = f'<p class="words">{literal(card.text)}</p>'
        return f'{words}<p class="told">{" · ".join(filter(None, told))}</p>{_told_at(card)}'

    def _time(self, on: date | None) -> str:
        return f'<time datetime="{on.isoformat()}">{self._say.day(on)}</time>' if on else ""


def _link(place: str, title: str) -> str:
    return f'<a href="#{place}">{title}</a>'


def _told_at(card: Card) -> str:
    """Return what was said about the card; what answers the same question stands together."""
    inner = "".join(
        f"<div><dt>{literal(label)}</dt>{''.join(map(_part, parts))}</div>"
        for label, parts in groupby(card.parts, key=lambda part: part.label)
    )
    return f"<dl>{inner}</dl>" if inner else ""


def _part(part: Part) -> str:
    told = " · ".join(literal(one) for one in (part.by, part.audience) if one)
    by = f' <span class="told">{told}</span>' if told else ""
    return f"<dd>{literal(part.text)}{by}</dd>"


def _listed(name: str, items: Iterable[str]) -> str:
    inner = "\n".join(f"<li>{item}</li>" for item in items)
    # Safari takes a list without marks for no list, unless it is told.
    return f'<ul class="{name}" role="list">\n{inner}\n</ul>' if inner else ""
