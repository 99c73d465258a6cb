"""The parts of a digest beside experiments and members' lines: in one minute, story, lessons, barriers, asks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest import AskNow, BarrierNow, Chosen, Digest, LessonNow, MinuteKind, MinuteLine
from doetank_bot.domain.digest.fitting import CARD_EXCERPT, STORY_EXCERPT
from doetank_bot.domain.digest.minute import MINUTE_EXCERPT
from doetank_bot.domain.document import Block, Bullets, Heading, Line, Paragraph, Quote, sentences
from doetank_bot.domain.group import Language

Write = Callable[..., Line]
SHORT = 20
"""Characters of an answer that reads as a part of our sentence: "yes", "no, not yet"."""


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes them with `line`, which gives a catalogue text of one line; `statuses` are the words for each status."""

    line: Write
    language: Language
    statuses: Mapping[str, str]

    def status(self, one: Contribution) -> Line:
        """Return the sentence that says how far a card is; it follows what a member said of that."""
        return self.line("digest.status", status=bare(one, self.statuses))

    def minute(self, digest: Digest) -> Iterator[Block]:
        """Yield the first lines: the coach's own words, or what the data says."""
        if digest.own_minute is not None:
            yield Heading(line=self.line("digest.minute"))
            yield Paragraph(lines=((_quote(digest.own_minute, digest.own_limit),),))
        elif digest.minute:
            yield Heading(line=self.line("digest.minute"))
            yield Bullets(items=tuple(map(self._minute, digest.minute)))

    def cards(self, digest: Digest) -> Iterator[Block]:
        """Yield story, lessons, barriers, decisions and asks, in that order; what is not there drops out."""
        if digest.story is not None:
            yield Heading(line=self.line("digest.story"))
            yield Paragraph(lines=((_quote(digest.story, STORY_EXCERPT),),))
        sections = (
            ("digest.lessons", [self._lesson(one) for one in digest.lessons]),
            ("digest.barriers", [self._barrier(one) for one in digest.barriers]),
            ("digest.decisions", [(_quote(one),) for one in digest.decisions]),
            ("digest.asks", [self._ask(one) for one in digest.asks]),
        )
        for key, items in sections:
            if items:
                yield Heading(line=self.line(key))
                yield Bullets(items=tuple(items))
        if digest.n_more_cards:
            yield Paragraph(lines=(self.line("digest.more_cards", n=digest.n_more_cards),))

    def _minute(self, one: MinuteLine) -> Line:
        words = _quote(one.card, MINUTE_EXCERPT).model_copy(update={"author": "", "shows_author": False})
        key = "digest.before" if one.kind is MinuteKind.ASK else "digest.minute_when"
        when = self.line(key, on=bare(one.on)) if one.on is not None else ()
        return sentences(self.line(f"digest.minute_{one.kind}", words=words), when)

    def _lesson(self, one: LessonNow) -> Line:
        evidence = self.line("digest.evidence", words=_unnamed(one.evidence)) if one.evidence else ()
        sure = self.line("digest.sure", sure=self._chosen(one.sure)) if one.sure else ()
        return sentences((_quote(one.lesson),), evidence, sure)

    def _barrier(self, one: BarrierNow) -> Line:
        if one.solved is not None:
            return sentences((_quote(one.barrier),), self.status(one.solved))
        owner = self.line("digest.owner", owner=bare(one.owner)) if one.owner else self.line("digest.no_owner")
        age = self.line("digest.open", n=one.n_days) if one.n_days else self.line("digest.open_today")
        return sentences((_quote(one.barrier),), owner, age)

    def _ask(self, one: AskNow) -> Line:
        if one.ask.kind is ContributionKind.OFFER:
            return self.line("digest.offer", words=_quote(one.ask))
        to = self.line("digest.ask_to", to=self._chosen(one.to)) if one.to else ()
        return sentences((_quote(one.ask),), to, self._became(one))

    def _became(self, one: AskNow) -> Line:
        if one.answer is not None:
            is_short = len(one.answer.text) <= SHORT
            return self.line("digest.answer", words=bare(one.answer) if is_short else _unnamed(one.answer))
        if one.ended is not None:
            return self.status(one.ended)
        return self.line("digest.before", on=bare(one.by)) if one.by else ()

    def _chosen(self, one: Chosen) -> Quote:
        return bare(one.answer, {name: title.get(self.language) for name, title in one.choices.items()})


def _quote(one: Contribution, limit: int = CARD_EXCERPT) -> Quote:
    return Quote(number=one.number, text=one.text, author=one.author_name, source=one.source, limit=limit)


def _unnamed(one: Contribution) -> Quote:
    return _quote(one).model_copy(update={"author": "", "shows_author": False})


def bare(one: Contribution, choices: Mapping[str, str] | None = None) -> Quote:
    """Return someone's words as a short value in a sentence of ours: a date, an owner, a choice from a list."""
    return _unnamed(one).model_copy(update={"marks": False, "choices": dict(choices or {})})
