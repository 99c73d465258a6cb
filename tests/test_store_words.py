"""What members gave, as it is found, listed, shown and taken out of the store."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from stored import (
    BEN,
    NOW,
    ROOM,
    Scene,
    cycle_of,
    given,
    message,
    quoting,
    scene_in,
)

from doetank_bot.domain.contribution import Audience, ContributionKind, Status
from doetank_bot.domain.effect import About, Purpose
from doetank_bot.domain.reference import CycleId
from doetank_bot.ports import Act, NewPost, PostState
from doetank_bot.store.transaction import Stale


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(tmp_path) as scene:
        yield scene


async def test_private_words_are_found_and_listed_for_their_author_only(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        ben = await group.set_member(BEN, "Ben", is_in=True)
        await group.record(given(scene.ana, 1, "Vanmiddag bellen", Audience.PRIVATE), NOW)
        await group.record(replace(given(scene.ana, 2, "Morgen béllen"), status=Status.DRAFT), NOW)
        await group.record(given(ben, 3, "Bellen met de balie"), NOW)

    async with scene.uow.read() as views:
        found = await views.group(scene.group).search(["bel"], scene.ana.id, 2)
        assert ([one.number for one in found.shown], found.n_all) == ([3, 2], 3)
        assert [one.number for one in (await views.group(scene.group).search(["bellen"], ben.id, 9)).shown] == [3]
        assert (await views.group(scene.group).search(["bellen", "balie"], ben.id, 9)).n_all == 1
        cards = await views.group(scene.group).cards([ContributionKind.PLAN], ben.id, 9)
        assert ([one.number for one in cards.shown], cards.n_all) == ([3], 1)
        assert (await views.group(scene.group).given_by(scene.ana.id, 1)).n_all == 2


async def test_forgotten_and_rewritten_words_are_not_found_and_leave_the_file(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        await group.record(given(scene.ana, 1, "Roodborstje zong"), NOW)
        await group.record(given(scene.ana, 2, "Winterkoninkje zong"), NOW)
    async with scene.uow.write() as work:
        await work.group(scene.group).forget(1, NOW)
        await work.group(scene.group).rewrite(2, "Een vogel zong", NOW)

    async with scene.uow.read() as views:
        assert (await views.group(scene.group).search(["roodborstje"], scene.ana.id, 9)).n_all == 0
        assert [one.number for one in (await views.group(scene.group).search(["zong"], scene.ana.id, 9)).shown] == [2]
    on_disk = b"".join(file.read_bytes() for file in scene.path.parent.iterdir())
    assert b"vogel" in on_disk
    assert b"oodborstje" not in on_disk
    assert b"interkoninkje" not in on_disk


async def test_a_story_that_was_checked_stands_under_the_role_that_was_given(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        await group.record(replace(given(scene.ana, 1), status=Status.DRAFT, shown_as="mantelzorger"), NOW)
        await group.reclassify(1, Audience.SPONSOR, Status.ACTIVE, None)
        kept = await group.numbered(1)
        assert kept is not None
        assert (kept.audience, kept.status, kept.author_name) == (Audience.SPONSOR, Status.ACTIVE, "mantelzorger")
        assert await group.words([1]) == {1: ("wij bellen de buren", "mantelzorger")}
        with pytest.raises(ValueError, match="forgetting"):
            await group.reclassify(1, None, Status.WITHDRAWN, None)
        await group.forget(1, NOW)
        assert await group.numbered(1) is None
        with pytest.raises(Stale):
            await group.reclassify(1, Audience.GROUP, None, None)


async def test_a_digest_is_made_from_what_is_new_and_from_the_cards_that_stay(scene: Scene) -> None:
    friday, later = NOW + timedelta(days=4), NOW + timedelta(days=5)
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), ())
        ana = scene.ana
        await group.record(given(ana, 1, "oud antwoord", cycle=cycle), NOW)
        await group.record(replace(given(ana, 2, "een proef", cycle=cycle), kind=ContributionKind.EXPERIMENT), NOW)
        await group.record(replace(given(ana, 3, "verhaal", cycle=cycle), kind=ContributionKind.STORY), NOW)
        first = _digest(scene, cycle, 1)
        await work.post(replace(first, quotes=(3,)), friday)
        await group.record(replace(given(ana, 4, "de uitkomst", cycle=cycle), part_of=2), later)
        await group.record(given(ana, 5, "nieuw antwoord", cycle=cycle), later)
        await group.record(given(ana, 6, "geheim", Audience.PRIVATE, cycle=cycle), later)
        await group.rewrite(1, "oud antwoord, beter", later)
        material = await group.material(cycle)
        assert [one.number for one in material.contributions] == [1, 2, 3, 4, 5]
        assert (material.told, material.has_action) == (frozenset({3}), True)
        assert await group.n_given(cycle, [NOW, friday]) == (3, 2)
        assert await group.gave_since(friday) == frozenset({ana.id})
        assert await group.gave_since(later + timedelta(days=1)) == frozenset()


async def test_prompts_that_were_posted_are_known_with_their_message_newest_first(scene: Scene) -> None:
    async with scene.uow.write() as work:
        group = work.group(scene.group)
        cycle = await group.store_cycle(cycle_of(scene.group), ())
        for number, prompt in enumerate(("V1", "V2")):
            about = About(Purpose.PROMPT, cycle, prompt)
            for part in range(2):
                post = await work.post(
                    NewPost(Act.SEND, None, ROOM, group=scene.group, about=about), NOW + timedelta(days=number)
                )
                await work.settle(post.id, PostState.SENT, f"${prompt}.{part}", NOW)
        asked = await group.prompts_posted(cycle, 2)
        assert [(one.prompt, one.message) for one in asked] == [("V2", message("$V2.0")), ("V1", message("$V1.0"))]


def _digest(scene: Scene, cycle: CycleId, number: int) -> NewPost:
    return quoting(scene.group, 1, about=About(Purpose.DIGEST, cycle, digest=number))
