"""A message's plain text with the headings, bold words and commands that its HTML marks. Pure."""

from html.parser import HTMLParser

from rich.text import Text

_STYLES = {"h2": "bold underline", "h3": "bold", "strong": "bold", "code": "cyan", "em": "dim"}


def styled(text: str, html: str) -> Text:
    """Return `text` with a style where a marked piece of `html` stands in it; all pieces are looked for in order."""
    marks = _Marks()
    marks.feed(html)
    marks.close()
    result, at = Text(text), 0
    for style, piece in marks.found:
        start = text.find(piece, at)
        if start >= 0:
            at = start + len(piece)
            if style:
                result.stylize(style, start, at)
    return result


class _Marks(HTMLParser):
    """Collects (style, words) of the pieces, in order; what is not marked has no style."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser's signature
        if tag in _STYLES:
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((_STYLES.get(self._inside, ""), data.strip()))
