"""The digest as people read it: from the group's words to the message."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.digest import MAX_WORDS, Digest, ExperimentNow, NextStep, QuestionNow, compose
from doetank_bot.domain.document import Document, Heading, emptied, filled, quotes
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import CycleId, GroupId, MemberId, MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Material
from doetank_bot.resources import packs_dir
from doetank_bot.settings.packs import load_packs
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.digest import tree
from doetank_bot.text.plain import plain

SPACE = SpaceRef("bot", "!room:test")
CATALOGUE = Catalogue.load()
PACK: Pack = load_packs([packs_dir()])["doetank"]
NOW = datetime(2027, 3, 12, 13, 0, tzinfo=UTC)


def said(
    number: int,
    text: str,
    kind: ContributionKind = ContributionKind.OBSERVATION,
    author: str = "Ana",
    part_of: int | None = None,
    field: str | None = None,
) -> Contribution:
    return Contribution(
        number=number,
        kind=kind,
        text=text,
        author=MemberId(len(author)),
        audience=Audience.GROUP,
        source=MessageRef(SPACE, f"${number}"),
        part_of=part_of,
        field=field,
        author_name=author,
        created_at=NOW,
    )


QUESTION = said(1, "Waarom vragen we elk jaar wat we al weten?", ContributionKind.QUESTION)
EXPERIMENT = ExperimentNow(
    title=said(2, "Eén belletje in plaats van vijf papieren", ContributionKind.EXPERIMENT),
    expectation=said(3, "klaar binnen 5 werkdagen"),
    look_on=said(4, "27 maart"),
    so_far=(said(5, "na 2 dagen klaar", author="Bas"),),
)
FULL = Digest(
    number=5,
    title="Parkeren zonder papierwinkel",
    on=date(2027, 3, 12),
    week=5,
    n_weeks=8,
    phase=PACK.phases[3],
    question=QuestionNow(QUESTION, version=2, is_changed=False),
    experiments=(EXPERIMENT,),
    said=(
        said(6, "Als het maandag is, dan bel ik", ContributionKind.PLAN),
        said(7, "De balie was dicht", author="Joke"),
    ),
    n_more_said=5,
    next=(NextStep("do", date(2027, 3, 15)), NextStep("Nabespreken bij Bas", date(2027, 3, 18))),
    checked_by="Maaike",
)

DUTCH = """\
Weekbericht: Parkeren zonder papierwinkel
Week 5 van 8 · fase: Experimenteren · vrijdag 12 maart

Ons vraagstuk (versie 2)
“Waarom vragen we elk jaar wat we al weten?” — Ana

Onze proeven
Proef: “Eén belletje in plaats van vijf papieren” — Ana
We dachten: “klaar binnen 5 werkdagen”
Tot nu toe: “na 2 dagen klaar” — Bas
We kijken op “27 maart”

Wat we deden en zagen
- Van plan: “Als het maandag is, dan bel ik” — Ana
- “De balie was dicht” — Joke
- En nog 5 berichten. Je vindt ze in de gesprekken hierboven.

Wat er nu komt
- maandag 15 maart: een kleine opdracht
- donderdag 18 maart: Nabespreken bij Bas

Ik ben een programma. Ik maakte dit bericht uit jullie eigen woorden.
Maaike las het na.
Dit bericht is voor de mensen in deze ruimte.
Klopt er iets niet? Pas je eigen bericht aan, of verwijder het. Dan verandert het hier ook."""


def shown(digest: Digest, language: str = "nl") -> str:
    return plain(tree(digest, CATALOGUE, language))


def headings(document: Document) -> list[str]:
    return [plain(Document(blocks=(block,))) for block in document.blocks if isinstance(block, Heading)]


def test_a_digest_reads_in_the_agreed_order_and_tone() -> None:
    assert shown(FULL) == DUTCH


def test_the_same_digest_in_english_has_the_same_shape() -> None:
    english = tree(FULL, CATALOGUE, "en")
    assert [block.node for block in english.blocks] == [block.node for block in tree(FULL, CATALOGUE, "nl").blocks]
    assert "Week 5 of 8 · phase: Experiment · Friday 12 March" in plain(english)
    assert "Weekbericht" not in plain(english)


def test_every_word_of_a_member_is_a_quote_with_its_author_and_its_message() -> None:
    for quote in quotes(tree(FULL, CATALOGUE, "nl")):
        assert quote.source == MessageRef(SPACE, f"${quote.number}")
        # Ana is named at her experiment's title, and not again at its fields.
        assert bool(quote.author) is (quote.number not in {3, 4})
    assert [quote.number for quote in quotes(tree(FULL, CATALOGUE, "nl"))] == [1, 2, 3, 5, 4, 6, 7]


def test_empty_sections_drop_out() -> None:
    only_said = replace(FULL, question=None, experiments=(), next=(), n_more_said=0)
    assert headings(tree(only_said, CATALOGUE, "nl")) == [
        "Weekbericht: Parkeren zonder papierwinkel",
        "Wat we deden en zagen",
    ]


def test_nobody_is_said_to_have_checked_what_nobody_checked() -> None:
    assert "las het na" in shown(FULL)
    assert "las het na" not in shown(replace(FULL, checked_by=None))


def test_a_changed_question_says_so() -> None:
    changed = replace(FULL, question=QuestionNow(QUESTION, version=3, is_changed=True))
    assert "Ons vraagstuk (versie 3, deze week veranderd)" in shown(changed)


def test_an_experiment_of_which_nothing_is_known_yet_says_so() -> None:
    bare = replace(FULL, experiments=(ExperimentNow(EXPERIMENT.title),), n_more_experiments=1)
    assert "Tot nu toe: nog niets opgeschreven." in shown(bare)
    assert "En nog 1 andere proef." in shown(bare)
    assert "nog niets" not in shown(replace(FULL, experiments=(replace(EXPERIMENT, so_far=(), n_more=2),)))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_an_empty_week_is_one_kind_line(language: str) -> None:
    empty = replace(FULL, experiments=(), said=(), n_more_said=0)
    assert empty.is_empty
    for digest in (empty, replace(empty, next=())):
        text = shown(digest, language)
        assert "\n" not in text
        assert len(text.split()) < 30


def test_a_withdrawn_message_takes_its_line_and_an_empty_heading_along() -> None:
    document = tree(replace(FULL, n_more_said=0), CATALOGUE, "nl")
    left = filled(emptied(document), {2: ("Bellen", "Ana")})
    assert headings(left) == ["Weekbericht: Parkeren zonder papierwinkel", "Onze proeven", "Wat er nu komt"]
    assert "“Bellen” — Ana" in plain(left)


def big_material(text: str, author: str, n_each: int) -> Material:
    kinds = [ContributionKind.PLAN, ContributionKind.OBSERVATION, ContributionKind.REFLECTION, ContributionKind.STORY]
    made = [said(1, text, ContributionKind.QUESTION)]
    for index in range(n_each):
        root = len(made) + 1
        made.append(said(root, text, ContributionKind.EXPERIMENT, f"{author}{index}"))
        made += [
            said(root + 1 + i, text, part_of=root, field=field) for i, field in enumerate(("expectation", "look_on"))
        ]
        made += [said(root + 3 + i, text, part_of=root, author=f"{author}{i}") for i in range(3)]
    for index in range(4 * n_each):
        made.append(said(len(made) + 1, text, kinds[index % 4], f"{author} {index}"))
    steps = tuple((what, date(2027, 3, 15 + i)) for i, what in enumerate(("do", "think", "digest.send", "prompt")))
    return Material(contributions=tuple(made), members=(), n_digests=4, next_steps=steps)


def composed(material: Material, title: str) -> Digest:
    cycle = Cycle(CycleId(1), GroupId(1), title, "doetank", UserRef("bot", "@m:test"), weeks_from(date(2027, 2, 8), 8))
    return compose(cycle, PACK, material, NOW, "Europe/Amsterdam", checked_by="Maaike van der Meer")


WORDY = [
    "a " * 200,
    "twee woorden " * 30,
    "Een gewone zin van een deelnemer over wat er die dag gebeurde. " * 4,
    "x" * 500,
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("text", WORDY)
@pytest.mark.parametrize("n_each", [1, 3, 20])
def test_however_much_was_said_a_digest_has_at_most_350_words(language: str, text: str, n_each: int) -> None:
    digest = composed(big_material(text, "Een Deelnemer Met Namen", n_each), "Een lange titel " * 20)
    assert not digest.is_empty
    n_words = len(shown(digest, language).split())
    assert n_words <= MAX_WORDS


@given(
    text=st.text(st.sampled_from("ab c\n*_`"), min_size=1, max_size=400),
    author=st.text(st.sampled_from("ab "), max_size=40),
    n_each=st.integers(0, 12),
)
def test_any_digest_has_at_most_350_words_in_both_languages(text: str, author: str, n_each: int) -> None:
    digest = composed(big_material(text, author, n_each), text)
    for language in ("nl", "en"):
        assert len(shown(digest, language).split()) <= MAX_WORDS
