"""What the findings of `check` say: each a line with its remedy. Tables over plain data."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from stored import ME, NOW

from doetank_bot.chat.matrix import OUTSIDE, Blocked, Limited, Limits, Obstacle, Reached, RoomStanding
from doetank_bot.check import About, Finding, Weight, backup, database, homeserver, limits, rooms, texts
from doetank_bot.domain.calendar import NamedBreak
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.group import Region
from doetank_bot.store.look import GroupSeen
from doetank_bot.store.mark import LastBackup

ADDRESS = "https://matrix.example.org"
GROUP = GroupSeen(ME, "!room:example.org", "Parkeren", is_left=False, pack="doetank")
SOUND = RoomStanding(moderators=frozenset({"@maaike:example.org"}), people=frozenset({"@maaike:example.org"}))
DATE = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)


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
    (one,) = homeserver.findings(ADDRESS, Blocked(obstacle, "self-signed"), DATE)
    assert one.weight is Weight.BAD
    assert one.text.startswith(ADDRESS)
    assert "self-signed" in one.text
    assert re.search(r"\. (Check|Renew|Use|Write) ", one.text)


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
    assert (
        "Write https://example.org in matrix.homeserver"
        in next(one for one in found if "sends the bot on" in one.text).text
    )
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
    assert ("ahead of" if ahead > timedelta() else "behind") in one.text or weight is Weight.GOOD


def test_a_homeserver_that_does_not_tell_its_time_is_noted() -> None:
    assert homeserver.clock(None, DATE).weight is Weight.NOTE


# Limits


@pytest.mark.parametrize(
    ("known", "n_groups", "weight", "words"),
    [
        (Limits(Limited.NO), 200, Weight.GOOD, "as fast as it can"),
        (Limits(Limited.YES), 10, Weight.GOOD, "is not noticed with"),
        (Limits(Limited.UNKNOWN), 1, Weight.GOOD, "Synapse's own limit is not noticed with 1 group"),
        (Limits(Limited.YES), 200, Weight.NOTE, "about 16 min"),
        (Limits(Limited.UNKNOWN), 200, Weight.NOTE, "cannot be found out"),
        (Limits(Limited.YES, 1.0, 20), 200, Weight.NOTE, "20 messages at once and 1 a second"),
        (Limits(Limited.YES, 1.0, 20), 20, Weight.GOOD, "is not noticed with"),
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
        (GROUP, replace(SOUND, is_public=True), [(Weight.NOTE, "anyone can come in")]),
        (GROUP, replace(SOUND, is_world_readable=True), [(Weight.NOTE, "anyone can read along")]),
        (GROUP, replace(SOUND, replaced_by="!new"), [(Weight.BAD, "replaced by !new")]),
        (GROUP, replace(SOUND, replaced_by="", forbidden=("write",)), [(Weight.BAD, "is closed")]),
        (GROUP, OUTSIDE, [(Weight.BAD, "a cycle is under way. Invite")]),
        (replace(GROUP, is_left=True), OUTSIDE, [(Weight.BAD, "a cycle is under way. Invite")]),
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


def test_a_room_whose_name_would_break_the_line_or_colour_the_terminal_is_one_plain_line() -> None:
    group = replace(GROUP, name="Parkeren\nok     rooms: niets\x1b[32m\u202e")
    (one,) = rooms.told(group, replace(SOUND, is_public=True), ())
    assert str(one).startswith("note   rooms: Parkeren ok rooms: niets[32m (!room:example.org): anyone")
    assert len(str(one).splitlines()) == 1


def test_groups_of_an_account_from_before_are_told() -> None:
    (one,) = rooms.of_others([GROUP, replace(GROUP, account="@old:example.org")], ME)
    assert one.text.startswith("1 in the database belong to @old:example.org")


class Slow:
    """Rooms of which one never answers; counts what was asked, and how much at once."""

    def __init__(self, silent: str | None = None) -> None:
        self._silent = silent
        self.n_asked = 0
        self.n_now = 0
        self.most_at_once = 0

    async def room(self, room_id: str) -> RoomStanding:
        self.n_asked += 1
        self.n_now += 1
        self.most_at_once = max(self.most_at_once, self.n_now)
        await asyncio.sleep(0.001)
        self.n_now -= 1
        if room_id == self._silent:
            raise Unreachable("TimeoutError")
        return SOUND


async def looked(there: Slow, n_groups: int) -> list[Finding]:
    groups = [replace(GROUP, room=f"!{number}") for number in range(n_groups)]
    return [one async for one in rooms.findings(there, groups, ())]


async def test_many_rooms_are_looked_at_side_by_side_and_never_more_than_a_homeserver_bears() -> None:
    there = Slow()
    assert [str(one) for one in await looked(there, 200)] == ["ok     rooms: nothing is wrong in 200 of 200"]
    assert (there.n_asked, there.most_at_once) == (200, rooms.N_AT_ONCE)


async def test_a_homeserver_that_stops_answering_is_not_asked_for_the_rest_and_that_is_no_good_news() -> None:
    there = Slow(silent="!20")
    (one,) = await looked(there, 200)
    assert one.weight is Weight.BAD
    assert "could not be looked at (TimeoutError)" in one.text
    assert there.n_asked < 20 + 3 * rooms.N_AT_ONCE


# The documentation


def test_every_finding_is_documented_with_what_to_do_and_no_other() -> None:
    page = (Path(__file__).parent.parent / "docs" / "operator.md").read_text("utf-8")
    section = page.split("\n## Check\n")[1].split("\n## ")[0]
    named = re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)
    assert set(named) == {*About, *(weight.word for weight in Weight)}
    assert [name for name in named if name in set(About)] == list(About)


# The disk, school holidays, backups


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


def test_a_write_ahead_log_that_has_grown_past_all_reason_is_noted(tmp_path: Path) -> None:
    log = tmp_path / "doetank.db-wal"
    for size, expected in ((database.LARGEST_LOG, []), (database.LARGEST_LOG + 1, [Weight.NOTE])):
        with log.open("wb") as file:
            file.truncate(size)
        assert [one.weight for one in database._log(tmp_path / "doetank.db")] == expected


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
    last = LastBackup(NOW - timedelta(days=days), Path("/var/backups/doetank.db"))
    assert backup.told(last, NOW, is_there=is_there, has_groups=True).weight is weight
