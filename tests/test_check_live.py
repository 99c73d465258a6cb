"""`check` on a real Synapse: rooms as they are, limits as they hold, and a running bot that is left alone."""

import asyncio
import itertools
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from conftest import People
from homeserver import Account, Homeserver, Person, RefusedError
from living import answer_to, living, room_with, says, seen
from test_cli import doetank_bot, running

from doetank_bot.chat.matrix import Inspector, Limited, Limits, Session
from doetank_bot.check import About, Finding, Weight, findings, limits
from doetank_bot.settings import load_settings

pytestmark = pytest.mark.homeserver
_numbers = itertools.count(1)


class OtherClock:
    """A clock that is `ahead_for` ahead."""

    def __init__(self, ahead_for: timedelta = timedelta()) -> None:
        self._ahead_for = ahead_for

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead_for


async def found_in(folder: Path, ahead_for: timedelta = timedelta()) -> list[Finding]:
    settings = load_settings(folder / "doetank.yaml", {})
    return [one async for one in findings(settings, clock=OtherClock(ahead_for))]


def of(found: list[Finding], about: About) -> list[tuple[Weight, str]]:
    return [(one.weight, one.text) for one in found if one.about == about]


async def put_state(who: Person, room: str, kind: str, content: dict[str, object]) -> None:
    await who.call("PUT", f"/rooms/{quote(room)}/state/{kind}", content)


@asynccontextmanager
async def inspecting(homeserver: Homeserver, account: Account, folder: Path) -> AsyncIterator[Inspector]:
    session = Session(homeserver.url, account.user_id, account.device_id, account.access_token)
    async with Inspector(session, folder) as inspector:
        yield inspector


async def lift(homeserver: Homeserver, admin: Account, user_id: str, per_second: int = 0) -> None:
    """Do as the line says that the operator is told; with `per_second` set a limit in place of none."""
    *_, header, _, body, address = shlex.split(limits.lifting(homeserver.url, user_id))
    name, _, value = header.replace("$ADMIN_TOKEN", admin.access_token).partition(": ")
    data = body.replace(": 0", f": {per_second}")
    async with aiohttp.ClientSession(headers={name: value}) as http, http.post(address, data=data) as response:
        assert response.status == 200, await response.text()


async def test_every_room_is_told_as_it_is_beside_a_running_bot(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    async with living(homeserver, tmp_path) as bot:
        names = ("open", "leesbaar", "dicht", "stil", "weg", "los", "nieuw", "goed")
        rooms = {name: await room_with(maaike, bot, joke, name=name, version="11") for name in names}
        await put_state(maaike, rooms["open"], "m.room.join_rules", {"join_rule": "public"})
        await put_state(
            maaike, rooms["leesbaar"], "m.room.history_visibility", {"history_visibility": "world_readable"}
        )
        await put_state(maaike, rooms["dicht"], "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
        await maaike.set_power(rooms["stil"], bot.user_id, -1)
        await answer_to(maaike, rooms["weg"], bot, await maaike.send(rooms["weg"], "!ronde start"))
        await maaike.kick(rooms["weg"], bot.user_id)
        await maaike.set_power(rooms["los"], maaike.user_id, 0)
        upgraded = await maaike.call("POST", f"/rooms/{quote(rooms['nieuw'])}/upgrade", {"new_version": "12"})
        found = of(await found_in(tmp_path), About.ROOMS)
    told = {
        name: [(weight, text) for weight, text in found if text.startswith(f"{name} ({room}): ")]
        for name, room in rooms.items()
    }
    expected = {
        "open": (Weight.NOTE, "anyone can come in"),
        "leesbaar": (Weight.NOTE, "anyone can read along"),
        "stil": (Weight.BAD, "may not write, react, delete"),
        "weg": (Weight.BAD, "a cycle is under way. Invite it again"),
        "los": (Weight.BAD, "nobody there may lead"),
        "nieuw": (Weight.BAD, f"replaced by {upgraded['replacement_room']}"),
    }
    for name, (weight, words) in expected.items():
        ((told_weight, text),) = told[name]
        assert told_weight is weight
        assert words in text
    assert told["goed"] == told["dicht"] == []
    assert found[-1] == (Weight.GOOD, "nothing is wrong in 4 of 8")


@pytest.mark.parametrize("version", ["10", "12"])
async def test_a_creator_counts_as_someone_who_leads_in_every_room_version(
    homeserver: Homeserver, person: People, tmp_path: Path, version: str
) -> None:
    maaike = await person("maaike")
    async with living(homeserver, tmp_path) as bot:
        room = await room_with(maaike, bot, version=version)
        async with inspecting(homeserver, _account(bot.user_id, tmp_path), tmp_path) as inspector:
            there = await inspector.room(room)
            await maaike.leave(room)
            without = await inspector.room(room)
    assert there.moderators == {maaike.user_id}
    assert without.moderators == frozenset()
    assert there.is_in
    assert not there.forbidden


async def test_a_room_that_was_never_ours_is_told_as_outside(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike, joke = await person("maaike"), await person("joke")
    room = await maaike.create_room()
    async with inspecting(homeserver, joke.account, tmp_path) as inspector:
        assert not (await inspector.room(room)).is_in
        assert not (await inspector.room("!nergens:doetank.test")).is_in


async def test_limits_are_found_out_without_sending_and_without_being_an_admin(
    homeserver: Homeserver, tmp_path: Path
) -> None:
    admin = homeserver.register(f"check-admin-{next(_numbers)}", admin=True)
    bot = homeserver.register(f"check-limits-{next(_numbers)}")
    async with inspecting(homeserver, bot, tmp_path) as inspector:
        assert await inspector.limits() == Limits(Limited.YES)
        await lift(homeserver, admin, bot.user_id)
        assert await inspector.limits() == Limits(Limited.NO)
    async with inspecting(homeserver, admin, tmp_path) as inspector:
        assert await inspector.limits() == Limits(Limited.YES)
        await lift(homeserver, admin, admin.user_id, 3)
        assert await inspector.limits() == Limits(Limited.YES, 3, 3)
        await lift(homeserver, admin, admin.user_id)
        assert await inspector.limits() == Limits(Limited.NO)


async def test_finding_out_the_limits_takes_nothing_from_what_may_be_sent(tmp_path: Path) -> None:
    (tmp_path / "hs").mkdir()
    strict = {"rc_message": {"per_second": 0.01, "burst_count": 3}}
    with await asyncio.to_thread(Homeserver.start, tmp_path / "hs", None, strict) as own:
        account = own.register("bot")
        async with Person(own.url, account) as bot, inspecting(own, account, tmp_path) as inspector:
            room = await bot.create_room()
            for number in range(2):
                assert (await inspector.limits()).limited is Limited.YES
                await bot.send(room, f"bericht {number}")
            with pytest.raises(RefusedError, match="429"):
                await bot.send(room, "een te veel")


async def test_a_check_beside_a_running_bot_leaves_its_login_alone(
    homeserver: Homeserver, person: People, tmp_path: Path
) -> None:
    maaike = await person("maaike")
    account = homeserver.register(f"check-beside-{next(_numbers)}", "geheim woord")
    (tmp_path / "password").write_text("geheim woord\n")
    (tmp_path / "password").chmod(0o600)
    (tmp_path / "doetank.yaml").write_text(
        f"matrix: {{homeserver: '{homeserver.url}', user_id: '{account.user_id}', password_file: password,"
        " device_id: DOETANKBESIDE}\n"
    )
    kept = tmp_path / "matrix-store" / "session.json"
    with running(tmp_path) as program:
        room = await maaike.create_room(invite=[account.user_id], name="Parkeren")
        await seen(maaike, room, says("Doetank", account.user_id))
        before = kept.read_bytes()
        for _ in range(3):
            ended = await asyncio.to_thread(doetank_bot, tmp_path, "check")
            assert ended.returncode == 0, ended.stdout
            assert "DOETANKBESIDE (“Doetank Bot”)" in ended.stdout
            assert "a bot works on it now" in ended.stdout
        assert kept.read_bytes() == before
        kept.unlink()
        without = await asyncio.to_thread(doetank_bot, tmp_path, "check")
        assert without.returncode == 1
        assert "Stop that bot first" in without.stdout
        assert not kept.exists()
        await maaike.send(room, "!help")
        await seen(maaike, room, says("!ronde", account.user_id))
        assert program.poll() is None
    async with Person(homeserver.url, account) as itself:
        devices = (await itself.call("GET", "/devices"))["devices"]
    assert sorted(one["device_id"] for one in devices) == sorted(["DOETANKBESIDE", account.device_id])


@pytest.mark.parametrize(
    ("ahead", "weight"),
    [
        (timedelta(), Weight.GOOD),
        (timedelta(minutes=-2), Weight.NOTE),
        (timedelta(hours=1), Weight.BAD),
    ],
)
async def test_a_clock_that_is_off_is_seen_by_the_homeservers_own(
    homeserver: Homeserver, tmp_path: Path, ahead: timedelta, weight: Weight
) -> None:
    account = homeserver.register(f"check-clock-{next(_numbers)}")
    (tmp_path / "token").write_text(account.access_token)
    (tmp_path / "doetank.yaml").write_text(
        f"matrix: {{homeserver: '{homeserver.url}', user_id: '{account.user_id}', access_token_file: token}}\n"
    )
    ((found, _),) = of(await found_in(tmp_path, ahead), About.CLOCK)
    assert found is weight


def _account(user_id: str, folder: Path) -> Account:
    return Account(user_id, (folder / "token").read_text(), "", "")
