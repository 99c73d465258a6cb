"""How many words there is room for: a digest is read in two minutes, whatever members wrote."""

from doetank_bot.domain.contribution import Contribution
from doetank_bot.domain.digest.model import EXCERPT
from doetank_bot.domain.hygiene import excerpt


def n_words(text: str) -> int:
    """Return how many words `text` has as it is shown: one line, cut at the excerpt length."""
    return len(excerpt(text, EXCERPT).split())


def quoted(contribution: Contribution) -> int:
    """Return how many words a quote takes with its author's name and the dash before it."""
    return n_words(contribution.text) + 1 + n_words(contribution.author_name)


class Room:
    """What is left of a number of words."""

    def __init__(self, n_left: int) -> None:
        self.n_left = n_left

    def take(self, n: int) -> bool:
        """Take `n` words when they fit; tell whether they did."""
        fits = n <= self.n_left
        self.n_left -= n if fits else 0
        return fits
