"""Whatever a group writes in a week, its digest is read in two minutes: every word of the message counts."""

from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st
from test_text_digest import CATALOGUE, NOW, PACK, said, shown

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.contribution import ContributionKind as K
from doetank_bot.domain.cycle import Cycle, weeks_from
from doetank_bot.domain.digest import MAX_WORDS, Edition, compose
from doetank_bot.domain.group import Meeting
from doetank_bot.domain.reference import CycleId, GroupId, UserRef
from doetank_bot.domain.view import Material

MANY = ["a " * 2000, "woord " * 660, "x" * 4000, "ja", "3 april", "we zagen het wel " * 6]
PARTS: dict[K, tuple[str, ...]] = {
    **dict.fromkeys((K.STORY, K.OFFER, K.DECISION, K.OBSERVATION, K.PLAN), ()),
    K.EXPERIMENT: ("expectation", "look_on", "status"),
    K.LESSON: ("evidence",),
    K.BARRIER: ("owner",),
    K.ASK: ("by",),
}
STEPS = tuple((f"w6.{key}", date(2027, 3, 15 + day)) for day, key in enumerate(("do", "think", "digest")))


TEXTS, NAMES = st.sampled_from(MANY), st.sampled_from(["Bas", "A B C D E F G H I J"])


def give(
    draw: st.DrawFn,
    made: list[Contribution],
    kind: K,
    part_of: int | None = None,
    field: str | None = None,
) -> int:
    text = "running" if field == "status" else draw(TEXTS)
    made.append(said(len(made) + 1, text, kind, draw(NAMES), part_of, field))
    return len(made)


@st.composite
def big_weeks(draw: st.DrawFn) -> Material:
    """What ten members can write in a week at most: long texts, thirty experiments, eight of each other kind."""
    made: list[Contribution] = []
    if draw(st.booleans()):
        give(draw, made, K.REFLECTION, field="minute")
        give(draw, made, K.QUESTION)
    kinds = st.lists(st.sampled_from(list(PARTS)), max_size=64)
    for kind in (*draw(st.lists(st.just(K.EXPERIMENT), max_size=30)), *draw(kinds)):
        card = give(draw, made, kind)
        for field in PARTS[kind] if draw(st.booleans()) else ():
            give(draw, made, K.ANSWER, card, field)
        if kind is K.EXPERIMENT and draw(st.booleans()):
            give(draw, made, K.OBSERVATION, card)
    off = ((date(2027, 3, 29), "holiday.easter_monday"), (date(2027, 3, 30), "holiday.liberation_day"))
    meetings = (Meeting(date(2027, 3, 18), time(15, 30)),)
    return Material(tuple(made), (), draw(st.integers(0, 9)), None, STEPS, meetings=meetings, days_off=off)


@given(big_weeks(), st.sampled_from(["nl", "en"]), st.sampled_from(["t " * 40, "Parkeren"]))
def test_every_word_of_a_digest_counts_also_the_coachs_own_and_what_stands_above_it(
    material: Material, language: str, title: str
) -> None:
    cycle = Cycle(CycleId(1), GroupId(1), title, "doetank", UserRef("bot", "@m:test"), weeks_from(date(2027, 2, 8), 8))
    names = "A B C D E F G H I J"
    digest = compose(cycle, PACK, material, NOW, "Europe/Amsterdam", Edition(checked_by=names))
    late = CATALOGUE.plain("prompt.late", {"planned": NOW}, language)
    assert len(f"{late}\n{shown(digest, language)}".split()) <= MAX_WORDS
