"""The sponsor's version of a digest: what is meant for the sponsor, in a few lines and without names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doetank_bot.domain.contribution import Audience, Contribution
from doetank_bot.domain.digest.model import Digest
from doetank_bot.domain.digest.room import Room
from doetank_bot.domain.hygiene import excerpt

MAX_SPONSOR_WORDS = 90
"""The whole message, our own words included: it is read between two meetings."""
SPONSOR_EXCERPT = 110
_WIDE = frozenset({Audience.SPONSOR, Audience.PUBLIC})
_FRAME = 26
_LABEL = 4


class SponsorKind(StrEnum):
    """What a line for the sponsor is about."""

    EXPERIMENT = "experiment"
    SO_FAR = "so_far"
    STORY = "story"
    DECISION = "decision"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class SponsorLine:
    """One line; the words in it are for the sponsor or wider."""

    kind: SponsorKind
    words: Contribution


@dataclass(frozen=True, slots=True)
class SponsorDigest:
    """What the sponsor reads of digest `digest`."""

    digest: Digest
    lines: tuple[SponsorLine, ...]


def for_sponsor(digest: Digest, since: datetime | None) -> SponsorDigest | None:
    """Return the sponsor's version of the group's digest; None when nothing for the sponsor came after `since`."""
    room = Room(MAX_SPONSOR_WORDS - _FRAME - len(digest.title.split()))
    lines = tuple(one for one in _lines(digest) if room.take(_cost(one.words)))
    is_new = any(since is None or (at := one.words.created_at) is None or at > since for one in lines)
    return SponsorDigest(digest, lines) if is_new else None


def _lines(digest: Digest) -> Iterator[SponsorLine]:
    yield from _wide(SponsorKind.ASK, (one.ask for one in digest.asks if one.is_open))
    for one in digest.experiments:
        if one.title.audience in _WIDE:
            yield SponsorLine(SponsorKind.EXPERIMENT, one.title)
            yield from _wide(SponsorKind.SO_FAR, one.so_far[-1:])
    yield from _wide(SponsorKind.DECISION, digest.decisions)
    if digest.story is not None:
        yield from _wide(SponsorKind.STORY, [digest.story])


def _wide(kind: SponsorKind, words: Iterable[Contribution]) -> Iterator[SponsorLine]:
    yield from (SponsorLine(kind, one) for one in words if one.audience in _WIDE)


def _cost(one: Contribution) -> int:
    return _LABEL + len(excerpt(one.text, SPONSOR_EXCERPT).split())
