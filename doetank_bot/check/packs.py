"""The packs: valid, whose they are, and those of the cycles that run are there."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from doetank_bot.check.finding import About, Finding, bad, broken, good
from doetank_bot.domain.pack import Pack
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.resources import packs_dir
from doetank_bot.settings import Settings, load_packs
from doetank_bot.store.look import GroupSeen


def findings(settings: Settings, groups: Sequence[GroupSeen]) -> Iterator[Finding]:
    """Yield every mistake in every pack; without any, which packs there are and which cycles miss theirs."""
    own_dir = settings.bot.packs_dir
    try:
        shipped = load_packs([packs_dir()])
        own = load_packs([own_dir]) if own_dir else {}
    except Invalid as trouble:
        yield from (broken(About.PACKS, str(problem)) for problem in trouble.problems)
        return
    yield good(About.PACKS, ", ".join(_named(shipped, own, own_dir)))
    for group in groups:
        if group.pack is not None and group.pack not in shipped.keys() | own.keys():
            remedy = "Put it in bot.packs_dir, or end that cycle"
            yield bad(About.PACKS, f"{group.pack} is not there, and a cycle runs on it in {group.room}. {remedy}")


def _named(shipped: Mapping[str, Pack], own: Mapping[str, Pack], own_dir: Path | None) -> Iterator[str]:
    for name in sorted(shipped.keys() | own.keys()):
        if name not in own:
            yield name
        else:
            yield f"{name} (from {own_dir}" + (
                ", in the place of the one that comes along)" if name in shipped else ")"
            )
