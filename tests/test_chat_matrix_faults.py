"""The Matrix adapter against a homeserver that fails in every known way (a small one, on purpose not Synapse)."""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from aiohttp import web

from doetank_bot.chat.matrix import (
    MatrixChat,
    Session,
    load_session,
    login_with_password,
    save_session,
    whoami,
)
from doetank_bot.domain.document import paragraph
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.reference import MessageRef, SpaceRef, UserRef
from doetank_bot.ports import (
    Ambiguous,
    AuthLost,
    Batch,
    Counted,
    Deferred,
    Denied,
    NoTally,
    Picture,
    Rejected,
    Sent,
    Style,
    Tally,
)
from doetank_bot.service.backoff import Backoff

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]
ROOM = SpaceRef("@bot:test", "!kamer:test")
TOO_FAST = {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}


@dataclass
class Fake:
    """Answers each path by `replies` (its last word), counts, and is fine otherwise."""

    url: str = ""
    replies: dict[str, Reply] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if "/keys/" in request.path:
            # It takes them all, and knows none.
            return web.json_response({})
        word = next((word for word in self.replies if f"/{word}" in request.path), "")
        self.counts[word] += bool(word)
        return await self.replies[word](request) if word else web.json_response({}, status=404)


def answers(body: object, status: int = 200, **headers: str) -> Reply:
    async def reply(request: web.Request) -> web.Response:
        del request
        return web.json_response(body, status=status, headers=headers)

    return reply


def raw(text: str, status: int = 200) -> Reply:
    async def reply(request: web.Request) -> web.Response:
        del request
        return web.Response(text=text, status=status, content_type="text/html")

    return reply


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    server = Fake()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@contextlib.asynccontextmanager
async def connected(url: str, backoff: Backoff | None = None, tally: Tally | None = None) -> AsyncIterator[MatrixChat]:
    session = Session(url.rstrip("/"), "@bot:test", "D", "geheim")
    with tempfile.TemporaryDirectory() as folder:
        chat = MatrixChat(session, store_dir=Path(folder), allow_invites_from=[], backoff=backoff, tally=tally)
        try:
            yield chat
        finally:
            await chat.close()


async def first_batch(chat: MatrixChat, cursor: str | None, seconds: float) -> Batch | None:
    """The next batch, or None when none comes in time."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(chat.batches(cursor))
    except TimeoutError:
        return None


FAILURES = {
    "500": answers({"errcode": "M_UNKNOWN"}, 500),
    "502 in HTML": raw("<html>Bad gateway</html>", 502),
    "garbage": raw("{half"),
    "a list": answers([]),
    "deep": raw("[" * 200_000),
    "no token": answers({"rooms": {}}),
    "a bad token": answers({"errcode": "M_UNKNOWN_POS"}, 400),
    "a cut line": cut,
    "forbidden": answers({"errcode": "M_FORBIDDEN"}, 403),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failing_sync_is_asked_again_with_patience_and_the_same_token(fake: Fake, name: str) -> None:
    fake.replies["sync"] = FAILURES[name]
    async with connected(fake.url) as chat:
        assert await first_batch(chat, "s1", 2.5) is None
    # aiohttp itself asks once more when a connection that it kept turns out to be cut.
    assert 2 <= fake.counts["sync"] <= 6


async def test_a_homeserver_that_is_down_is_found_again(fake: Fake) -> None:
    tokens: list[str | None] = []

    async def reply(request: web.Request) -> web.StreamResponse:
        tokens.append(request.query.get("since"))
        return await (answers({}, 503) if len(tokens) < 3 else answers({"next_batch": "s2"}))(request)

    fake.replies["sync"] = reply
    async with connected(fake.url, Backoff(first=0.01)) as chat:
        batch = await first_batch(chat, "s1", 5)
    assert batch == Batch("s2", (), keys_came=True)
    assert tokens == ["s1", "s1", "s1"]


async def test_a_sync_without_progress_is_no_hot_loop(fake: Fake) -> None:
    fake.replies["sync"] = answers({"next_batch": "s1"})
    async with connected(fake.url) as chat:
        batches = chat.batches("s1")
        assert await anext(batches) == Batch("s1", (), keys_came=True)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await anext(batches)
    assert fake.counts["sync"] <= 5


@pytest.mark.parametrize("header", [{"Retry-After": "3"}, {}])
async def test_when_asked_to_wait_it_waits(fake: Fake, header: dict[str, str]) -> None:
    fake.replies["sync"] = answers(TOO_FAST, 429, **header)
    async with connected(fake.url, Backoff(first=0.01)) as chat:
        assert await first_batch(chat, "s1", 2) is None
    assert fake.counts["sync"] == 1


@pytest.mark.parametrize(
    ("status", "code"), [(401, "M_UNKNOWN_TOKEN"), (403, "M_USER_DEACTIVATED"), (401, "M_USER_LOCKED")]
)
async def test_a_lost_login_ends_everything_at_once(fake: Fake, status: int, code: str) -> None:
    lost = answers({"errcode": code, "soft_logout": True}, status)
    fake.replies |= {"sync": lost, "send": lost}
    async with connected(fake.url) as chat:
        with pytest.raises(AuthLost, match=code):
            await first_batch(chat, "s1", 5)
        with pytest.raises(AuthLost):
            await chat.send(ROOM, {"body": "x"}, "k")
    assert fake.counts == {"sync": 1, "send": 1, "": 0}


async def test_a_gap_that_cannot_be_filled_yields_nothing_and_is_tried_again(fake: Fake) -> None:
    event = {
        "type": "m.room.message",
        "event_id": "$2",
        "sender": "@ana:test",
        "origin_server_ts": 1,
        "content": {"msgtype": "m.text", "body": "twee"},
    }
    timeline = {"limited": True, "prev_batch": "p", "events": [event]}
    fake.replies["sync"] = answers({"next_batch": "s2", "rooms": {"join": {ROOM.native: {"timeline": timeline}}}})
    fake.replies["messages"] = answers({}, 500)
    async with connected(fake.url, Backoff(first=0.01)) as chat:
        assert await first_batch(chat, "s1", 1) is None
        assert fake.counts["messages"] > 1
        fake.replies["messages"] = answers({"chunk": [event | {"event_id": "$1"}], "start": "p"})
        batch = await first_batch(chat, "s1", 5)
    assert batch is not None
    assert [item.ref.native for item in batch.incoming] == ["$1", "$2"]


async def test_a_deletion_that_the_homeserver_does_not_show_is_none(fake: Fake) -> None:
    forged = {"type": "m.room.redaction", "event_id": "$r", "sender": "@boef:test", "redacts": "$1"}
    rooms = {"join": {ROOM.native: {"timeline": {"events": [forged]}}}}
    fake.replies["sync"] = answers({"next_batch": "s2", "rooms": rooms})
    fake.replies["event"] = answers({"event_id": "$1", "content": {"body": "er nog"}})
    async with connected(fake.url) as chat:
        batch = await first_batch(chat, "s1", 5)
        assert batch == Batch("s2", (), keys_came=True)
        fake.replies["event"] = answers({"event_id": "$1", "unsigned": {"redacted_because": {}}})
        batch = await first_batch(chat, "s1", 5)
    assert batch is not None
    assert len(batch.incoming) == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (answers({"event_id": "$1"}), Sent("$1")),
        (answers({}), Ambiguous("no id in the answer")),
        (answers(TOO_FAST, 429), Deferred(timedelta(milliseconds=2500), "429 M_LIMIT_EXCEEDED")),
        (answers({}, 429, **{"Retry-After": "7"}), Deferred(timedelta(seconds=7), "429")),
        (answers({}, 429, **{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), Deferred(None, "429")),
        (answers({"retry_after_ms": -5}, 429), Deferred(None, "429")),
        (answers({}, 429, **{"Retry-After": "9" * 30}), Deferred(timedelta(minutes=15), "429")),
        (raw("<html>", 502), Ambiguous("502", is_fault=True)),
        (answers({}, 500), Ambiguous("500", is_fault=True)),
        (answers({"errcode": "M_FORBIDDEN"}, 403), Denied("403 M_FORBIDDEN")),
        (answers({"errcode": "M_TOO_LARGE"}, 413), Rejected("413 M_TOO_LARGE")),
        (answers({"errcode": "M_BAD_JSON"}, 400), Rejected("400 M_BAD_JSON")),
        (raw("ok"), Ambiguous("no JSON")),
        (cut, Ambiguous("ServerDisconnectedError")),
    ],
)
async def test_every_answer_to_a_message_is_a_result(fake: Fake, reply: Reply, expected: object) -> None:
    fake.replies["send"] = reply
    async with connected(fake.url) as chat:
        (rendered,) = chat.render(paragraph("hoi"), Style())
        assert await chat.send(ROOM, rendered.payload, "k") == expected


async def test_an_encrypted_room_that_does_not_say_who_is_in_it_is_closed_to_us_and_nothing_is_sent(fake: Fake) -> None:
    fake.replies["state/m.room.encryption"] = answers({"algorithm": "m.megolm.v1.aes-sha2"})
    fake.replies["members"] = answers({"errcode": "M_FORBIDDEN"}, 403)
    fake.replies["send"] = answers({"event_id": "$1"})
    async with connected(fake.url) as chat:
        (rendered,) = chat.render(paragraph("hoi"), Style())
        assert await chat.send(ROOM, rendered.payload, "k") == Denied("403 M_FORBIDDEN")
        fake.replies["members"] = answers({"errcode": "M_UNKNOWN"}, 500)
        assert await chat.send(ROOM, rendered.payload, "k") == Deferred(None, "500 M_UNKNOWN")
    assert fake.counts["send"] == 0


async def test_each_request_counts_as_what_came_of_it(fake: Fake) -> None:
    class Kept(NoTally):
        counts: ClassVar[Counter[Counted]] = Counter()

        def count(self, what: Counted) -> None:
            self.counts[what] += 1

    fake.replies["send"] = answers({"event_id": "$1"})
    async with connected(fake.url, tally=Kept()) as chat:
        await chat.send(ROOM, {"body": "x"}, "k")  # the first asks more, for the keys
        Kept.counts.clear()
        for reply in (answers({"event_id": "$1"}), answers(TOO_FAST, 429), answers({}, 403), raw("oeps", 502), cut):
            fake.replies["send"] = reply
            await chat.send(ROOM, {"body": "x"}, "k")
    assert Kept.counts == {
        Counted.REQUEST_OK: 1,
        Counted.REQUEST_LIMITED: 1,
        Counted.REQUEST_REFUSED: 1,
        Counted.REQUEST_FAILED: 1,
        Counted.REQUEST_UNANSWERED: 1,
    }


async def test_without_a_homeserver_a_message_waits_and_a_question_is_unreachable() -> None:
    async with connected("http://127.0.0.1:9") as chat:
        assert isinstance(await chat.send(ROOM, {"body": "x"}, "k"), Deferred)
        with pytest.raises(Unreachable):
            await chat.may_moderate(UserRef("@bot:test", "@ana:test"), ROOM)
        with pytest.raises(Unreachable):
            await chat.fetch(MessageRef(ROOM, "$1"))
        with pytest.raises(Unreachable):
            await whoami("http://127.0.0.1:9", "x")


async def test_a_refused_password_is_a_lost_login_and_a_full_homeserver_is_not(fake: Fake) -> None:
    fake.replies["login"] = answers({"errcode": "M_FORBIDDEN"}, 403)
    with pytest.raises(AuthLost):
        await login_with_password(fake.url, "@bot:test", "fout", "D")
    fake.replies["login"] = answers({}, 429)
    with pytest.raises(Unreachable):
        await login_with_password(fake.url, "@bot:test", "goed", "D")


def test_a_login_is_kept_for_our_eyes_only_and_never_printed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert load_session(store) is None
    session = Session("https://hs.test", "@bot:hs.test", "D", "geheim")
    save_session(store, session)
    save_session(store, session)
    assert load_session(store) == session
    (file,) = store.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "geheim" not in repr(session)
    file.write_text("[]")
    assert load_session(store) is None


def test_waits_grow_to_five_seconds_and_after_ten_minutes_to_thirty() -> None:
    backoff = Backoff(chance=lambda: 0.5)
    waits = [backoff.failed() for _ in range(200)]
    assert waits[:5] == [1, 2, 4, 5, 5]
    assert waits[-1] == 30
    assert 115 < waits.index(30) < 130
    backoff.succeeded()
    assert backoff.failed() == 1
    assert backoff.failed(timedelta(seconds=90)) == 90


@pytest.mark.parametrize(("chance", "cap"), [(0.0, 4.5), (1.0, 5.5)])
def test_chance_makes_a_wait_a_tenth_more_or_less(chance: float, cap: float) -> None:
    backoff = Backoff(chance=lambda: chance)
    assert [backoff.failed() for _ in range(4)][-1] == pytest.approx(cap)


PICTURE = Picture(b"\x89PNG een plaatje", 12, 7, "ronde.png", "Week 5 van 8.")
UPLOADED = answers({"content_uri": "mxc://test/plaatje"})
UPLOADS = {
    "500": (answers({"errcode": "M_UNKNOWN"}, 500), Deferred(reason="500 M_UNKNOWN")),
    "a cut line": (cut, Deferred(reason="ServerDisconnectedError")),
    "no address": (answers({}), Deferred(reason="no id in the answer")),
    "too fast": (answers(TOO_FAST, 429), Deferred(timedelta(milliseconds=2500), "429 M_LIMIT_EXCEEDED")),
    "too large": (answers({"errcode": "M_TOO_LARGE"}, 413), Rejected("413 M_TOO_LARGE")),
    "forbidden": (answers({"errcode": "M_FORBIDDEN"}, 403), Denied("403 M_FORBIDDEN")),
}


@pytest.mark.parametrize("name", UPLOADS)
async def test_a_picture_that_was_not_taken_is_not_shown_and_the_outcome_says_whether_to_try_again(
    fake: Fake, name: str
) -> None:
    reply, outcome = UPLOADS[name]
    fake.replies = {"upload": reply, "send": answers({"event_id": "$1"})}
    async with connected(fake.url) as chat:
        assert await chat.send(ROOM, chat.picture(PICTURE, Style()), "k") == outcome
        assert fake.counts["send"] == 0
        fake.replies["upload"] = UPLOADED
        assert await chat.send(ROOM, chat.picture(PICTURE, Style()), "k") == Sent("$1")


async def test_a_login_lost_while_a_picture_is_uploaded_is_told(fake: Fake) -> None:
    fake.replies["upload"] = answers({"errcode": "M_UNKNOWN_TOKEN"}, 401)
    async with connected(fake.url) as chat:
        with pytest.raises(AuthLost):
            await chat.send(ROOM, chat.picture(PICTURE, Style()), "k")


async def test_a_message_that_is_tried_again_does_not_upload_its_picture_again(fake: Fake) -> None:
    fake.replies = {"upload": UPLOADED, "send": answers({}, 500)}
    async with connected(fake.url) as chat:
        assert isinstance(await chat.send(ROOM, chat.picture(PICTURE, Style()), "k"), Ambiguous)
        fake.replies["send"] = answers({"event_id": "$1"})
        assert await chat.send(ROOM, chat.picture(PICTURE, Style()), "k") == Sent("$1")
    assert fake.counts["upload"] == 1


async def test_what_is_sent_for_a_picture_holds_its_address_and_not_its_bytes(fake: Fake) -> None:
    sent: list[object] = []
    files: list[tuple[str, bytes, str | None]] = []

    async def send(request: web.Request) -> web.Response:
        sent.append(await request.json())
        return web.json_response({"event_id": "$1"})

    async def upload(request: web.Request) -> web.Response:
        files.append((request.path, await request.read(), request.query.get("filename")))
        assert request.content_type == "image/png"
        return web.json_response({"content_uri": "mxc://test/plaatje"})

    fake.replies = {"upload": upload, "send": send}
    async with connected(fake.url) as chat:
        await chat.send(ROOM, chat.picture(PICTURE, Style()), "k")
    assert files == [("/_matrix/media/v3/upload", PICTURE.png, "ronde.png")]
    assert sent == [
        {
            "msgtype": "m.image",
            "body": "Week 5 van 8.",
            "filename": "ronde.png",
            "info": {"w": 12, "h": 7, "mimetype": "image/png", "size": len(PICTURE.png)},
            "url": "mxc://test/plaatje",
            "m.mentions": {},
        }
    ]
