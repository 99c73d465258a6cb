"""The weekly digest as a document tree (order: design.md section 3). Members' words are quotes, the rest is ours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from doetank_bot.domain.contribution import Contribution, ContributionKind
from doetank_bot.domain.digest import (
    EXCERPT,
    SPONSOR_EXCERPT,
    Digest,
    ExperimentNow,
    NextStep,
    QuestionNow,
    SponsorDigest,
)
from doetank_bot.domain.document import Block, Bullets, Document, Heading, Line, Paragraph, Quote, sentences
from doetank_bot.domain.effect import Params
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.domain.progress import Progress
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.digest_cards import CardWriter, bare

MAX_TITLE = 80

_LABELS = {
    ContributionKind.PLAN: "digest.label_plan",
    ContributionKind.CHANGE_STORY: "digest.label_change",
}
_NEXT = {
    "prompt": "digest.next_prompt",
    "do": "digest.next_do",
    "think": "digest.next_think",
    "digest.send": "digest.next_digest",
}


def tree(digest: Digest, catalogue: Catalogue, language: Language, timezone: str = "Europe/Amsterdam") -> Document:
    """Return the digest as a tree; its length is that of what `compose` chose. An empty week is one kind line."""
    writer = _Writer(catalogue, language, timezone)
    return writer.empty(digest) if digest.is_empty else writer.document(digest)


def head(digest: Digest, catalogue: Catalogue, language: Language, timezone: str = "Europe/Amsterdam") -> Document:
    """Return how a digest begins, whatever its group gave: its title, and which week it is about."""
    return Document(blocks=tuple(_Writer(catalogue, language, timezone).head(digest)))


def sponsor_tree(
    short: SponsorDigest, catalogue: Catalogue, language: Language, timezone: str = "Europe/Amsterdam"
) -> Document:
    """Return the sponsor's version as a tree: at most 90 words, nobody's name and no links into the group's room."""
    digest, writer = short.digest, _Writer(catalogue, language, timezone)
    head = writer.line("digest.sponsor", title=excerpt(digest.title, MAX_TITLE), week=digest.week, weeks=digest.n_weeks)
    items = tuple(writer.line(f"digest.sponsor_{one.kind}", words=unnamed(one.words)) for one in short.lines)
    small = writer.line("digest.sponsor_small_print")
    return Document(blocks=(Paragraph(lines=(head,)), Bullets(items=items), Paragraph(lines=(small,))))


@dataclass(frozen=True, slots=True)
class _Writer:
    catalogue: Catalogue
    language: Language
    timezone: str

    def line(self, key: str, **params: Params) -> Line:
        return self.catalogue.line(key, params, self.language, self.timezone)

    def heading(self, key: str, **params: Params) -> Heading:
        return Heading(line=self.line(key, **params))

    def document(self, digest: Digest) -> Document:
        blocks: list[Block] = [*self.head(digest)]
        cards = self._cards()
        blocks += cards.minute(digest)
        if digest.question:
            blocks += self._question(digest.question)
        if digest.experiments:
            blocks += self._experiments(digest)
        if digest.said:
            blocks += self._said(digest)
        blocks += cards.cards(digest)
        if digest.next:
            blocks += self._next(digest.next)
        return Document(blocks=(*blocks, self._small_print(digest)))

    def head(self, digest: Digest) -> Iterator[Block]:
        yield Heading(level=2, line=self.line("digest.title", title=excerpt(digest.title, MAX_TITLE)))
        yield Paragraph(lines=(self._when(digest),))

    def empty(self, digest: Digest) -> Document:
        if digest.n_sealed:
            # Nobody was silent: what they wrote cannot be read yet.
            line = self.line("digest.empty_sealed", week=digest.week, weeks=digest.n_weeks, n=digest.n_sealed)
        elif digest.next:
            line = self.line("digest.empty_until", week=digest.week, weeks=digest.n_weeks, on=digest.next[0].on)
        else:
            line = self.line("digest.empty", week=digest.week, weeks=digest.n_weeks)
        return Document(blocks=(Paragraph(lines=(line,)),))

    def _when(self, digest: Digest) -> Line:
        phase = digest.phase.title.get(self.language)
        return self.line("digest.when", week=digest.week, weeks=digest.n_weeks, phase=phase, on=digest.on)

    def _cards(self) -> CardWriter:
        statuses = {one.value: self.catalogue.plain(f"status.{one}", {}, self.language) for one in Progress}
        return CardWriter(self.line, self.language, statuses)

    def _question(self, question: QuestionNow) -> Iterator[Block]:
        key = "digest.question_new" if question.is_changed else "digest.question"
        yield self.heading(key, version=question.version)
        yield Paragraph(lines=((_quote(question.current),),))

    def _experiments(self, digest: Digest) -> Iterator[Block]:
        yield self.heading("digest.experiments")
        for experiment in digest.experiments:
            yield Paragraph(lines=tuple(self._experiment(experiment)))
        if digest.n_more_experiments:
            yield Paragraph(lines=(self.line("digest.more_experiments", n=digest.n_more_experiments),))

    def _experiment(self, experiment: ExperimentNow) -> Iterator[Line]:
        title = self.line("digest.experiment", words=_quote(experiment.title))
        yield sentences(title, self._cards().status(experiment.status) if experiment.status else ())
        if experiment.expectation:
            yield self.line("digest.expectation", words=_field(experiment.expectation, experiment.title))
        for key, told in self._told(experiment.so_far):
            first, *more = told
            yield self.line(key, words=_quote(first))
            yield from ((_quote(one),) for one in more)
        if experiment.n_more:
            yield self.line("digest.more_so_far", n=experiment.n_more)
        if not experiment.so_far and not experiment.n_more:
            yield self.line("digest.nothing_so_far")
        if experiment.look_on:
            yield self.line("digest.look_on", words=bare(experiment.look_on))

    @staticmethod
    def _told(so_far: Sequence[Contribution]) -> Iterator[tuple[str, list[Contribution]]]:
        """Yield what was seen at an experiment, then what was said when the group looked back on it."""
        looked_back = [one for one in so_far if one.kind is ContributionKind.REVIEW]
        seen = [one for one in so_far if one.kind is not ContributionKind.REVIEW]
        yield from ((key, told) for key, told in (("digest.so_far", seen), ("digest.looked_back", looked_back)) if told)

    def _said(self, digest: Digest) -> Iterator[Block]:
        yield self.heading("digest.said")
        items = [self._one_said(contribution) for contribution in digest.said]
        if digest.n_more_said:
            items.append(self.line("digest.more_said", n=digest.n_more_said))
        yield Bullets(items=tuple(items))

    def _one_said(self, contribution: Contribution) -> Line:
        quote = _quote(contribution)
        label = _LABELS.get(contribution.kind)
        return self.line(label, words=quote) if label else (quote,)

    def _next(self, steps: tuple[NextStep, ...]) -> Iterator[Block]:
        yield self.heading("digest.next")
        yield Bullets(items=tuple(self.line("digest.next_step", on=step.on, what=self._what(step)) for step in steps))

    def _what(self, step: NextStep) -> str:
        if step.at is not None:
            return self.catalogue.plain("digest.next_meeting", {"at": f"{step.at:%H:%M}"}, self.language)
        if step.what.startswith("holiday."):
            holiday = self.catalogue.plain(step.what, {}, self.language)
            return self.catalogue.plain("digest.next_day_off", {"holiday": holiday}, self.language)
        key = _NEXT.get(step.what)
        return self.catalogue.plain(key, {}, self.language) if key else excerpt(step.what, MAX_TITLE)

    def _small_print(self, digest: Digest) -> Block:
        lines = [self.line("digest.made_by")]
        if digest.n_sealed:
            lines.append(self.line("digest.sealed", n=digest.n_sealed))
        if digest.checked_by:
            lines.append(self.line("digest.checked_by", name=digest.checked_by))
        lines += [self.line("digest.seen_by"), self.line("digest.correct")]
        return Paragraph(lines=tuple(lines))


def _quote(contribution: Contribution) -> Quote:
    return Quote(
        number=contribution.number,
        text=contribution.text,
        author=contribution.author_name,
        source=contribution.source,
        limit=EXCERPT,
    )


def unnamed(one: Contribution) -> Quote:
    """Return a quote for who is not in the group."""
    return Quote(number=one.number, text=one.text, shows_author=False, limit=SPONSOR_EXCERPT)


def _field(field: Contribution, title: Contribution) -> Quote:
    """Return a field of a card; whose words it is stands at the card's title, and is not said again."""
    quote = _quote(field)
    return quote if field.author != title.author else quote.model_copy(update={"author": "", "shows_author": False})
