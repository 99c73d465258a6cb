"""Whatever people do, whenever the bot dies and whatever the clock does: what must be true of a group stays true.

Hypothesis makes up the story; tests/oracle.py says what must be true. STORIES and STEPS make it longer by hand.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from chronicle import Chronicle
from house import AMSTERDAM
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from mortal import Stage
from oracle import Given, Oracle, wrongly_acknowledged, wrongly_kept, wrongly_left, wrongly_shown

from doetank_bot.chat.memory import Shown
from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.schedule import to_local
from doetank_bot.store.migration import migrate

N_STORIES = int(os.environ.get("STORIES", "100"))
N_STEPS = int(os.environ.get("STEPS", "50"))
TITLE = {"nl": "Samen", "en": "Together"}
MEMBERS = ("Joke", "Bas", "Nadia")
N_BY_HAND = 12
"""More in one cycle, and a prompt would rightly be asked again."""
QUESTION = "Waarom doe jij mee?"
WORDS = ["zin" + "".join(each) for each in product("gklmnprst", repeat=3)]
"""None is part of another, nor of anything the bot writes."""
MOMENTS = [timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=4), timedelta(days=9)]
whoever = st.sampled_from(MEMBERS)
any_number = st.integers(0, 10_000)


def _prompt(name: str, becomes: str) -> dict[str, object]:
    return {"kind": "do", "becomes": becomes, "ask": {"nl": f"Opdracht {name}.", "en": f"Task {name}."}}


def _pack() -> Pack:
    """A pack whose prompts are each asked once in a cycle, with one personal question."""
    tasks, thoughts = ([f"{letter}{n}" for n in range(1, 19)] for letter in "DT")
    personal = {"P1": _prompt("", "reflection") | {"private": True, "ask": {"nl": QUESTION, "en": "Why?"}}}
    steps = [
        {"id": "do", "on": "mon 09:30", "pick": tasks},
        {"id": "think", "on": "thu 10:00", "pick": thoughts},
        {"id": "draft", "on": "fri 11:00", "run": "digest.draft"},
        {"id": "digest", "on": "fri 14:00", "run": "digest.send"},
    ]
    return Pack.model_validate({
        "schema": "pack/1",
        "name": "doetank",
        "title": TITLE,
        "weeks": {"min": 4, "default": 4, "max": 8},
        "prompts": {name: _prompt(name, "observation") for name in tasks}
        | {name: _prompt(name, "reflection") for name in thoughts}
        | personal,
        "phases": [{"name": "go", "title": TITLE, "weeks": {"min": 1, "default": 4, "stretch": 1}, "steps": steps}],
        "personal": ["P1"],
    })  # fmt: skip


PACK = _pack()


@cache
def _migrated() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="doetank-stateful-"))
    asyncio.run(migrate(f"sqlite+aiosqlite:///{folder / 'doetank.db'}"))
    return folder


class Doetank(RuleBasedStateMachine):
    """A group of four with its bot, from a Wednesday on."""

    @initialize()
    def the_bot_comes_in_and_a_cycle_starts(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="doetank-story-", dir=_fast()))
        shutil.copytree(_migrated(), folder, dirs_exist_ok=True)
        self.stage = Stage(folder, "2027-09-01 10:00", {"doetank": PACK})
        self.chronicle = Chronicle(self.stage.chat, "nl", AMSTERDAM)
        self.oracle = Oracle("Maaike")
        self.words = iter(WORDS)
        self.seen_wrong: list[str] = []
        self.signs: dict[MessageRef, int] = {}
        self.people = {name: self.stage.chat.person(f"@{name.lower()}:test", name) for name in ("Maaike", *MEMBERS)}
        self.stage.start()
        maaike, *others = self.people.values()
        self.room = maaike.create_room("Parkeren", *others)
        maaike.invite_bot(self.room)
        self.own = {name: self.people[name].open_private() for name in MEMBERS}
        self.stage.settle()
        self.stage.chat.listeners.append(self._heard)
        self._start()

    # --------------------------------------------------------------------------------------- what members do

    @rule(who=whoever, which=any_number, in_thread=st.booleans())
    def answers_a_prompt(self, who: str, which: int, in_thread: bool) -> None:  # noqa: FBT001 - drawn
        prompts = [one for one in self._of_bot(self.room) if _is_prompt(one)]
        if not prompts or not self._is_in(who):
            return
        prompt = prompts[which % len(prompts)].ref
        self._gives(who, self.room, thread=prompt if in_thread else None, reply_to=None if in_thread else prompt)

    @rule(who=whoever)
    def gives_by_command(self, who: str) -> None:
        if not self._is_in(who):
            return
        self._gives(who, self.room, before="!zag ")

    @precondition(lambda self: self.stage.is_up)
    @rule(who=whoever)
    def gives_by_command_in_private(self, who: str) -> None:
        if not self._is_in(who):
            return
        self._gives(who, self.own[who], before="!zag ", is_private=True)
        self._lives_on()

    @rule(which=any_number)
    def edits(self, which: int) -> None:
        if (one := self._one_of(which)) is None:
            return
        word = next(self.words)
        one.former.append(one.words)
        one.words = word
        self.people[one.who].edit(one.source, one.before + word)
        self.stage.settle()

    @rule(which=any_number)
    def deletes(self, which: int) -> None:
        if (one := self._one_of(which)) is None:
            return
        one.is_deleted = True
        self.people[one.who].delete(one.source)
        self.stage.settle()

    @precondition(lambda self: self.stage.is_up)
    @rule(which=any_number, is_narrower=st.booleans())
    def shares(self, which: int, is_narrower: bool) -> None:  # noqa: FBT001 - drawn
        if (one := self._one_of(which)) is None:
            return
        number = next(kept.number for kept in self._kept() if kept.source == one.source)
        if is_narrower:
            one.is_private = True
        self._says(one.who, f"!deel {number} {'niemand' if is_narrower else 'groep'}")
        one.is_private = is_narrower

    @precondition(lambda self: self.stage.is_up)
    @rule(who=whoever)
    def rests(self, who: str) -> None:
        if not self._is_in(who):
            return
        self._says(who, "!pauze")
        self.oracle.absent.add(who)

    @precondition(lambda self: self.stage.is_up)
    @rule(who=whoever)
    def is_back(self, who: str) -> None:
        if not (self._is_in(who) and who in self.oracle.absent):
            return
        self.oracle.absent.discard(who)
        self._says(who, "!verder")

    @rule(who=whoever)
    def leaves(self, who: str) -> None:
        if not self._is_in(who):
            return
        self.people[who].leave(self.room)
        self.oracle.absent.add(who)
        self.stage.settle()

    @rule(who=whoever)
    def comes_back(self, who: str) -> None:
        if self._is_in(who):
            return
        self.people[who].join(self.room)
        self.oracle.absent.discard(who)
        self.stage.settle()

    # --------------------------------------------------------------------------------------- what the coach does

    @precondition(lambda self: self.stage.is_up and self.oracle.first_monday is None)
    @rule()
    def starts_a_cycle(self) -> None:
        self._start()

    @precondition(lambda self: self.stage.is_up and self.oracle.first_monday is not None)
    @rule()
    def ends_the_cycle(self) -> None:
        self._says("Maaike", "!ronde einde")
        self.oracle.end()

    @precondition(lambda self: self.stage.is_up and self.oracle.first_monday is not None)
    @rule()
    def pauses_or_goes_on(self) -> None:
        was_paused, self.oracle.is_plain, self.oracle.n_at_pause = self.oracle.is_paused, False, None
        self._says("Maaike", "!ronde verder" if was_paused else "!ronde pauze")
        self.oracle.n_at_pause = None if was_paused else self._n_told()

    @precondition(lambda self: self.stage.is_up and self.oracle.first_monday is not None)
    @rule(what=st.sampled_from(["!opdracht nu", "!weekbericht stuur"]))
    def asks_by_hand(self, what: str) -> None:
        if self.oracle.is_paused or self.oracle.n_by_hand == N_BY_HAND:
            return
        self.oracle.is_plain = False
        self.oracle.n_by_hand += 1
        self._says("Maaike", what)

    # --------------------------------------------------------------------------------------- what happens to all

    @rule(by=st.sampled_from(MOMENTS))
    def time_passes(self, by: timedelta) -> None:
        self.stage.advance(by)

    @rule(by=st.sampled_from(MOMENTS))
    def the_machine_sleeps(self, by: timedelta) -> None:
        self.stage.jump(by)

    @rule(minutes=st.integers(1, 90))
    def the_clock_is_put_back(self, minutes: int) -> None:
        self.stage.jump(-timedelta(minutes=minutes))

    @precondition(lambda self: self.stage.is_up)
    @rule(lives_for=st.integers(0, 6), is_done=st.booleans())
    def the_power_will_fail(self, lives_for: int, is_done: bool) -> None:  # noqa: FBT001 - drawn
        self.stage.chat.lives_for, self.stage.chat.is_done = lives_for, is_done

    @precondition(lambda self: self.stage.is_up)
    @rule()
    def the_bot_goes_down(self) -> None:
        self.stage.stop()

    @precondition(lambda self: not self.stage.is_up)
    @rule()
    def the_bot_comes_up(self) -> None:
        self.stage.start()

    # --------------------------------------------------------------------------------------- what must be true

    @invariant()
    def nothing_wrong_was_ever_seen(self) -> None:
        assert not self.seen_wrong, self.seen_wrong

    def teardown(self) -> None:
        if not hasattr(self, "stage"):
            return
        try:
            self.stage.chat.lives_for = None
            if not self.stage.is_up:
                self.stage.start()
            self.stage.settle()
            note(self.chronicle.page())
            wrong = [*self.seen_wrong, *self._wrong()]
            assert not wrong, wrong
        finally:
            self.stage.close()

    def _wrong(self) -> list[str]:
        """Return all that is wrong once the bot had time."""
        disk = {file.name: file.read_bytes() for file in self.stage.folder.iterdir()}
        of_bot = [shown for space in (self.room, *self.own.values()) for shown in self._of_bot(space)]
        found = wrongly_kept(self.oracle, self._kept()) + wrongly_left(self.oracle, disk)
        found += wrongly_acknowledged(self.oracle, of_bot, self.signs)
        for room in self.stage.chat.rooms():
            found += wrongly_shown(self.oracle, self._reader(room.space), self._of_bot(room.space))
        return found

    # --------------------------------------------------------------------------------------- how it is done

    def _gives(
        self,
        who: str,
        space: SpaceRef,
        *,
        before: str = "",
        is_private: bool = False,
        thread: MessageRef | None = None,
        reply_to: MessageRef | None = None,
    ) -> None:
        words = next(self.words)
        source = self.people[who].say(space, before + words, thread=thread, reply_to=reply_to)
        self.oracle.given.append(Given(who, words, source, before, is_private, is_answer=not before))
        self.stage.settle()

    def _one_of(self, which: int) -> Given | None:
        """Return something that was given and is still there, of someone who is in the room; None when there is not."""
        standing = [one for one in self.oracle.given if not one.is_deleted and self._is_in(one.who)]
        return standing[which % len(standing)] if standing else None

    def _says(self, who: str, text: str) -> None:
        """Let someone type a command; a bot that dies of it carries it out in its next life, which begins at once."""
        self.people[who].say(self.room, text)
        self.stage.settle()
        self._lives_on()

    def _lives_on(self) -> None:
        if not self.stage.is_up:
            self.stage.start()

    def _start(self) -> None:
        today = self._local().replace(hour=0, minute=0, second=0, microsecond=0)
        self._says("Maaike", "!ronde start weken=4")
        self.oracle.begin(today + timedelta(days=7 - today.weekday()))

    def _is_in(self, who: str) -> bool:
        return self.people[who].user in self.stage.chat.room(self.room).names

    def _local(self) -> datetime:
        return to_local(self.stage.clock.now(), "Europe/Amsterdam")

    def _kept(self) -> tuple[Contribution, ...]:
        async def kept() -> tuple[Contribution, ...]:
            async with self.stage.house.store.read() as views:
                group = await views.group_in(self.room)
                assert group is not None
                return await views.group(group).contributions()

        return self.stage.ask(kept())

    def _of_bot(self, space: SpaceRef) -> list[Shown]:
        shown = self.stage.chat.room(space).messages.values()
        return [one for one in shown if one.sender == self.stage.chat.me and not one.is_deleted]

    def _n_told(self) -> int:
        """Return how many prompts and digests are there: one that is posted again without some words is no new one."""
        return sum(not one.is_notice for one in self._of_bot(self.room))

    def _reader(self, space: SpaceRef) -> str | None:
        """Return who reads there, besides the bot; None for the room."""
        if space == self.room:
            return None
        return next(name for name, own in self._privates() if own == space)

    def _privates(self) -> Iterator[tuple[str, SpaceRef]]:
        yield from self.own.items()
        for room in self.stage.chat.rooms():
            for name, person in self.people.items():
                if room.private_with == person.user:
                    yield name, room.space

    def _heard(self, message: Shown) -> None:
        """Look at each message at the moment at which it appears or changes."""
        if message.sender != self.stage.chat.me:
            self.signs[message.ref] = sum(user == self.stage.chat.me for user, _ in message.reactions)
            return
        self.seen_wrong += self._wrong_now(message)

    def _wrong_now(self, message: Shown) -> Iterator[str]:
        yield from wrongly_shown(self.oracle, self._reader(message.ref.space), [message])
        if message.ref.space != self.room or message.is_edited or message.is_deleted:
            return
        absent = {self.people[name].user for name in self.oracle.absent}
        if absent & {*message.mentions}:
            yield f"mentions someone who is not there: {message.text}"
        if self.oracle.n_at_pause is not None and self._n_told() > self.oracle.n_at_pause:
            yield f"speaks while the cycle is paused: {message.text}"
        if _is_prompt(message):
            yield from self._wrong_prompt(message)

    def _wrong_prompt(self, message: Shown) -> Iterator[str]:
        name = next(line for line in message.text.splitlines() if line.startswith("Opdracht "))
        if name in self.oracle.asked:
            yield f"asked twice: {name}"
        self.oracle.asked.append(name)
        due = self.oracle.due(to_local(self.stage.latest, "Europe/Amsterdam"), 0, 3) + self.oracle.n_by_hand
        if len(self.oracle.asked) > due:
            yield f"asked early: {name}"


def _is_prompt(shown: Shown) -> bool:
    return any(line.startswith("Opdracht ") for line in shown.text.splitlines())


def _fast() -> str | None:
    """Return a place in memory where the machine has one: each commit waits for a disk otherwise."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder of our own is made in it


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("half", [1, 2])
def test_what_must_be_true_of_a_group_stays_true(half: int) -> None:
    run_state_machine_as_test(
        seed(half)(Doetank),
        settings=settings(
            max_examples=N_STORIES,
            stateful_step_count=N_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if os.environ.get("NOSHRINK") else list(Phase),
            database=None,
        ),
    )
