"""What the findings of `check` say: each a line with its remedy. Tables over plain data; no homeserver."""

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from stored import ME, NOW, ROOM, cycle_of, message, said, scene_in

from doetank_bot.app import lock_file, single_instance
from doetank_bot.chat.matrix import OUTSIDE, Blocked, Limited, Limits, Obstacle, Reached, RoomStanding, reach
from doetank_bot.check import About, Finding, Weight, backup, database, findings, homeserver, limits, rooms, texts
from doetank_bot.domain.calendar import NamedBreak
from doetank_bot.domain.group import Region
from doetank_bot.ports import Act, NewPost, PostState
from doetank_bot.settings import Settings, load_settings
from doetank_bot.store.look import GroupSeen

ADDRESS = "https://matrix.example.org"
GROUP = GroupSeen(ME, "!room:example.org", "Parkeren", is_left=False, pack="doetank")
SOUND = RoomStanding(moderators=frozenset({"@maaike:example.org"}), people=frozenset({"@maaike:example.org"}))
DATE = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
LEFT_OPEN = "chmod 600"


def settings_in(folder: Path, more: str = "", homeserver: str = "http://127.0.0.1:9") -> Settings:
    (folder / "token").write_text("syt_geheim")
    (folder / "token").chmod(0o600)
    config = folder / "doetank.yaml"
    config.write_text(
        f"matrix: {{homeserver: '{homeserver}', user_id: '{ME}', access_token_file: token}}\n"
        f"database: {{url: 'sqlite+aiosqlite:///doetank.sqlite'}}\n{more}"
    )
    return load_settings(config, {})


async def found_in(folder: Path, more: str = "", homeserver: str = "http://127.0.0.1:9") -> list[Finding]:
    settings = settings_in(folder, more, homeserver)
    return [finding async for finding in findings(settings, config=folder / "doetank.yaml")]


def about(found: Iterable[Finding], what: About) -> list[Finding]:
    return [finding for finding in found if finding.about == what]


def mention(found: Iterable[Finding], words: str) -> Finding:
    (one,) = [finding for finding in found if words in finding.text]
    return one


def on_disk(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {file: (file.read_bytes(), file.stat().st_mode) for file in folder.iterdir()}


# The homeserver, and its clock


@pytest.mark.parametrize(
    ("versions", "weight", "words"),
    [
        (("r0.6.1", "v1.1", "v1.15"), Weight.GOOD, "up to Matrix 1.15"),
        (("v1.15", "v1.9"), Weight.GOOD, "up to Matrix 1.15"),
        (("v1.4", "v1.6"), Weight.NOTE, "may call nobody"),
        (("v1.2",), Weight.BAD, "needs 1.4"),
        (("r0.6.1",), Weight.BAD, "needs 1.4"),
        ((), Weight.BAD, "needs 1.4"),
        (("v1.x", "vv1.4", "v١.٤"), Weight.BAD, "needs 1.4"),
    ],
)
def test_a_homeserver_must_speak_the_matrix_that_the_bot_speaks(
    versions: tuple[str, ...], weight: Weight, words: str
) -> None:
    first, _ = homeserver.findings(ADDRESS, Reached(versions, DATE), DATE)
    assert first.weight is weight
    assert words in first.text


@pytest.mark.parametrize("obstacle", Obstacle)
def test_why_there_is_no_homeserver_is_told_with_what_to_do(obstacle: Obstacle) -> None:
    (one,) = homeserver.findings(ADDRESS, Blocked(obstacle, "{0} self-signed"), DATE)
    assert one.weight is Weight.BAD
    assert one.text.startswith(ADDRESS)
    assert re.search(r"\. (Check|Renew|Use) ", one.text)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://matrix.example.org", "not encrypted"),
        ("http://synapse:8008", "not encrypted"),
        ("http://localhost:8008", None),
        ("http://127.0.0.1:8008", None),
        ("http://[::1]:8008", None),
        ("http://127.0.0.1.example.org", "not encrypted"),
        (ADDRESS, None),
    ],
)
def test_a_login_that_crosses_a_network_in_the_clear_is_noted(address: str, words: str | None) -> None:
    found = [one for one in homeserver.findings(address, Reached(("v1.15",), DATE), DATE) if one.weight is Weight.NOTE]
    assert [words in one.text for one in found if words] == ([True] if words else [])


def test_a_homeserver_that_sends_the_bot_on_is_wrong_and_the_right_address_is_told() -> None:
    found = list(homeserver.findings("http://example.org", Reached(("v1.15",), DATE, "https://example.org"), DATE))
    assert "Write https://example.org in matrix.homeserver" in mention(found, "sends the bot on").text
    assert not [one for one in found if "not encrypted" in one.text]


@pytest.mark.parametrize(
    ("ahead", "weight"),
    [
        (timedelta(seconds=0.5), Weight.GOOD),
        (timedelta(seconds=30), Weight.GOOD),
        (timedelta(seconds=31), Weight.NOTE),
        (timedelta(seconds=-31), Weight.NOTE),
        (timedelta(minutes=5), Weight.NOTE),
        (timedelta(minutes=5, seconds=2), Weight.BAD),
        (timedelta(days=-9000), Weight.BAD),
    ],
)
def test_clocks_that_differ_are_noted_and_wrong_from_five_minutes_on(ahead: timedelta, weight: Weight) -> None:
    one = homeserver.clock(DATE, DATE + ahead)
    assert one.weight is weight
    assert ("timedatectl set-ntp true" in one.text) is (weight is not Weight.GOOD)


def test_a_homeserver_that_does_not_tell_its_time_is_noted() -> None:
    assert homeserver.clock(None, DATE).weight is Weight.NOTE


# What the world answers, on a loopback socket

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(raw: bytes) -> AsyncIterator[str]:
    """Give the address of a server that answers every request with these bytes, and then hangs up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(raw)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def page(status: str, kind: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("raw", "obstacle"),
    [
        (page("200 OK", "text/html", "<html>Welcome"), Obstacle.NO_MATRIX),
        (page("404 Not Found", "application/json", "{}"), Obstacle.NO_MATRIX),
        (page("200 OK", "application/json", '{"versions": 1}'), Obstacle.NO_MATRIX),
        (page("200 OK", "application/json", "[" * 100_000), Obstacle.NO_MATRIX),
        (page("502 Bad Gateway", "text/html", "<html>nginx"), Obstacle.DOWN),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Obstacle.NO_MATRIX),
        (b"", Obstacle.CUT),
    ],
)
async def test_what_is_no_homeserver_is_told_for_what_it_is(raw: bytes, obstacle: Obstacle) -> None:
    async with answering(raw) as address:
        reached = await reach(address)
    assert isinstance(reached, Blocked)
    assert reached.obstacle is obstacle


async def test_an_address_where_nothing_listens_and_one_without_tls_are_told_apart() -> None:
    async with answering(page("200 OK", "text/html", "")) as address:
        without_tls = await reach(address.replace("http:", "https:"))
    nobody, nameless = await reach("http://127.0.0.1:9"), await reach("http://nergens.invalid")
    kinds = [one.obstacle for one in (without_tls, nobody, nameless) if isinstance(one, Blocked)]
    assert kinds == [Obstacle.NO_TLS, Obstacle.REFUSED, Obstacle.NO_NAME]


async def test_the_homeservers_time_and_versions_are_read_and_a_redirect_is_seen() -> None:
    there = page("200 OK", "application/json", '{"versions": ["v1.4"]}', "Date: Fri, 27 Nov 2026 14:00:00 GMT")
    async with answering(there) as address:
        assert await reach(address) == Reached(("v1.4",), DATE)
        async with answering(page("302 Found", "text/html", "", f"Location: {address}/_matrix/client/versions")) as old:
            assert await reach(old) == Reached(("v1.4",), DATE, address)


async def test_a_homeserver_that_hangs_ends_the_check_in_bounded_time(tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        async with asyncio.timeout(20):
            found = await found_in(tmp_path, homeserver=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert "ten seconds" in about(found, About.HOMESERVER)[0].text


# Limits


@pytest.mark.parametrize(
    ("known", "n_groups", "weight", "words"),
    [
        (Limits(Limited.NO), 200, Weight.GOOD, "as fast as it can"),
        (Limits(Limited.YES), 10, Weight.GOOD, "no limit is noticed"),
        (Limits(Limited.UNKNOWN), 1, Weight.GOOD, "with 1 group no limit"),
        (Limits(Limited.YES), 200, Weight.NOTE, "about 16 min"),
        (Limits(Limited.UNKNOWN), 200, Weight.NOTE, "cannot be found out"),
        (Limits(Limited.YES, 1.0, 20), 200, Weight.NOTE, "20 messages at once and 1 a second"),
        (Limits(Limited.YES, 1.0, 20), 20, Weight.GOOD, "no limit is noticed"),
    ],
)
def test_limits_that_make_all_groups_late_are_told_with_by_how_much(
    known: Limits, n_groups: int, weight: Weight, words: str
) -> None:
    one = limits.told(known, n_groups, ADDRESS, "@bot:example.org")
    assert one.weight is weight
    assert words in one.text


def test_the_call_that_lifts_the_limits_is_whole_and_safe_to_paste() -> None:
    line = limits.lifting(ADDRESS, "@bot$(id):example.org")
    assert line.endswith(f"{ADDRESS}/_synapse/admin/v1/users/@bot%24%28id%29:example.org/override_ratelimit")
    assert limits.lifting("https://x/$(id)", "@a:b").endswith(
        "'https://x/$(id)/_synapse/admin/v1/users/@a:b/override_ratelimit'"
    )


# Rooms


@pytest.mark.parametrize(
    ("group", "standing", "expected"),
    [
        (GROUP, SOUND, []),
        (GROUP, replace(SOUND, forbidden=("write", "react")), [(Weight.BAD, "may not write, react")]),
        (GROUP, replace(SOUND, moderators=frozenset()), [(Weight.BAD, "nobody there may lead")]),
        (GROUP, RoomStanding(people=frozenset({"@boss:example.org"})), []),
        (GROUP, replace(SOUND, is_encrypted=True), [(Weight.BAD, "encrypted")]),
        (GROUP, replace(SOUND, is_public=True), [(Weight.NOTE, "anyone can come in")]),
        (GROUP, replace(SOUND, is_world_readable=True), [(Weight.NOTE, "anyone can read along")]),
        (GROUP, replace(SOUND, replaced_by="!new"), [(Weight.BAD, "replaced by !new")]),
        (GROUP, replace(SOUND, replaced_by="", forbidden=("write",)), [(Weight.BAD, "is closed")]),
        (GROUP, OUTSIDE, [(Weight.BAD, "a cycle runs. Invite")]),
        (replace(GROUP, is_left=True), OUTSIDE, [(Weight.BAD, "a cycle runs. Invite")]),
        (replace(GROUP, pack=None), OUTSIDE, [(Weight.NOTE, "not in the room any more")]),
        (replace(GROUP, pack=None, is_left=True), OUTSIDE, []),
    ],
)
def test_what_is_not_right_in_a_room_is_told_by_its_name_and_id(
    group: GroupSeen, standing: RoomStanding, expected: list[tuple[Weight, str]]
) -> None:
    found = list(rooms.told(group, standing, {"@boss:example.org"}))
    assert [one.weight for one in found] == [weight for weight, _ in expected]
    for one, (_, words) in zip(found, expected, strict=True):
        assert words in one.text
        assert one.text.startswith("Parkeren (!room:example.org): ")


def test_groups_of_an_account_from_before_are_told() -> None:
    (one,) = rooms.of_others([GROUP, replace(GROUP, account="@old:example.org")], ME)
    assert one.text.startswith("1 in the database belong to @old:example.org")


# The database


async def test_a_database_in_order_is_good_and_looking_changes_nothing_on_disk(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    settings = settings_in(tmp_path)
    before = on_disk(tmp_path)
    found = [finding async for finding in findings(settings, config=tmp_path / "doetank.yaml")]
    assert on_disk(tmp_path) == before
    assert [one.weight for one in about(found, About.DATABASE)] == [Weight.GOOD] * 2
    assert mention(found, "no bot works on it now").weight is Weight.GOOD


async def test_looking_never_keeps_a_running_bot_from_writing_and_tells_that_it_runs(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene:
        with single_instance(lock_file(settings_in(tmp_path))):
            async with scene.store.write() as work:
                await work.take([said("$1")], "s1", NOW)
                found = await found_in(tmp_path)
    assert mention(found, "a bot works on it now").weight is Weight.GOOD
    assert [one.weight for one in about(found, About.DATABASE)] == [Weight.GOOD] * 2


async def test_a_database_that_is_none_or_newer_or_broken_inside_is_wrong(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    file = tmp_path / "doetank.sqlite"
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "Install the version" in about(await found_in(tmp_path), About.DATABASE)[0].text
    file.write_bytes(whole)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM groups")
    assert mention(await found_in(tmp_path), "belong to rows that are gone").weight is Weight.BAD
    file.write_bytes(b"geen database" * 400)
    assert "Put a backup in its place" in about(await found_in(tmp_path), About.DATABASE)[0].text
    file.write_bytes(b"")
    assert "brings its schema up to date" in about(await found_in(tmp_path), About.DATABASE)[0].text


async def test_a_database_that_another_program_holds_is_told(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "doetank.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        found = await found_in(tmp_path)
    assert "held by another program" in about(found, About.DATABASE)[0].text


async def test_what_was_set_aside_or_refused_in_the_last_week_is_counted(tmp_path: Path) -> None:
    old, lately = NOW - timedelta(days=8), NOW - timedelta(days=6)
    async with scene_in(tmp_path) as scene:
        async with scene.store.write() as work:
            for at in (old, lately):
                (row,) = await work.take([said(f"${at}")], None, at)
                await work.put_off(row.id, is_poison=True)
                post = await work.post(NewPost(Act.REACT, None, ROOM, message=message("$1"), sign="x"), at)
                await work.settle(post.id, PostState.DENIED, "", at, "403 M_FORBIDDEN")
        _, seen = await database.examine(settings_in(tmp_path), NOW - timedelta(days=7), is_running=False)
    assert seen is not None
    assert (seen.set_aside, seen.refused) == (1, (("403 M_FORBIDDEN", 1),))
    found = list(database.messages(seen))
    assert [one.weight for one in found] == [Weight.NOTE] * 2
    assert "post_not_sent" in found[1].text


def test_a_network_file_system_is_seen_by_the_deepest_mount() -> None:
    mounts = (
        "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
        "28 27 0:25 / /srv rw shared:1 - nfs4 host:/srv rw\n"
        "29 28 0:26 / /srv/with\\040space rw - xfs /dev/b rw\nnonsense\n"
    )
    assert database.file_system(mounts, Path("/var/x.db")) == "ext4"
    assert database.file_system(mounts, Path("/srv/x.db")) == "nfs4"
    assert database.file_system(mounts, Path("/srv/with space/x.db")) == "xfs"
    assert database.file_system(mounts, Path("/srvx/x.db")) == "ext4"
    assert database.file_system("", Path("/x")) == ""


# Files, packs, holidays, backups


@pytest.mark.parametrize("name", ["token", "doetank.sqlite", "matrix-store", "doetank.sqlite.0002_cycle.bak"])
async def test_a_file_that_others_can_get_at_is_wrong(tmp_path: Path, name: str) -> None:
    settings_in(tmp_path)
    path = tmp_path / name
    path.mkdir(0o700) if name == "matrix-store" else path.touch(0o600)
    path.chmod(0o700 if name == "matrix-store" else 0o600)
    assert not [one for one in await found_in(tmp_path) if str(path) in one.text and "chmod" in one.text]
    path.chmod(0o750)
    if name == "token":
        # found_in makes it anew
        found = [finding async for finding in findings(load_settings(tmp_path / "doetank.yaml", {}))]
    else:
        found = await found_in(tmp_path)
    one = mention(found, f"get at {path} ")
    assert one.weight is Weight.BAD
    assert one.text.endswith(f"chmod {'700' if name == 'matrix-store' else '600'} {path}")


async def test_a_configuration_that_others_can_change_is_wrong(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    config = tmp_path / "doetank.yaml"
    config.chmod(0o644)
    assert not [one async for one in findings(settings, config=config) if "can change" in one.text]
    config.chmod(0o646)
    found = [one async for one in findings(settings, config=config)]
    assert mention(found, f"chmod go-w {config}").weight is Weight.BAD


async def test_every_mistake_in_a_pack_is_told_and_the_rest_is_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "eigen.yaml").write_text("schema: pack/1\nname: anders\nweeks: {min: 9}\nfoo: 1\n")
    found = await found_in(tmp_path, "bot: {packs_dir: packs}\n")
    assert len(about(found, About.PACKS)) >= 4
    assert {one.weight for one in about(found, About.PACKS)} == {Weight.BROKEN}
    assert about(found, About.HOMESERVER)


async def test_own_packs_are_named_and_a_cycle_without_its_pack_is_wrong(tmp_path: Path) -> None:
    async with scene_in(tmp_path) as scene, scene.store.write() as work:
        await work.group(scene.group).store_cycle(replace(cycle_of(scene.group), pack="weg"), [])
    (tmp_path / "packs").mkdir()
    shipped = Path(__file__).parent.parent / "config" / "packs" / "doetank.yaml"
    (tmp_path / "packs" / "doetank.yaml").write_text(shipped.read_text())
    found = await found_in(tmp_path, "bot: {packs_dir: packs}\n")
    assert "in the place of the one that comes along" in about(found, About.PACKS)[0].text
    assert "weg is not there" in mention(found, ROOM.native).text


@pytest.mark.parametrize(("last", "weight"), [(date(2027, 11, 27), Weight.GOOD), (date(2027, 11, 26), Weight.NOTE)])
def test_school_holidays_must_reach_a_year_ahead_in_every_region(last: date, weight: Weight) -> None:
    far, near = NamedBreak(date(2030, 1, 1), date(2030, 1, 2), "x", "x"), NamedBreak(date(2027, 1, 1), last, "x", "x")
    one = texts.holidays({Region.NOORD: (far,), Region.ZUID: (near,), Region.NONE: ()}, date(2026, 11, 27))
    assert one.weight is weight
    assert texts.holidays({Region.NOORD: ()}, date(2026, 11, 27)).weight is Weight.NOTE


def test_the_texts_that_come_along_are_whole() -> None:
    assert texts.texts().weight is Weight.GOOD


@pytest.mark.parametrize(
    ("days", "is_there", "weight"),
    [(0, True, Weight.GOOD), (7, True, Weight.GOOD), (8, True, Weight.NOTE), (1, False, Weight.NOTE)],
)
def test_a_backup_that_is_old_or_gone_is_noted(days: int, is_there: bool, weight: Weight) -> None:  # noqa: FBT001
    stamp = backup.Stamp(at=NOW - timedelta(days=days), path=Path("/var/backups/doetank.db"))
    assert backup.told(stamp, NOW, is_there=is_there, has_groups=True).weight is weight


@pytest.mark.parametrize("text", ["", "{}", '{"at": "2026-11-25T03:00:00", "path": "x"}', "[" * 9999, '{"at": 1e999}'])
async def test_no_backup_yet_and_one_that_is_told_of_in_nonsense_are_noted(tmp_path: Path, text: str) -> None:
    async with scene_in(tmp_path):
        pass
    assert "none yet. Let cron" in about(await found_in(tmp_path), About.BACKUP)[0].text
    (tmp_path / "doetank.sqlite.backup.json").write_text(text)
    assert "cannot be read" in about(await found_in(tmp_path), About.BACKUP)[0].text


async def test_what_backup_writes_is_read(tmp_path: Path) -> None:
    async with scene_in(tmp_path):
        pass
    copy = tmp_path / "copy.db"
    copy.touch(0o600)
    stamp = f'{{"at": "{datetime.now(UTC).isoformat()}", "path": "{copy}", "schema": "x", "bytes": 1, "sha256": "y"}}'
    (tmp_path / "doetank.sqlite.backup.json").write_text(stamp)
    (one,) = about(await found_in(tmp_path), About.BACKUP)
    assert one.weight is Weight.GOOD
    assert "0 days old" in one.text


async def test_without_groups_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    assert about(await found_in(tmp_path), About.BACKUP)[0].weight is Weight.GOOD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_folder_of_someone_else_is_one_line(tmp_path: Path) -> None:
    store = tmp_path / "matrix-store"
    store.mkdir(0o000)
    try:
        found = await found_in(tmp_path)
    finally:
        store.chmod(0o700)
    assert "Run check as the bot's own user" in mention(found, "session.json").text


async def test_every_finding_is_one_line_that_begins_with_how_it_is(tmp_path: Path) -> None:
    for finding in await found_in(tmp_path):
        assert re.fullmatch(r"(ok   |note |wrong)  [a-z]+: [^\n]+", str(finding))
