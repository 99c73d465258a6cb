"""Whatever people do, whenever the bot dies and whatever the clock does: what must be true of a group stays true.

Hypothesis makes up the story; tests/oracle.py says what must be true. Four times 50 stories of 50 steps, the same ones
each time, where the same modules are loaded (Hypothesis takes constants from them: with `-k test_what_must_be_true` in
place of the file they are those of a whole run); by hand as many as you like, of seeds of your own:

    STORIES=500 STEPS=100 SEED=7 .venv/bin/pytest tests/test_stateful.py
"""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
import structlog
from chronicle import Chronicle
from house import AMSTERDAM
from hypothesis import HealthCheck, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from mortal import Stage, a_folder
from oracle import Given, Oracle, first_monday
from small_pack import PACK, prompt_in
from witness import ZONE, Witness

from doetank_bot.domain.reference import MessageRef, SpaceRef
from doetank_bot.domain.schedule import to_local, to_utc

N_STORIES = int(os.environ.get("STORIES", "50"))
N_STEPS = int(os.environ.get("STEPS", "50"))
SEED = int(os.environ.get("SEED", "0"))
FRIDAY = 4
MEMBERS = ("Joke", "Bas", "Nadia")
N_BY_HAND = 12
"""More in one cycle, and a prompt would rightly be asked again."""
WORDS = ["zin" + "".join(each) for each in product("gklmnprst", repeat=3)]
"""None is part of another, nor of anything the bot writes."""
MOMENTS = [timedelta(minutes=20), timedelta(hours=3), timedelta(days=1), timedelta(days=4), timedelta(days=9)]
whoever = st.sampled_from(MEMBERS)
any_number = st.integers(0, 10_000)


class Doetank(RuleBasedStateMachine):
    """A group of four with its bot, from a Wednesday on."""

    @initialize()
    def the_bot_comes_in_and_a_cycle_starts(self) -> None:
        self.stage = Stage(a_folder(), "2027-09-01 10:00", {"doetank": PACK})
        self.chronicle = Chronicle(self.stage.chat, "nl", AMSTERDAM)
        self.oracle = Oracle()
        self.closed: dict[str, MessageRef | None] = dict.fromkeys(MEMBERS)
        self.words = iter(WORDS)
        self.people = {name: self.stage.chat.person(f"@{name.lower()}:test", name) for name in ("Maaike", *MEMBERS)}
        self.stage.start()
        maaike, *others = self.people.values()
        self.room = maaike.create_room("Parkeren", *others)
        maaike.invite_bot(self.room)
        self.witness = Witness(self.stage, self.oracle, self.people, MEMBERS, self.room)
        self.stage.settle()
        self._start()

    # --------------------------------------------------------------------------------------- what members do

    @rule(who=whoever, which=any_number, in_thread=st.booleans())
    def answers_a_prompt(self, who: str, which: int, in_thread: bool) -> None:  # noqa: FBT001 - drawn
        prompts = [one for one in self.witness.of_bot(self.room) if prompt_in(one)]
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
        self._gives(who, self.witness.own[who], before="!zag ", is_private=True)
        self._lives_on()

    @precondition(lambda self: self.stage.is_up)
    @rule(who=whoever)
    def answers_what_was_asked_in_private(self, who: str) -> None:
        asked = self._open_question(who)
        if asked is None or not self._is_in(who):
            return
        self.closed[who] = asked
        self._gives(who, asked.space, is_private=True)
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
        number = next(kept.number for kept in self.witness.kept() if kept.source == one.source)
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
    def stops(self, who: str) -> None:
        if not self._is_in(who):
            return
        said = self._says(who, "!stop")
        self.oracle.absent.add(who)
        self.closed[who] = self.witness.last_question(who)
        self._says(who, "ja", thread=said)

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
        self.closed[who] = self.witness.last_question(who)
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
        self.oracle.n_at_pause = None if was_paused else self.witness.n_told()

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

    @precondition(lambda self: self.stage.is_up)
    @rule(by=st.sampled_from(MOMENTS))
    def the_homeserver_takes_nothing(self, by: timedelta) -> None:
        self.stage.cannot_say(by)

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
        assert not self.witness.seen_wrong, self.witness.seen_wrong

    def teardown(self) -> None:
        if not hasattr(self, "stage"):
            return
        try:
            self.stage.chat.lives_for = None
            if not self.stage.is_up:
                self.stage.start()
            self.stage.settle()
            self._until_noon()
            note(self.chronicle.page())
            wrong = self.witness.wrong()
            assert not wrong, wrong
        finally:
            self.stage.close()

    # --------------------------------------------------------------------------------------- how it is done

    def _until_noon(self) -> None:
        """Let it be noon of a working day after all that ever was: what waited for the morning is out by then."""
        local = to_local(self.stage.latest, ZONE) + timedelta(days=1)
        local += timedelta(days=7 - local.weekday() if local.weekday() > FRIDAY else 0)
        self.stage.advance(to_utc(local.replace(hour=12, minute=0), ZONE) - self.stage.clock.now())

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
        self.oracle.given.append(
            Given(who, words, source, before, is_private, is_signed=space == self.room and not before)
        )
        self.stage.settle()

    def _one_of(self, which: int) -> Given | None:
        """Return something that was given and is still there, of someone who is in the room; None when there is not."""
        standing = [one for one in self.oracle.given if not one.is_deleted and self._is_in(one.who)]
        return standing[which % len(standing)] if standing else None

    def _says(self, who: str, text: str, thread: MessageRef | None = None) -> MessageRef:
        """Let someone type a command; a bot that dies of it carries it out in its next life, which begins at once."""
        said = self.people[who].say(self.room, text, thread=thread)
        self.stage.settle()
        self._lives_on()
        return said

    def _lives_on(self) -> None:
        if not self.stage.is_up:
            self.stage.start()

    def _start(self) -> None:
        first = first_monday(to_local(self.stage.clock.now(), ZONE))
        self._says("Maaike", "!ronde start weken=4")
        self.closed = {name: self.witness.last_question(name) for name in MEMBERS}
        self.oracle.begin(first, self.witness.n_digests(), self.witness.n_dropped())

    def _open_question(self, who: str) -> MessageRef | None:
        asked = self.witness.last_question(who)
        return None if asked == self.closed[who] else asked

    def _is_in(self, who: str) -> bool:
        return self.people[who].user in self.stage.chat.room(self.room).names


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


# A failing story is made shorter, which takes minutes. And who dies closes nothing.
@pytest.mark.timeout(900 + 5 * N_STORIES)
@pytest.mark.filterwarnings("ignore:.*was deleted before being closed:ResourceWarning")
@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_what_must_be_true_of_a_group_stays_true(quarter: int) -> None:
    run_state_machine_as_test(
        seed(SEED + quarter)(Doetank),
        settings=settings(
            max_examples=N_STORIES,
            stateful_step_count=N_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
