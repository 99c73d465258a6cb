"""Plain text and Markdown of a document: our markup shows, members' words are literal."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from doetank_bot.domain.document import (
    Bullets,
    Code,
    Document,
    Emphasis,
    Heading,
    Inline,
    Mention,
    Paragraph,
    Quote,
    SourceLink,
    Strong,
    Text,
    filled,
    sentences,
)
from doetank_bot.domain.hygiene import clean
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.text.html import html as to_html
from doetank_bot.text.markdown import markdown
from doetank_bot.text.plain import isolated, plain

SOURCE = MessageRef(SpaceRef("bot", "!room:test"), "$event")
GITHUB = MarkdownIt("gfm-like", {"linkify": False})

HOSTILE = [
    "**vet** en `code` en _klein_ en ~~weg~~",
    "# kop\n## kop\n- punt\n+ punt\n1. een\n2) twee\n> citaat\n```\nblok\n```",
    "titel\n===\ntitel\n---",
    "<b>vet</b> <script>alert(1)</script> &amp; &lt;",
    "[klik](https://kwaad.example) ![plaatje](x) [ref]: https://kwaad.example",
    "    vier spaties\n\tmet een tab",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "eind op een streep \\",
    "@room @ana:test $x$",
    "{name} {{question}} %s",
]
words = st.one_of(
    st.text(),
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from("`*_[]()<>#-+=.1 \n\\&|~!:"), max_size=20).map("".join),
)


def one_line(*nodes: Inline) -> Document:
    return Document(blocks=(Paragraph(lines=(nodes,)),))


def read_back(text: str) -> str:
    """Return what a reader of the Markdown sees, without any element; elements of words are an error."""
    rendered = GITHUB.render(text)
    shown = re.sub(r"</?(p|br|ul|li)( /)?>", "", rendered)
    assert "<" not in shown, rendered
    return " ".join(html.unescape(shown).split())


def test_plain_text_shows_blocks_and_quotes_with_their_author() -> None:
    document = Document(
        blocks=(
            Heading(level=2, line=(Text(text="Weekbericht"),)),
            Paragraph(lines=((Text(text="Typ "), Code(text="!hulp"), Strong(text=" nu")), (Emphasis(text="Klein"),))),
            Heading(line=(Text(text="Gezien"),)),
            Bullets(items=((Quote(number=1, text="twee\nregels", author="Ana"),), (Text(text="b"),))),
            Bullets(items=((Text(text="x"),), (Text(text="y"),)), ordered=True),
        )
    )
    assert plain(document) == ("Weekbericht\nTyp !hulp nu\nKlein\n\nGezien\n- “twee regels” — Ana\n- b\n\n1. x\n2. y")


def test_a_link_stands_behind_quotes_and_source_links_when_it_is_asked_for() -> None:
    document = one_line(
        Quote(number=1, text="hoi", source=SOURCE), Text(text=" "), SourceLink(text="bron", source=SOURCE)
    )
    assert plain(document) == "“hoi” bron"
    assert plain(document, lambda ref: f"https://x/{ref.native}") == "“hoi” (https://x/$event) bron (https://x/$event)"
    assert markdown(document, lambda ref: f"https://x/{ref.native}") == (
        "“hoi” [↗](<https://x/$event>) [bron](<https://x/$event>)\n"
    )


def test_a_quote_without_an_author_and_a_long_one_are_shown_as_they_should() -> None:
    assert plain(one_line(Quote(number=1, text="woord " * 100))).endswith("woord…”")
    assert plain(one_line(Quote(number=1, text="woord " * 100, limit=0))).count("woord") == 100


def test_right_to_left_words_are_kept_apart_from_what_stands_around_them() -> None:
    assert isolated("סוד") == "\u2068סוד\u2069"
    assert isolated("gewoon") == "gewoon"
    assert "\u2068עברית\u2069" in plain(one_line(Mention(user=UserRef("b", "u"), name="עברית"), Text(text=" zei")))


def test_our_own_markup_is_markdown() -> None:
    document = Document(
        blocks=(
            Heading(level=2, line=(Text(text="Kop"),)),
            Paragraph(lines=((Strong(text="vet "), Emphasis(text="klein")), (Code(text="a`b"),))),
            Bullets(items=((Text(text="een\ntwee"),),)),
        )
    )
    assert markdown(document) == "## Kop\n\n**vet** *klein*\\\n``a`b``\n\n- een\\\n  twee\n"
    rendered = GITHUB.render(markdown(document))
    assert "<h2>Kop</h2>" in rendered
    assert "<strong>vet</strong> <em>klein</em><br />\n<code>a`b</code>" in rendered


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_literal_in_plain_text(text: str) -> None:
    assert plain(one_line(Text(text=text))) == text


@given(words)
def test_any_words_of_a_member_come_out_of_markdown_as_they_went_in(text: str) -> None:
    text = clean(text)
    assert read_back(markdown(one_line(Text(text=text)))) == " ".join(text.split())
    mention = Mention(user=UserRef("b", "u"), name=text)
    assert read_back(markdown(one_line(mention))) == " ".join(isolated(text).split())
    listed = Document(blocks=(Bullets(items=((Text(text=text), Text(text="!")),)),))
    assert read_back(markdown(listed)) == " ".join(f"{text}!".split())


@given(words)
def test_any_quote_and_its_author_come_out_literal_everywhere(text: str) -> None:
    text = clean(text)
    document = one_line(Quote(number=1, text=text, author=text, limit=0))
    said = isolated(text)
    shown = f"“{said}” — {said}" if text else "“”"
    assert plain(document) == shown
    assert read_back(markdown(document)) == " ".join(shown.split())


@given(words)
def test_any_words_in_a_heading_come_out_literal(text: str) -> None:
    text = clean(text)
    rendered = GITHUB.render(markdown(Document(blocks=(Heading(level=2, line=(Text(text=f"{text} #"),)),))))
    shown = re.fullmatch(r"<h2>(.*)</h2>\n", rendered)
    assert shown, rendered
    assert " ".join(html.unescape(shown[1]).split()) == " ".join(f"{text} #".split())


@given(words, words)
def test_words_in_two_neighbouring_nodes_cannot_make_markup_together(first: str, second: str) -> None:
    first, second = clean(first), clean(second)
    seen = read_back(markdown(one_line(Text(text=first), Text(text=second))))
    assert seen.split() == (first + second).split()


@given(words)
def test_code_holds_whatever_it_is_given(text: str) -> None:
    text = clean(text)
    rendered = GITHUB.render(markdown(one_line(Text(text="x "), Code(text=text))))
    inside = re.fullmatch(r"<p>x(?: <code>(.*)</code>)?</p>\n", rendered, re.DOTALL)
    assert inside, rendered
    assert " ".join(html.unescape(inside[1] or "").split()) == " ".join(text.split())


@given(words, st.sampled_from(["", "Ana"]))
def test_a_bare_quote_has_no_marks_and_is_as_literal_and_apart_as_any_other(text: str, author: str) -> None:
    text = clean(text)
    quote = Quote(number=1, text=text, author=author, limit=0, marks=False)
    words = isolated(text.rstrip(" .") or text) + (f" — {author}" if author else "")
    assert plain(one_line(quote)) == words
    assert read_back(markdown(one_line(quote))) == " ".join(words.split())
    web = to_html(one_line(quote))
    assert "“" not in web or "“" in text
    assert re.sub(r"<br>", "\n", web).count("<") == 2


def test_a_choice_is_shown_in_its_words_and_what_is_no_choice_as_it_is() -> None:
    status = Quote(number=1, text="running", marks=False, choices={"running": "loopt"})
    assert plain(one_line(status)) == "loopt"
    assert plain(one_line(status.model_copy(update={"text": "bijna klaar."}))) == "bijna klaar"


def test_a_missing_quote_takes_its_sentence_along_and_the_first_one_the_line() -> None:
    def line(*quoted: int) -> Document:
        first, *others = ((Text(text="ons "), Quote(number=number, text=f"w{number}")) for number in quoted)
        return one_line(*sentences(first, (), *others))

    shown = {number: (f"w{number}", "") for number in (1, 3)}
    assert plain(filled(line(1, 3), shown)) == "ons “w1”. ons “w3”."
    assert plain(filled(line(1, 2, 3), shown)) == "ons “w1”. ons “w3”."
    assert plain(filled(line(1, 3, 2), shown)) == "ons “w1”. ons “w3”."
    assert plain(filled(line(1, 2), shown)) == "ons “w1”"
    assert filled(line(2, 3), shown).blocks == ()
