"""Pictures on their way out: kept on the homeserver first, then shown by a message that holds their address."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from nio.crypto import encrypt_attachment

from doetank_bot.chat.matrix.client import Client
from doetank_bot.chat.matrix.result import attempt
from doetank_bot.ports import Ambiguous, Deferred, Denied, Payload, Picture, Rejected, Sent

_FILE = "file"


def with_file(content: Mapping[str, Any], picture: Picture) -> Payload:
    """Return what is kept until it is sent: the content of the event, and the file that has no address yet."""
    return {**content, _FILE: b64encode(picture.png).decode()}


class Uploads:
    """The files of messages that are not out yet: a message that is tried again needs no second copy of its file."""

    def __init__(self, client: Client) -> None:
        """Take the connection; no I/O."""
        self._client = client
        self._kept: dict[str, Payload] = {}

    async def content(
        self, payload: Payload, key: str, *, is_encrypted: bool
    ) -> Payload | Deferred | Denied | Rejected:
        """Return the content to send for `payload`; a file in it is uploaded, or why it is not. Raises AuthLost.

        For an encrypted room the file is encrypted, too; its key is in the content.

        No message is out when the upload has failed, so the next try is harmless whatever became of the file.
        """
        if _FILE not in payload:
            return payload
        # A room may become encrypted between two tries.
        if key not in self._kept or (_FILE in self._kept[key]) is not is_encrypted:
            file, keys = b64decode(payload[_FILE]), None
            if is_encrypted:
                file, keys = encrypt_attachment(file)
                upload = self._client.upload(file, "application/octet-stream", None)
            else:
                upload = self._client.upload(file, payload["info"]["mimetype"], payload["filename"])
            match await attempt(upload, "content_uri"):
                case Sent(address):
                    self._kept[key] = {"url": address} if keys is None else {_FILE: {**keys, "url": address}}
                case Ambiguous(reason):
                    return Deferred(reason=reason)
                case refused:
                    return refused
        return {**{name: value for name, value in payload.items() if name != _FILE}, **self._kept[key]}

    def settled(self, key: str) -> None:
        """Forget the file of a message that is out, or never will be."""
        self._kept.pop(key, None)
