"""A typed line that cannot be done: one helpful line says why, and what can."""

from doetank_bot.demo.cast import Words
from doetank_bot.domain.group import Language


class Slip(Exception):
    """What was typed cannot be done; `told` is the line that helps."""

    def __init__(self, words: Words, **values: object) -> None:
        """Keep the words, and what is put in them."""
        super().__init__()
        self._words = words
        self._values = values

    def told(self, language: Language) -> str:
        """Return the line in `language`."""
        return self._words.get(language).format(**self._values)
