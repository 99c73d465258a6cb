from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from stored import (
    ANA,
    BEN,
    LANE,
    NOW,
    OTHER_ROOM,
    ROOM,
    Asked,
    Scene,
    cycle_of,
    given,
    message,
    quoting,
    scene_in,
    step,
)

from doetank_bot.domain.contribution import Audience, ContributionKind, Status
from doetank_bot.domain.cycle import Before
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.group import Group, GroupSettings, MemberStatus
from doetank_bot.domain.reference import CycleId, GroupId, MemberId, Thread
from doetank_bot.domain.schedule import Run
from doetank_bot.ports import Act, GroupViews, NewPost, PostState, Undecryptable
from doetank_bot.store.transaction import Stale


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def test_a_group_is_what_was_founded_and_goes_on_when_the_bot_comes_back(scene: Scene) -> None:
    async with scene.uow.write() as work:
        founded = await work.group(scene.group).group()
        await work.group(scene.group).store_group(replace(founded, language="en").with_settings(nudges=True))
        await work.leave_space(ROOM)
        again = await work.create_group(ROOM, "Parkeren in de wijk", "nl", "Europe/Amsterdam")
        assert again == scene.group

    async with scene.uow.read() as views:
        settings = GroupSettings(nudges=True)
        expected = Group(scene.group, ROOM, "en", "Europe/Amsterdam", "Parkeren in de wijk", settings)
        assert await views.group(scene.group).group() == expected
        with pytest.raises(LookupError):
            await views.group(GroupId(99)).group()


async def test_members_come_go_and_change_their_name_under_one_id(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        ben = await group.set_member(BEN, "Ben", is_in=True)
        left = await group.set_member(ANA, "", is_in=False)
        assert (left.id, left.name, left.status) == (scene.ana.id, "Ana", MemberStatus.LEFT)
        assert await group.members() == (ben,)
        back = await group.set_member(ANA, "Ana de Wit", is_in=True)

    async with scene.uow.read() as views:
        assert await views.group(scene.group).members() == (back, ben)
        assert await views.group(scene.group).member(ANA) == back
        assert back.id == scene.ana.id


async def test_a_contribution_is_kept_word_for_word(scene: Scene) -> None:
    words = "Wij bellen — *elke* dag — <b>Ana</b>\nen dan 'zien' we 'wel' ✨"
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), ())
        post = await work.post(NewPost(Act.SEND, None, ROOM, payload={}), NOW)
        new = replace(given(scene.ana, 1, words, cycle=cycle), field="helped", prompted_by=post.id)
        await group.record(new, NOW)
        await group.record(replace(given(scene.ana, 2), part_of=1), NOW)

    async with scene.uow.read() as views:
        views_of_group = views.group(scene.group)
        kept, second = await views_of_group.contributions()
        assert (kept.text, kept.author_name, kept.created_at, kept.edited_at) == (words, "Ana", NOW, None)
        assert (kept.cycle, kept.field, kept.prompted_by, second.part_of) == (cycle, "helped", post.id, 1)
        assert await views_of_group.contributions(cycle) == (kept,)
        assert await views_of_group.contribution(message("$said1")) == kept
        assert await views_of_group.contribution(message("$said1", OTHER_ROOM)) is None
        assert await views_of_group.next_number() == 3
        assert await views.group_of_source(message("$said1")) == scene.group
        assert await views.group_of_source(message("$nothing")) is None


async def test_an_edit_replaces_the_words(scene: Scene) -> None:
    later = NOW + timedelta(minutes=1)
    async with scene.uow.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
        await work.group(scene.group).rewrite(1, "wij schrijven de buren", later)

    async with scene.uow.read() as views:
        [kept] = await views.group(scene.group).contributions()
        assert (kept.text, kept.created_at, kept.edited_at) == ("wij schrijven de buren", NOW, later)


async def test_forgotten_words_are_in_no_file_of_the_store(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        await group.record(given(scene.ana, 1, "onuitwisbaar " * 300), NOW)
        await group.record(given(scene.ana, 2, "dit blijft"), NOW)
    files = list(scene.path.parent.glob("doetank.sqlite*"))
    assert any(b"onuitwisbaar" in file.read_bytes() for file in files)
    async with scene.uow.write() as work:
        await work.group(scene.group).forget(1, NOW)

    assert not any(b"onuitwisbaar" in file.read_bytes() for file in files)
    async with scene.uow.read() as views:
        gone, _ = await views.group(scene.group).contributions()
        assert (gone.status, gone.text) == (Status.WITHDRAWN, "")
        assert await views.group(scene.group).words([1, 2]) == {2: ("dit blijft", "Ana")}


async def test_withdrawn_words_do_not_come_back(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.group(scene.group).record(given(scene.ana, 1), NOW)
        await work.group(scene.group).forget(1, NOW)
    with pytest.raises(Stale):
        async with scene.uow.write() as work:
            await work.group(scene.group).rewrite(1, "toch", NOW)


async def test_a_member_of_another_group_cannot_give_something_here(scene: Scene) -> None:
    with pytest.raises(IntegrityError):
        async with scene.uow.write() as work:
            await work.group(scene.group).record(given(scene.ana_elsewhere, 1), NOW)


async def test_a_cycle_of_another_group_cannot_be_changed_or_written_to(scene: Scene) -> None:
    async with scene.uow.write() as work:
        elsewhere = await work.group(scene.other).store_cycle(cycle_of(scene.other), ())
    with pytest.raises(Stale):
        async with scene.uow.write() as work:
            await work.group(scene.group).store_cycle(replace(cycle_of(scene.group), id=elsewhere), ())
    with pytest.raises(IntegrityError):
        async with scene.uow.write() as work:
            await work.group(scene.group).record(given(scene.ana, 1, cycle=elsewhere), NOW)


async def test_another_groups_words_cannot_be_changed(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.group(scene.other).record(given(scene.ana_elsewhere, 1), NOW)
    with pytest.raises(Stale):
        async with scene.uow.write() as work:
            await work.group(scene.group).rewrite(1, "x", NOW)
    with pytest.raises(Stale):
        async with scene.uow.write() as work:
            await work.group(scene.group).forget(1, NOW)


async def test_a_post_cannot_quote_what_is_not_there(scene: Scene) -> None:
    async with scene.uow.write() as work:
        await work.group(scene.other).record(given(scene.ana_elsewhere, 1), NOW)
    with pytest.raises(IntegrityError):
        async with scene.uow.write() as work:
            await work.post(quoting(scene.group, 1), NOW)


def _digest(scene: Scene, cycle: CycleId, number: int) -> NewPost:
    return quoting(scene.group, 1, about=About(Purpose.DIGEST, cycle, digest=number))


async def test_a_digest_is_made_from_what_the_whole_group_may_see(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), (step("w1.do", 0), step("w1.digest", 4, Run.DIGEST)))
        await group.record(given(scene.ana, 1, cycle=cycle), NOW)
        await group.record(given(scene.ana, 2, cycle=cycle, audience=Audience.PRIVATE), NOW)
        await group.record(replace(given(scene.ana, 3, cycle=cycle), status=Status.DRAFT), NOW)
        await group.record(given(scene.ana, 4, cycle=cycle), NOW)
        await group.forget(4, NOW)
        await group.record(given(scene.ana, 5), NOW)

    async with scene.uow.read() as views:
        material = await views.group(scene.group).material(cycle)
    assert [contribution.number for contribution in material.contributions] == [1]
    assert material.members == (scene.ana,)
    assert (material.n_digests, material.since) == (0, None)
    assert [(key, day.isoformat()) for key, day in material.next_steps] == [
        ("w1.do", "2027-02-08"),
        ("w1.digest", "2027-02-12"),
    ]


async def test_a_digest_in_parts_that_was_posted_again_counts_once_from_its_first_time(scene: Scene) -> None:
    weeks = [NOW + timedelta(weeks=week) for week in range(4)]
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), ())
        await group.record(given(scene.ana, 1, cycle=cycle), NOW)
        await work.post(_digest(scene, cycle, 1), weeks[0])
        first = await work.post(_digest(scene, cycle, 2), weeks[1])
        second = await work.post(_digest(scene, cycle, 2), weeks[1])
        cancelled = await work.post(_digest(scene, cycle, 3), weeks[2])
        await work.cancel(cancelled.id)
        await work.settle(second.id, PostState.SENT, "$digest", NOW)
        await work.post(NewPost(Act.DELETE, None, ROOM, target=first.id), weeks[3])
        again = await work.post(_digest(scene, cycle, 2), weeks[3])
        await work.set_private(LANE, BEN)
        await work.post(replace(_digest(scene, cycle, 9), space=LANE, user=BEN), weeks[3])

    async with scene.uow.read() as views:
        group_views = views.group(scene.group)
        material = await group_views.material(cycle)
        digests = await group_views.digests(cycle)
    assert (material.n_digests, material.since) == (2, weeks[1])
    assert [digest.about.digest for digest in digests] == [1, 2, 2]
    assert [digest.id for digest in digests[1:]] == [second.id, again.id]


async def test_prompts_are_asked_once_they_are_laid_out_unless_they_never_went_out(scene: Scene) -> None:
    async with scene.uow.write() as work:
        cycle = await work.group(scene.group).store_cycle(cycle_of(scene.group), ())
        for prompt in ("V1", "V2", "V3"):
            about = About(Purpose.PROMPT, cycle, prompt)
            post = await work.post(NewPost(Act.SEND, None, ROOM, group=scene.group, about=about), NOW)
            if prompt == "V2":
                await work.settle(post.id, PostState.DENIED, "", NOW)

    async with scene.uow.read() as views:
        assert await views.group(scene.group).prompts_asked(cycle) == ("V1", "V3")


# One question each; every method of GroupViews is here, or the test below it fails.
QUESTIONS: dict[str, Callable[[GroupViews, CycleId], Awaitable[Any]]] = {
    "group": lambda views, _: views.group(),
    "standing": lambda views, _: views.standing(BEN),
    "member": lambda views, _: views.member(BEN),
    "members": lambda views, _: views.members(),
    "cycle": lambda views, _: views.cycle(),
    "cycles": lambda views, _: views.cycles(),
    "next_number": lambda views, _: views.next_number(),
    "contributions": lambda views, cycle: views.contributions(cycle),
    "contribution": lambda views, _: views.contribution(message("$said1", OTHER_ROOM)),
    "material": lambda views, cycle: views.material(cycle),
    "fired": lambda views, cycle: views.fired(cycle),
    "waiting": lambda views, cycle: views.waiting(cycle),
    "prompts_asked": lambda views, cycle: views.prompts_asked(cycle),
    "posts_quoting": lambda views, _: views.posts_quoting(1),
    "digests": lambda views, cycle: views.digests(cycle),
    "words": lambda views, _: views.words([1, 2]),
    "numbered": lambda views, _: views.numbered(1),
    "parts_of": lambda views, _: views.parts_of([1]),
    "cards": lambda views, _: views.cards([ContributionKind.PLAN], MemberId(1), 5),
    "stories": lambda views, _: views.stories(5),
    "given_by": lambda views, _: views.given_by(MemberId(2), 5),
    "search": lambda views, _: views.search(["buren"], MemberId(2), 5),
    "n_given": lambda views, cycle: views.n_given(cycle, [NOW]),
    "prompts_posted": lambda views, cycle: views.prompts_posted(cycle, 5),
    "gave_since": lambda views, _: views.gave_since(NOW),
    "sealed": lambda views, _: views.sealed(NOW),
    "reminders": lambda views, cycle: views.reminders(cycle),
    "last_act": lambda views, _: views.last_act(),
    "kept": lambda views, _: views.kept([1, 2]),
    "flows_of": lambda views, _: views.flows_of(MemberId(2)),
    "member_by_id": lambda views, _: views.member_by_id(MemberId(2)),
    "asked_anything_since": lambda views, _: views.asked_anything_since(NOW),
}


def test_every_question_about_a_group_is_checked_for_isolation() -> None:
    assert set(QUESTIONS) == {name for name in vars(GroupViews) if not name.startswith("_")}


async def _fill(scene: Scene) -> CycleId:
    """Give the other group something of everything; Ana's group stays empty."""
    async with scene.uow.write() as work:
        group = work.group(scene.other)
        cycle = await group.store_cycle(cycle_of(scene.other), (step("w1.do", 0), step("w1.think", 3)))
        source = message("$said1", OTHER_ROOM)
        await group.record(given(scene.ana_elsewhere, 1, cycle=cycle, source=source), NOW)
        await group.record(replace(given(scene.ana_elsewhere, 2, cycle=cycle, source=source), part_of=1), NOW)
        story = given(scene.ana_elsewhere, 3, cycle=cycle, source=source)
        await group.record(replace(story, kind=ContributionKind.STORY), NOW)
        await group.set_timer(cycle, step("later", 5, Run.LATER))
        await group.remember(Before("cycle.start", NOW, await group.group(), None))
        there = await work.conversation(Thread(source))
        await group.open_flow(there, scene.ana_elsewhere.id, Asked(number=1))
        for purpose in (Purpose.PROMPT, Purpose.DIGEST):
            about = About(purpose, cycle, "V1", 1)
            await work.post(quoting(scene.other, 1, space=OTHER_ROOM, about=about), NOW)
        await work.take([Undecryptable(message("$sealed", OTHER_ROOM), BEN, {"ciphertext": "AwgA"})], None, NOW)
    async with scene.uow.write() as work:
        [first] = await work.due_timers(NOW)
        await work.fired(first.id, NOW)
    return cycle


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_group_is_told_nothing_of_another_group(scene: Scene, question: str) -> None:
    async with scene.uow.read() as views:
        before = await QUESTIONS[question](views.group(scene.group), CycleId(1))
    cycle = await _fill(scene)

    async with scene.uow.read() as views:
        there = await QUESTIONS[question](views.group(scene.other), cycle)
        here = await QUESTIONS[question](views.group(scene.group), cycle)
    assert here == before
    assert there != here
