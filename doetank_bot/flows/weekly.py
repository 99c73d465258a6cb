"""The weekly digest on its way: the coach's draft, the group's, copies in private, the sponsor's few lines. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from doetank_bot.domain.digest import MAX_WORDS, USUAL, Digest, Edition, compose, for_sponsor
from doetank_bot.domain.digest.picture import LEAST_FOR_COUNTS
from doetank_bot.domain.document import Block, Document, Paragraph
from doetank_bot.domain.effect import About, Effect, Outcome, Params, Purpose, Say, Show, StoreCycle
from doetank_bot.domain.group import Attendance, MemberStatus
from doetank_bot.domain.reference import Private, Room
from doetank_bot.domain.schedule import GRACE, Occurrence, Run
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows import course
from doetank_bot.flows.picture import after_digest
from doetank_bot.flows.stage import Stage
from doetank_bot.text import digest as digest_text
from doetank_bot.text.catalogue import Catalogue
from doetank_bot.text.plain import plain
from doetank_bot.text.preview import exceptions

_UNTIL_NEXT = timedelta(days=7)
_SPARE = range(120, -81, -20)
"""Words by which the estimate of the domain, which knows no texts, may be off: the fullest digest is tried first."""


def composed(
    scene: Scene, rules: Rules, stage: Stage, step: Occurrence | None = None, edition: Edition = USUAL
) -> Digest:
    """Return the digest as it stands now; `step` is the planned one. Raises UserError when the pack is gone."""
    pack = course.pack_of(stage.cycle, rules)
    schedule = stage.after(step) if step else stage.waiting
    days_off = course.calendar_of(stage.group, rules).days_off(course.today(stage.group, scene.now))
    material = replace(
        stage.material,
        next_steps=course.next_steps(schedule),
        meetings=stage.group.settings.meetings,
        days_off=tuple((on, f"holiday.{name}") for on, name in days_off),
    )
    edition = replace(edition, week=step.week if step else None)
    return compose(stage.cycle, pack, material, scene.now, stage.group.timezone, edition)


def _written(
    scene: Scene,
    rules: Rules,
    stage: Stage,
    catalogue: Catalogue,
    step: Occurrence | None = None,
    checked_by: str | None = None,
) -> tuple[Digest, Document]:
    """Return the fullest digest that is no longer than it may be, and its message; a late one says so first."""
    notice = tuple(late(step, scene, stage, catalogue))
    for spare in _SPARE:
        digest = composed(scene, rules, stage, step, Edition(checked_by=checked_by, max_words=MAX_WORDS + spare))
        tree = digest_text.tree(digest, catalogue, stage.group.speech, stage.group.timezone)
        document = Document(blocks=(*notice, *tree.blocks))
        if spare == _SPARE[-1] or len(plain(document).split()) <= MAX_WORDS:
            return digest, document
    raise AssertionError("the shortest is the last one tried")


def sent(
    scene: Scene,
    rules: Rules,
    stage: Stage,
    catalogue: Catalogue,
    step: Occurrence | None = None,
    checked_by: str | None = None,
) -> tuple[Effect, ...]:
    """Return the digest for the room, which pings nobody, and what goes with it: copies, picture, sponsor's version.

    `step` is the planned one; by hand there is none. After one empty week the next stays silent: the coach is told.
    """
    digest, document = _written(scene, rules, stage, catalogue, step, checked_by)
    if digest.is_empty and stage.material.was_quiet and not digest.n_sealed:
        params: dict[str, Params] = {"title": stage.cycle.title, "prefix": rules.prefix}
        return (Say(Private(stage.cycle.coach), "cycle.quiet_again", params),)
    about = About(Purpose.DIGEST, stage.cycle.id, digest=digest.number)
    post = Show(Room(stage.group.space), document, is_notice=False, about=about)
    return (post, *_copies(post, stage), *_sponsors(digest, stage, catalogue), *after_digest(stage, scene, rules))


def draft(scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> Document:
    """Return the digest as it stands, headed by a line that it is a draft and how to send it."""
    digest_step = next((one for one in stage.waiting if one.run is Run.DIGEST), None)
    params: dict[str, Params] = {"prefix": rules.prefix, "title": stage.cycle.title}
    key = "cycle.draft_held" if stage.cycle.is_held else "cycle.draft"
    if digest_step is not None and not stage.cycle.is_held:
        key, params = "cycle.draft_until", {**params, "at": digest_step.due_at}
    head = catalogue.document(key, params, stage.group.speech, stage.group.timezone)
    digest, tree = _written(scene, rules, stage, catalogue, digest_step)
    changes = _changes(scene, rules, stage, catalogue)
    if digest.is_empty and stage.material.was_quiet and not digest.n_sealed:
        head = catalogue.document("cycle.draft_quiet", params, stage.group.speech, stage.group.timezone)
        return Document(blocks=(*head.blocks, *changes))
    return Document(blocks=(*head.blocks, *changes, *_reading(stage, catalogue), *tree.blocks))


def _changes(scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> tuple[Block, ...]:
    """Return what moves or drops out in the days until the next draft: the coach hears it before it happens."""
    today = course.today(stage.group, scene.now)
    what = course.to_show(stage.cycle, stage.group, rules, course.ahead(stage.cycle, stage.group, rules, scene.now))
    days = (today + timedelta(days=1), today + _UNTIL_NEXT)
    return exceptions(what, days, catalogue, stage.group.speech, stage.group.timezone).blocks


def draft_for_coach(step: Occurrence, scene: Scene, rules: Rules, stage: Stage, catalogue: Catalogue) -> Show:
    """Return the draft as a private message to the coach."""
    before = replace(stage, waiting=stage.after(step))
    about = About(Purpose.DRAFT, stage.cycle.id, digest=stage.material.n_digests + 1)
    return Show(Private(stage.cycle.coach), draft(scene, rules, before, catalogue), about=about)


def held(step: Occurrence, rules: Rules, stage: Stage) -> Outcome:
    """Tell the coach that the digest waits for a hand; the next one takes everything along. The last one stays held."""
    later = stage.after(step)
    cycle = replace(stage.cycle, is_held=not later)
    told = Say(Private(cycle.coach), "cycle.digest_held", {"title": cycle.title, "prefix": rules.prefix})
    return Outcome((StoreCycle(cycle, later), told))


def late(step: Occurrence | None, scene: Scene, stage: Stage, catalogue: Catalogue) -> Iterator[Block]:
    """Yield the line that says for when it was meant, where that is over an hour ago."""
    if step is not None and scene.now - step.due_at > GRACE:
        params: dict[str, Params] = {"planned": step.due_at}
        line = catalogue.line("prompt.late", params, stage.group.speech, stage.group.timezone)
        yield Paragraph(lines=(line,))


def _copies(digest: Show, stage: Stage) -> Iterator[Show]:
    """Yield the digest as a private message to each member who asked for it."""
    for member in stage.material.members:
        if member.wants_digest and member.status is MemberStatus.ACTIVE:
            yield replace(digest, to=Private(member.user))


def _sponsors(digest: Digest, stage: Stage, catalogue: Catalogue) -> Iterator[Show]:
    """Yield the version for the sponsor: only what is for them, without names; nothing when there is nothing."""
    sponsor = stage.group.settings.sponsor
    short = for_sponsor(digest, stage.material.since)
    if sponsor is not None and short is not None:
        tree = digest_text.sponsor_tree(short, catalogue, stage.group.speech, stage.group.timezone)
        yield Show(Private(sponsor), tree, about=About(Purpose.DIGEST, stage.cycle.id, digest=digest.number))


def _reading(stage: Stage, catalogue: Catalogue) -> Iterator[Block]:
    """Yield how many read along now, which a group too small to hide in is not told."""
    n_members = len(stage.taking_part)
    n = sum(one.attendance is Attendance.READING for one in stage.taking_part)
    if n and n_members >= LEAST_FOR_COUNTS:
        params: dict[str, Params] = {"n": n, "members": n_members}
        yield Paragraph(lines=(catalogue.line("cycle.draft_reading", params, stage.group.speech),))
