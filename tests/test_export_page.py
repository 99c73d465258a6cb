"""The export for people, as a web page and as Markdown: in their language, in order, and their words literal."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from exported import dossier_of
from group import Group, group
from house import PACKS
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from doetank_bot.domain.contribution import Audience, ContributionKind, Status
from doetank_bot.domain.document import Bullets, Document, Heading, Paragraph, Quote, Text
from doetank_bot.domain.group import Address
from doetank_bot.domain.hygiene import clean
from doetank_bot.domain.pack import PackWeeks
from doetank_bot.export import Dossier, as_html, as_json, as_markdown
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.html import html, literal

CATALOGUE = Catalogue.load()
GITHUB = MarkdownIt("gfm-like", {"linkify": False})
Filled = Callable[[str], Dossier]
EMPTY = {"meta", "img", "br"}
HOSTILE = [
    "<script>alert(1)</script>",
    "</p><h1>x</h1>",
    '" onclick="x',
    "&lt;b&gt;",
    "<!--",
    "]]>",
    "*x* `y` # z",
    "סוד",
]
words = st.one_of(
    st.text(), st.sampled_from(HOSTILE), st.lists(st.sampled_from("<>&\"'/= \n#*-x"), max_size=15).map("".join)
)


class Read(HTMLParser):
    """What stands in a page: each element with its attributes, and the text in each."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "br":
            self.texts.append((self._open[-1] if self._open else "", "\n"))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def text(self) -> str:
        return "".join(text for _, text in self.texts)

    def headings(self) -> Iterator[int]:
        return (int(tag[1]) for tag, _ in self.elements if tag in {"h1", "h2", "h3", "h4", "h5", "h6"})


async def a_rich_one(here: Group) -> Dossier:
    await here.start()
    await here.says(here.maaike, "!vraagstuk Waarom steeds opnieuw?")
    card = await here.says(here.bas, "!proef Eén belletje")
    await here.says(here.bas, "dat het vlugger gaat", thread=card)
    await here.says(here.joke, "!zag drie mensen")
    await here.says(here.maaike, "!weekbericht stuur")
    return await dossier_of(here.house)


async def test_a_dutch_page_speaks_dutch_and_an_english_one_english(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        dossier = await a_rich_one(here)
    english = replace(dossier, group=replace(dossier.group, language="en"))
    for made in (as_html, as_markdown):
        page = made(dossier, CATALOGUE)
        assert all(
            word in page
            for word in ("Proeven", "Waarnemingen", "Wat verwacht je", "alleen de groep", "3 februari 2027")
        )
        assert not [kind for kind in ContributionKind if f" {kind.value}," in page]
        page = made(english, CATALOGUE)
        assert all(word in page for word in ("Experiments", "What do you expect", "the group only", "3 February 2027"))
    assert '<html lang="nl">' in as_html(dossier, CATALOGUE)
    assert '<html lang="en">' in as_html(english, CATALOGUE)


async def test_in_markdown_what_was_said_about_a_card_stands_under_it(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        page = as_markdown(await a_rich_one(here), CATALOGUE)
    assert "\n  - **Wat verwacht je dat er dan gebeurt?** dat het vlugger gaat\n" in page
    assert "<li><strong>Wat verwacht je" in GITHUB.render(page).split("<li>Eén belletje")[1].split("</ul>")[0]


async def test_a_group_that_is_spoken_to_with_u_reads_u(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        dossier = await a_rich_one(here)
    formal = replace(dossier, group=dossier.group.with_settings(address=Address.U))
    assert "Wat verwacht u dat er dan gebeurt?" in as_html(formal, CATALOGUE)
    assert '<html lang="nl">' in as_html(formal, CATALOGUE)


async def test_the_page_needs_nothing_else_and_its_headings_go_down_one_by_one(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await here.says(here.maaike, "!instel weekbericht plaatje aan")
        page = as_html(await a_rich_one(here), CATALOGUE)
    read = Read(page)
    levels = list(read.headings())
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    assert {"header", "nav", "main"} <= {tag for tag, _ in read.elements}
    assert not {"script", "link", "iframe", "form"} & {tag for tag, _ in read.elements}
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in read.elements if tag == "a"]
    assert links
    assert {link for link in links if link} <= {f"#{one}" for one in ids}
    (picture,) = (attributes for tag, attributes in read.elements if tag == "img")
    assert (picture["src"] or "").startswith("data:image/png;base64,")
    assert "we zijn in week 1 van 4" in (picture["alt"] or "")
    assert ("time", {"datetime": "2027-02-03"}) in read.elements


async def test_a_group_that_did_not_begin_gets_a_page_that_says_so(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        before = await dossier_of(here.house)
        await here.start()
        started = await dossier_of(here.house)
    for made in (as_html, as_markdown):
        assert "De groep gaf nog niets" in made(before, CATALOGUE)
        assert "In deze ronde gaf de groep nog niets" in made(started, CATALOGUE)
    assert "<nav" not in as_html(before, CATALOGUE)


async def test_a_cycle_whose_approach_the_operator_took_away_or_changed_still_leaves(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        await a_rich_one(here)
        house = here.house
        longer = PACKS["doetank"].model_copy(update={"weeks": PackWeeks(min=8, default=8, max=16)})
        for packs in ({}, {"doetank": longer}):
            house.rules = replace(house.rules, packs=packs)
            dossier = await dossier_of(house)
            assert json.loads(as_json(dossier))["cycles"][0]["phase"] == ""
            assert "Aanpak: doetank, 4 weken" in as_markdown(dossier, CATALOGUE)
            assert "Eén belletje" in as_html(dossier, CATALOGUE)


async def test_what_was_said_about_a_card_says_by_whom_and_for_whom_where_that_differs(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        dossier = await a_rich_one(here)
    (answer,) = (one for one in dossier.contributions if one.field == "expectation")
    (seen,) = (one for one in dossier.contributions if one.kind is ContributionKind.OBSERVATION)

    def page(**changes: Any) -> str:
        others = tuple(one for one in dossier.contributions if one.number not in {answer.number, seen.number})
        parts = (replace(answer, **changes), replace(seen, part_of=answer.part_of, **changes))
        return as_markdown(replace(dossier, contributions=(*others, *parts)), CATALOGUE)

    assert "gebeurt?** dat het vlugger gaat\n" in page()
    assert "Waarneming** drie mensen — Joke\n" in page()
    wider = page(audience=Audience.SPONSOR)
    assert "gebeurt?** dat het vlugger gaat — de groep en de opdrachtgever\n" in wider
    assert "Waarneming** drie mensen — Joke · de groep en de opdrachtgever\n" in wider
    assert "gebeurt?** dat het vlugger gaat — zonder naam\n" in page(author_name="", shown_as="")


@given(words)
def test_any_words_are_literal_on_the_page(with_words: Filled, text: str) -> None:
    text = clean(text)
    read = Read(as_html(with_words(text), CATALOGUE))
    plain = Read(as_html(with_words("x"), CATALOGUE))
    assert [tag for tag, _ in read.elements if tag != "br"] == [tag for tag, _ in plain.elements if tag != "br"]
    assert text in read.text().replace("\u2068", "").replace("\u2069", "")


@given(words)
def test_any_words_are_literal_in_markdown_and_leave_its_lists_and_headings_alone(
    with_words: Filled, text: str
) -> None:
    text = clean(text)
    rendered = GITHUB.render(as_markdown(with_words(text), CATALOGUE))
    plain = GITHUB.render(as_markdown(with_words("x"), CATALOGUE))

    def tags(page: str) -> list[str]:
        return [tag for tag, _ in Read(page).elements if tag not in {"br", "p"}]

    assert tags(rendered) == tags(plain)
    shown = Read(rendered).text().replace("\u2068", "").replace("\u2069", "")
    assert "".join(text.split()) in "".join(shown.split())


@given(words)
def test_a_document_as_html_has_the_words_and_only_our_own_elements(text: str) -> None:
    text = clean(text)
    document = Document(
        blocks=(
            Heading(level=2, line=(Text(text=text),)),
            Heading(line=(Text(text=text),)),
            Paragraph(lines=((Quote(number=1, text=text, author=text, limit=0),), (Text(text=text),))),
            Bullets(items=((Text(text=text),),)),
        )
    )
    read = Read(html(document, deeper=2))
    assert [tag for tag, _ in read.elements if tag != "br"] == ["h4", "h5", "p", "ul", "li"]
    assert read.text().count(text) >= 5 or not text.strip()
    assert Read(literal(text)).text().strip("\u2068\u2069") == text


def test_headings_never_go_below_the_sixth_level() -> None:
    document = Document(blocks=(Heading(line=(Text(text="x"),)),))
    assert html(document, deeper=9) == "<h6>x</h6>"


@pytest.fixture(scope="module")
def with_words(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """What fills one rich dossier; a function, for Hypothesis prints what it is given."""

    async def once() -> Dossier:
        async with group(tmp_path_factory.mktemp("page")) as here:
            return await a_rich_one(here)

    rich = asyncio.run(once())
    return lambda text: filled_with(rich, text)


def filled_with(dossier: Dossier, text: str) -> Dossier:
    """Return the dossier in which all words and names of people are `text`, without its digests."""
    return replace(
        dossier,
        group=replace(dossier.group, name=text or "x"),
        cycles=tuple(replace(one, title=text) for one in dossier.cycles),
        contributions=tuple(
            replace(one, text=text, author_name=text or "x")
            for one in dossier.contributions
            if one.status is Status.ACTIVE
        ),
        digests={cycle.id: () for cycle in dossier.cycles},
    )
