"""Whatever is typed behind whatever command: an outcome or one clear sentence, nothing pinged, nothing half done."""

import pytest
from cast import CATALOGUE, GROUP, MAAIKE, ROOM, SAYS_JE, WORDS, FakeKept, cycle, run, scene, schedule
from hypothesis import given
from hypothesis import strategies as st

from doetank_bot.commands.table import COMMANDS
from doetank_bot.commands.usage import typed
from doetank_bot.domain.effect import Effect, Purpose, Record, Say, Show
from doetank_bot.domain.error import UserError
from doetank_bot.domain.group import FORMAL, Address
from doetank_bot.domain.reference import Room
from doetank_bot.domain.view import Scene
from doetank_bot.text.plain import plain

BAD = {
    "nothing": "",
    "wrong type": "weken=morgen vanaf=8 42",
    "endless": "x" * 100_000,
    "endless words": "x= " * 30_000,
    "right to left": "\u202eזהו\u202c شهر=8",
    "zero width": "\u200b\u200d\u2060",
    "HTML": "<h1>hi</h1><script>alert(1)</script>",
    "Markdown": "**vet** [klik](https://example.org) `{prefix}`",
    "the whole room": "@room @maaike:test",
    "half a character": "\ud800 \udfff",
    "null": "\x00\x07",
    "placeholders": "{title} {{question}} {0} %s",
    "open quote": '"niet gesloten',
    "only quotes": "“”„‘’''\"\"",
}
U_GROUP = GROUP.with_settings(address=Address.U)
SCENES = {
    "no cycle": scene(),
    "a cycle": scene(cycle=cycle()),
    "no member": scene(sender=None, is_moderator=None),
    "in private": scene(cycle=cycle(), is_private=True),
    "spoken to with u": scene(cycle=cycle(), group=U_GROUP, language=FORMAL),
    "nowhere": scene(group=None, sender=None, is_private=True, n_groups=0),
}
NAMES = [command.name for command in COMMANDS]


def checked(text: str, where: Scene) -> None:
    try:
        effects = run(text, where, FakeKept(steps=schedule(cycle())))
    except UserError as slip:
        for language in CATALOGUE.languages:
            sentence = CATALOGUE.plain(slip.key, {"prefix": "!", **slip.params}, language)
            assert 0 < len(sentence) < 1000
        return
    for effect in effects:
        assert_harmless(effect)
        assert_sayable(effect)
    assert len([one for one in effects if isinstance(one, Record)]) <= 1


def assert_harmless(effect: Effect) -> None:
    is_prompt = isinstance(effect, Show) and effect.about.purpose is Purpose.PROMPT
    if isinstance(effect, Say | Show) and not is_prompt:
        assert effect.mentions == ()


def assert_sayable(effect: Effect) -> None:
    if isinstance(effect, Show):
        assert plain(effect.document)
    if isinstance(effect, Say):
        for language in CATALOGUE.languages:
            assert CATALOGUE.plain(effect.key, effect.params, language)


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("where", SCENES.values(), ids=SCENES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_bad_input_gets_an_outcome_or_a_sentence(name: str, bad: str, where: Scene, language: str) -> None:
    command = next(one for one in COMMANDS if one.name == name)
    checked(f"{typed(command, WORDS, language, '')} {bad}", where)


@pytest.mark.parametrize("rest", ["", "12", "12 groep", "tot 8 maart", "u", "Wat een week was dit"])
@pytest.mark.parametrize("name", NAMES)
def test_a_group_that_is_spoken_to_with_u_never_reads_je(name: str, rest: str) -> None:
    command = next(one for one in COMMANDS if one.name == name)
    for text in spoken(f"{typed(command, WORDS, FORMAL, '')} {rest}", SCENES["spoken to with u"]):
        assert not SAYS_JE.search(text)


def spoken(text: str, where: Scene) -> list[str]:
    """All that is said, as it is read there."""
    try:
        effects = run(text, where, FakeKept(steps=schedule(cycle())))
    except UserError as slip:
        return [CATALOGUE.plain(slip.key, {"prefix": "!", **slip.params}, where.language)]
    shown = [plain(one.document) for one in effects if isinstance(one, Show)]
    return [*shown, *(CATALOGUE.plain(one.key, one.params, where.language) for one in effects if isinstance(one, Say))]


@given(st.sampled_from(NAMES), st.text(max_size=200), st.sampled_from(sorted(SCENES)))
def test_any_input_gets_an_outcome_or_a_sentence(name: str, text: str, where: str) -> None:
    checked(f"{name.replace('.', ' ')} {text}", SCENES[where])


def test_the_check_sees_a_ping() -> None:
    with pytest.raises(AssertionError):
        assert_harmless(Say(Room(ROOM), "flow.done", mentions=(MAAIKE.user,)))
