"""The picture of a cycle inside a web page, with the same in words for who does not see it."""

import base64
from html import escape

from doetank_bot.domain.digest.picture import CyclePicture
from doetank_bot.domain.group import Language
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.picture import alternative, labels
from doetank_bot.text.plain import plain


def figure(picture: CyclePicture, catalogue: Catalogue, language: Language) -> str:
    """Return the picture as an element that holds its own PNG. Takes half a second the first time."""
    from doetank_bot.picture.paint import draw  # noqa: PLC0415 - 0.5 s and 65 MB, for who uses it

    drawing = draw(picture, labels(picture, catalogue, language))
    told = " ".join(plain(alternative(picture, catalogue, language)).split())
    source = f"data:image/png;base64,{base64.b64encode(drawing.png).decode()}"
    return (
        f'<img class="picture" src="{source}" width="{drawing.width}" height="{drawing.height}" alt="{escape(told)}">'
    )
