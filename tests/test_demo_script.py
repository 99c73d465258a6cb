"""The small language of plays, and who may say what in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from doetank_bot.demo import plays
from doetank_bot.demo.cast import CAST
from doetank_bot.demo.play import MissedError, Standing, play
from doetank_bot.demo.script import Aside, Deed, How, Line, Moment, read_script

HEAD = "2027-01-07 15:00\nParkeren\nMaaike Joke\nErik\n"


class EmptyStage:
    """A stage where nothing is ever said, and all that is done is kept."""

    def __init__(self, *standing: Standing) -> None:
        self.done: list[tuple[str, ...]] = []
        self._standing = standing

    async def open_room(self, name: str, inside: Sequence[str]) -> None:
        self.done.append(("room", name, *inside))

    async def move_to(self, local: datetime) -> None:
        self.done.append(("time", f"{local:%H:%M}"))

    async def aside(self, text: str) -> None:
        self.done.append(("aside", text))

    async def come_in(self, who: str) -> None:
        self.done.append(("in", who))

    async def say(self, who: str, text: str, *, thread: str | None = None, reply_to: str | None = None) -> str:
        self.done.append(("say", who, text, thread or "", reply_to or ""))
        return f"${text}"

    async def say_in_private(self, who: str, text: str) -> None:
        self.done.append(("private", who, text))

    async def edit(self, message: Standing, text: str) -> None:
        self.done.append(("edit", message.id, text))

    async def delete(self, message: Standing) -> None:
        self.done.append(("delete", message.id))

    def standing(self) -> tuple[Standing, ...]:
        return self._standing


def test_each_line_is_what_its_sign_says() -> None:
    script = read_script(HEAD + "Joke: hoi\nJoke>(kijken terug) goed\n\nJoke!(hoi)\n= 2027-01-11 09:40\n(later)\n")
    assert script.lines == (
        Deed("Joke", How.SAY, "hoi", ""),
        Deed("Joke", How.UNDER_QUESTION, "goed", "kijken terug"),
        Deed("Joke", How.DELETE, "", "hoi"),
        Moment(datetime.fromisoformat("2027-01-11 09:40")),
        Aside("later"),
    )
    assert script.names == ("Maaike", "Joke", "Erik")


@pytest.mark.parametrize("line", ["Piet: hoi", "zomaar iets", "= gisteren", ""])
def test_a_line_that_nobody_can_do_is_refused(line: str) -> None:
    text = HEAD + line if line else "2027-01-07 15:00"
    with pytest.raises(ValueError, match=r"nobody|Invalid|begins with"):
        read_script(text)


def test_a_later_play_has_later_days_in_its_texts_too() -> None:
    script = read_script(HEAD + "Joke: !afwezig tot {2027-02-22}\n= 2027-01-11 09:40\n").later(7, "nl")
    assert script.lines == (
        Deed("Joke", How.SAY, "!afwezig tot 1 maart", ""),
        Moment(datetime.fromisoformat("2027-01-18 09:40")),
    )
    assert script.begin == datetime.fromisoformat("2027-01-14 15:00")


async def test_an_answer_goes_under_the_last_question_and_never_under_a_digest() -> None:
    stage = EmptyStage(
        Standing("$asked", "", "Wat zag je?"),
        Standing("$notice", "", "Goed.", is_notice=True),
        Standing("$private", "", "Waarom doe je mee?", with_whom="Joke"),
        Standing("$digest", "", "Weekbericht: Parkeren"),
        Standing("$picture", "", "het plaatje", is_text=False),
    )
    await play(read_script(HEAD + "Joke> een rij\nJoke>> en nog een\nJoke:(Weekbericht) klopt niet"), stage)
    assert stage.done[1:] == [
        ("say", "Joke", "een rij", "$asked", ""),
        ("say", "Joke", "en nog een", "$asked", ""),
        ("say", "Joke", "klopt niet", "", "$digest"),
    ]


async def test_an_edit_changes_the_last_own_message_with_those_words() -> None:
    stage = EmptyStage(
        Standing("$1", "Joke", "zes minuten"), Standing("$2", "Joke", "al zes"), Standing("$3", "Maaike", "zes")
    )
    await play(read_script(HEAD + "Joke*(zes) zeven\nJoke!(minuten)"), stage)
    assert stage.done[1:] == [("edit", "$2", "zeven"), ("delete", "$1")]


@pytest.mark.parametrize("line", ["Joke> een rij", "Joke>> verder", "Joke*(nooit) gezegd", "Joke:(nooit) gezegd"])
async def test_what_was_never_said_is_missed_in_words(line: str) -> None:
    with pytest.raises(MissedError, match=r"the bot never said|Joke never said|Joke was in no thread"):
        await play(read_script(HEAD + line), EmptyStage())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_plays_are_for_the_cast_and_end_within_their_weeks(language: str) -> None:
    script = plays.load(language)
    assert sorted(script.names) == sorted(role.name for role in CAST)
    last = max(line.at for line in script.lines if isinstance(line, Moment))
    assert last - script.begin < timedelta(weeks=8, days=2)


def test_both_plays_do_the_same_at_the_same_moments() -> None:
    dutch, english = (plays.load(language).lines for language in ("nl", "en"))
    assert [shape(line) for line in dutch] == [shape(line) for line in english]


def shape(line: Line) -> tuple[object, ...]:
    match line:
        case Moment(at):
            return (at,)
        case Deed():
            return (line.who, line.how)
        case Aside():
            return ()
