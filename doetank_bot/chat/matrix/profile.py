"""How an account looks to others: its name and its picture (client-server API, "Profiles")."""

from dataclasses import dataclass
from http import HTTPStatus

from doetank_bot.chat.matrix.client import Answer, Client, path
from doetank_bot.chat.matrix.event import text_or_none


@dataclass(frozen=True, slots=True)
class Look:
    """What others see; None where there is nothing."""

    name: str | None
    picture: str | None


class Profile:
    """The profile of the account that is logged in. Every method raises AuthLost, or Unreachable with the reason."""

    def __init__(self, client: Client) -> None:
        """Take the connection; no I/O."""
        self._client = client
        self._user_id = client.session.user_id

    async def look(self) -> Look:
        """Return how the account looks now."""
        answer = await self._client.request("GET", path("profile", self._user_id))
        # An account that never had a name or a picture may have no profile at all.
        if answer.status == HTTPStatus.NOT_FOUND:
            return Look(None, None)
        body = _ok(answer).body
        return Look(text_or_none(body, "displayname") or None, text_or_none(body, "avatar_url") or None)

    async def call_it(self, name: str) -> None:
        """Set the name."""
        where = path("profile", self._user_id, "displayname")
        _ok(await self._client.request("PUT", where, {"displayname": name}))

    async def show(self, png: bytes) -> None:
        """Keep a picture on the homeserver and set it."""
        uploaded = _ok(await self._client.upload(png, "image/png", "avatar.png"))
        address = {"avatar_url": uploaded.body.get("content_uri")}
        _ok(await self._client.request("PUT", path("profile", self._user_id, "avatar_url"), address))


def _ok(answer: Answer) -> Answer:
    if not answer.is_ok:
        answer.refuse()
    return answer
