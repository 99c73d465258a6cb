"""From the effect `ShowPicture` to a picture that can be posted: drawn in a thread, and before anything is written."""

import asyncio
from dataclasses import dataclass

import structlog

from doetank_bot.domain.digest.picture import CyclePicture
from doetank_bot.domain.document import Document
from doetank_bot.domain.effect import ShowPicture
from doetank_bot.domain.group import Language
from doetank_bot.ports import ChatPort, Picture
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.picture import Labels, alternative, labels
from doetank_bot.text.plain import plain

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Illustrated:
    """What `effect` posts: the picture, or its alternative alone where there is no picture."""

    effect: ShowPicture
    alternative: Document
    picture: Picture | None


class Illustrator:
    """Draws pictures one at a time: many groups have their digest at the same minute, and share the machine."""

    def __init__(self, chat: ChatPort, catalogue: Catalogue) -> None:
        """Take the collaborators; no I/O."""
        self._chat = chat
        self._catalogue = catalogue
        self._turn = asyncio.Lock()

    async def illustrated(self, effect: ShowPicture, language: Language) -> Illustrated:
        """Return what to post. Never fails for want of a picture: then there is the alternative."""
        document = alternative(effect.picture, self._catalogue, language)
        if not self._chat.capabilities().has_pictures:
            return Illustrated(effect, document, None)
        phrases = labels(effect.picture, self._catalogue, language)
        try:
            async with self._turn:
                picture = await asyncio.to_thread(_drawn, effect.picture, phrases, plain(document))
        except Exception:  # the digest beside it must not fail for a broken font or a full disk
            log.exception("picture_not_drawn")
            return Illustrated(effect, document, None)
        return Illustrated(effect, document, picture)


def _drawn(picture: CyclePicture, phrases: Labels, text: str) -> Picture:
    from doetank_bot.picture.paint import draw  # noqa: PLC0415 - 0.5 s and 65 MB, for who uses it

    drawing = draw(picture, phrases)
    return Picture(drawing.png, drawing.width, drawing.height, f"doetank-week-{picture.week}.png", text)
