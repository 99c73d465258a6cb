"""The parts of a digest beside experiments and members' lines: in one minute, story, lessons, barriers, asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest import AskNow, BarrierNow, Digest, LessonNow, MinuteLine
from doetank_bot.domain.digest.fitting import CARD_EXCERPT, STORY_EXCERPT
from doetank_bot.domain.digest.minute import MINUTE_EXCERPT
from doetank_bot.domain.document import Block, Bullets, Heading, Line, Paragraph, Quote, Text
from doetank_bot.domain.group import Language

Write = Callable[..., Line]


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes them with `line`, which gives a catalogue text of one line."""

    line: Write

    def minute(self, digest: Digest) -> Iterator[Block]:
        """Yield the first lines: the coach's own words, or what the data says."""
        if digest.own_minute is not None:
            yield Heading(line=self.line("digest.minute"))
            yield Paragraph(lines=((_quote(digest.own_minute, STORY_EXCERPT),),))
        elif digest.minute:
            yield Heading(line=self.line("digest.minute"))
            yield Bullets(items=tuple(map(self._minute, digest.minute)))

    def cards(self, digest: Digest, language: Language) -> Iterator[Block]:
        """Yield story, lessons, barriers, decisions and asks, in that order; what is not there drops out."""
        if digest.story is not None:
            yield Heading(line=self.line("digest.story"))
            yield Paragraph(lines=((_quote(digest.story, STORY_EXCERPT),),))
        sections = (
            ("digest.lessons", [self._lesson(one, language) for one in digest.lessons]),
            ("digest.barriers", [self._barrier(one) for one in digest.barriers]),
            ("digest.decisions", [(_quote(one),) for one in digest.decisions]),
            ("digest.asks", [self._ask(one, language) for one in digest.asks]),
        )
        for key, items in sections:
            if items:
                yield Heading(line=self.line(key))
                yield Bullets(items=tuple(items))
        if digest.n_more_cards:
            yield Paragraph(lines=(self.line("digest.more_cards", n=digest.n_more_cards),))

    def _minute(self, one: MinuteLine) -> Line:
        words = _quote(one.card, MINUTE_EXCERPT).model_copy(update={"author": "", "shows_author": False})
        if one.on is not None:
            return self.line(f"digest.minute_{one.kind}_on", words=words, on=one.on)
        return self.line(f"digest.minute_{one.kind}", words=words)

    def _lesson(self, one: LessonNow, language: Language) -> Line:
        evidence = self.line("digest.evidence", words=_bare(one.evidence)) if one.evidence else ()
        sure = self.line("digest.sure", sure=one.sure.get(language)) if one.sure else ()
        return _with((_quote(one.lesson),), evidence, sure)

    def _barrier(self, one: BarrierNow) -> Line:
        if one.is_solved:
            return _with((_quote(one.barrier),), self.line("digest.solved"))
        owner = self.line("digest.owner", owner=_bare(one.owner)) if one.owner else self.line("digest.no_owner")
        return _with((_quote(one.barrier),), owner, self.line("digest.open", n=one.n_days))

    def _ask(self, one: AskNow, language: Language) -> Line:
        quote = _quote(one.ask)
        if one.ask.kind is ContributionKind.OFFER:
            return self.line("digest.offer", words=quote)
        line = self.line("digest.ask_to", to=one.to.get(language), words=quote) if one.to else (quote,)
        if one.answer is not None:
            return _with(line, self.line("digest.answer", words=_bare(one.answer)))
        if not one.is_open:
            return _with(line, self.line("digest.closed"))
        return _with(line, self.line("digest.before", on=_bare(one.by))) if one.by else line


def _with(line: Line, *sentences: Line) -> Line:
    """Return a line of someone's words with sentences of ours after it; empty ones drop out."""
    said = [sentence for sentence in sentences if sentence]
    parts = [node for sentence in said for node in (Text(text=". "), *sentence)]
    return (*line, *parts, Text(text=".")) if said else line


def _quote(one: Contribution, limit: int = CARD_EXCERPT) -> Quote:
    return Quote(number=one.number, text=one.text, author=one.author_name, source=one.source, limit=limit)


def _bare(one: Contribution) -> Quote:
    return _quote(one).model_copy(update={"author": "", "shows_author": False})
