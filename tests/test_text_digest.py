"""The digest as people read it: from the group's words to the message."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.domain.contribution import Audience, Contribution, ContributionKind
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.digest import (
    MAX_WORDS,
    AskNow,
    BarrierNow,
    Chosen,
    Digest,
    Edition,
    ExperimentNow,
    LessonNow,
    MinuteKind,
    MinuteLine,
    NextStep,
    QuestionNow,
    compose,
    for_sponsor,
)
from doetank_bot.domain.document import Document, Heading, emptied, filled, quotes
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.pack.wording import Title
from doetank_bot.domain.reference import CycleId, GroupId, MemberId, MessageRef, SpaceRef, UserRef
from doetank_bot.domain.view import Material
from doetank_bot.resources import packs_dir
from doetank_bot.settings.packs import load_packs
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.digest import sponsor_tree, tree
from doetank_bot.text.plain import plain

SPACE = SpaceRef("bot", "!room:test")
CATALOGUE = Catalogue.load()
PACK: Pack = load_packs([packs_dir()])["doetank"]
K = ContributionKind
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
NOT_SURE = Chosen(said(31, "low"), {"low": Title(nl="nog niet zeker", en="no")})
TO_SPONSOR = Chosen(said(32, "sponsor"), {"sponsor": Title(nl="opdrachtgever", en="s")})
CARDS = replace(
    FULL,
    minute=(
        MinuteLine(MinuteKind.LOOK, EXPERIMENT.title, EXPERIMENT.look_on),
        MinuteLine(MinuteKind.ASK, said(20, "Mag de werkafspraak opzij"), said(25, "18 maart")),
        MinuteLine(MinuteKind.BARRIER, said(22, "Vader woont in een andere gemeente")),
    ),
    experiments=(replace(EXPERIMENT, status=said(19, "running")),),
    story=said(10, "Een mantelzorger werd gebeld. Na twee dagen was het rond."),
    lessons=(
        LessonNow(said(11, "Bewijzen is het probleem"), said(12, "vijf verhalen"), NOT_SURE),
        LessonNow(said(13, "Bellen gaat sneller", author="")),
    ),
    barriers=(
        BarrierNow(said(21, "Elk jaar opnieuw", author="Joke"), said(23, "Bas"), 9),
        BarrierNow(said(22, "Vader woont in een andere gemeente"), None, 1),
        BarrierNow(said(24, "De brief kwam te laat"), None, 3, said(33, "solved")),
    ),
    decisions=(said(15, "Geen kopie paspoort meer"),),
    asks=(
        AskNow(said(20, "Mag de werkafspraak opzij", K.ASK), TO_SPONSOR, said(25, "18 maart")),
        AskNow(said(26, "Wie leest de brief", K.ASK), None, None, said(27, "Ja, twee mensen")),
        AskNow(said(28, "Wie kent Breda", K.ASK), ended=said(34, "finished")),
        AskNow(said(29, "Ik loop mee", K.OFFER)),
    ),
    next=(NextStep("meeting", date(2027, 3, 18), time(15, 30)), NextStep("holiday.easter_monday", date(2027, 3, 29))),
    n_more_cards=2,
)
DUTCH_CARDS = """\
In één minuut
- We gaan kijken hoe het ging met “Eén belletje in plaats van vijf papieren”. Dat doen we op 27 maart.
- We wachten op een antwoord op “Mag de werkafspraak opzij”. Graag vóór 18 maart.
- We zoeken nog iemand die dit oppakt: “Vader woont in een andere gemeente”

Ons vraagstuk (versie 2)
“Waarom vragen we elk jaar wat we al weten?” — Ana

Onze proeven
Proef: “Eén belletje in plaats van vijf papieren” — Ana. Nu: loopt.
We dachten: “klaar binnen 5 werkdagen”
Tot nu toe: “na 2 dagen klaar” — Bas
Op 27 maart kijken we hoe het ging

Wat we deden en zagen
- Van plan: “Als het maandag is, dan bel ik” — Ana
- “De balie was dicht” — Joke
- En nog 5 berichten. Je vindt ze in de gesprekken van de groep.

Verhaal van de week
“Een mantelzorger werd gebeld. Na twee dagen was het rond.” — Ana

Wat we denken te leren
- “Bewijzen is het probleem” — Ana. Dat zagen we aan “vijf verhalen”. We weten dit nog niet zeker.
- “Bellen gaat sneller”

Waar we vastlopen
- “Elk jaar opnieuw” — Joke. Dit ligt bij Bas. Het staat 9 dagen open.
- “Vader woont in een andere gemeente” — Ana. We zoeken nog iemand die dit oppakt. Het staat 1 dag open.
- “De brief kwam te laat” — Ana. Nu: opgelost.

Afgesproken
- “Geen kopie paspoort meer” — Ana

Gevraagd en aangeboden
- “Mag de werkafspraak opzij” — Ana. Aan: opdrachtgever. Graag vóór 18 maart.
- “Wie leest de brief” — Ana. Antwoord: Ja, twee mensen.
- “Wie kent Breda” — Ana. Nu: klaar.
- Aanbod: “Ik loop mee” — Ana

En nog 2 andere punten.

Wat er nu komt
- donderdag 18 maart: bijeenkomst om 15:30
- maandag 29 maart: Tweede Paasdag, dan vraag ik niets
"""

DUTCH = """\
Weekbericht: Parkeren zonder papierwinkel
Week 5 van 8 · fase: Experimenteren · vrijdag 12 maart

Ons vraagstuk (versie 2)
“Waarom vragen we elk jaar wat we al weten?” — Ana

Onze proeven
Proef: “Eén belletje in plaats van vijf papieren” — Ana
We dachten: “klaar binnen 5 werkdagen”
Tot nu toe: “na 2 dagen klaar” — Bas
Op 27 maart kijken we hoe het ging

Wat we deden en zagen
- Van plan: “Als het maandag is, dan bel ik” — Ana
- “De balie was dicht” — Joke
- En nog 5 berichten. Je vindt ze in de gesprekken van de groep.

Wat er nu komt
- maandag 15 maart: een kleine opdracht
- donderdag 18 maart: Nabespreken bij Bas

Ik ben een programma. Ik maakte dit bericht uit jullie eigen woorden.
Maaike las het na.
Dit bericht is voor deze groep.
Klopt er iets niet? Verander of verwijder je eigen bericht, dan verandert het hier ook. \
Of antwoord op dit bericht met ‘klopt niet’."""


def shown(digest: Digest, language: str = "nl") -> str:
    return plain(tree(digest, CATALOGUE, language))


def headings(document: Document) -> list[str]:
    return [plain(Document(blocks=(block,))) for block in document.blocks if isinstance(block, Heading)]


def test_a_digest_reads_in_the_agreed_order_and_tone() -> None:
    assert shown(FULL) == DUTCH


def test_the_cards_of_a_week_read_in_the_agreed_order_and_tone() -> None:
    assert DUTCH_CARDS in shown(CARDS)


def test_the_cards_read_in_english_too() -> None:
    english = shown(CARDS, "en")
    assert "- We will look at how it went with “Eén belletje" in english
    assert "“Elk jaar opnieuw” — Joke. This is with Bas. Open for 9 days." in english
    assert "- Thursday 18 March: meeting at 15:30" in english


def test_the_coachs_own_lines_stand_in_the_place_of_ours() -> None:
    text = shown(replace(CARDS, own_minute=said(30, "De proef loopt.", author="Maaike")))
    assert "In één minuut\n“De proef loopt.” — Maaike\n\nOns vraagstuk" in text
    assert "We wachten" not in text


def test_the_sponsors_version_is_short_and_names_nobody() -> None:
    title = replace(EXPERIMENT.title, audience=Audience.SPONSOR)
    agreed = replace(CARDS.decisions[0], audience=Audience.SPONSOR)
    digest = replace(CARDS, experiments=(replace(EXPERIMENT, title=title),), story=None, asks=())
    short = for_sponsor(replace(digest, decisions=(agreed,)), None)
    assert short is not None
    text = plain(sponsor_tree(short, CATALOGUE, "nl"))
    assert (
        text
        == """\
Parkeren zonder papierwinkel, week 5 van 8. Dit deelt de groep met de opdrachtgever.
- Proef: “Eén belletje in plaats van vijf papieren”
- Afgesproken: “Geen kopie paspoort meer”

Een programma maakte dit uit de woorden van de groep, zonder namen."""
    )
    assert for_sponsor(CARDS, None) is None
    assert for_sponsor(digest, NOW) is None


def test_the_sponsors_version_has_at_most_90_words_whatever_was_shared() -> None:
    long = [said(n, "woord " * 60, K.DECISION) for n in range(40, 60)]
    digest = replace(CARDS, title="t " * 40, decisions=tuple(replace(one, audience=Audience.PUBLIC) for one in long))
    short = for_sponsor(digest, None)
    assert short is not None
    assert all(len(plain(sponsor_tree(short, CATALOGUE, one)).split()) <= 90 for one in ("nl", "en"))


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
    return compose(cycle, PACK, material, NOW, "Europe/Amsterdam", Edition(checked_by="Maaike van der Meer"))


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
