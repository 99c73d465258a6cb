"""What the bot says and knows by heart: texts, words to type, and school holidays for a year ahead."""

from collections.abc import Iterator
from datetime import date, timedelta

from doetank_bot.check.finding import About, Finding, broken, good, note
from doetank_bot.domain.school import School
from doetank_bot.domain.strict_yaml import Invalid
from doetank_bot.resources import breaks_file
from doetank_bot.service.engine import Texts
from doetank_bot.settings import Settings, read_school
from doetank_bot.text.catalogue import LANGUAGES

_AHEAD = timedelta(days=365)


def findings(settings: Settings, today: date) -> Iterator[Finding]:
    """Yield whether the texts are whole, and how far the school holidays reach."""
    yield texts()
    try:
        yield holidays(read_school(settings.bot.breaks_file or breaks_file()), today)
    except Invalid as trouble:
        yield from (broken(About.HOLIDAYS, str(problem)) for problem in trouble.problems)


def texts() -> Finding:
    """Return whether the texts that come along can be read, and are there in every language."""
    remedy = "Install the bot again"
    try:
        loaded = Texts.load()
    except (ValueError, OSError, Invalid) as trouble:
        return broken(About.TEXTS, f"cannot be read ({trouble}). {remedy}")
    first, *others = (loaded.catalogue.keys(language) for language in LANGUAGES)
    missing = sorted(set().union(*(first ^ other for other in others)))
    if missing:
        return broken(About.TEXTS, f"not in every language: {', '.join(missing[:5])}. {remedy}")
    return good(About.TEXTS, f"{len(first)} in {' and '.join(LANGUAGES)}, and the words to type")


def holidays(school: School, today: date) -> Finding:
    """Return whether every region's school holidays are known for a year ahead."""
    known_until = min((rows[-1].last for rows in school.values() if rows), default=None)
    if known_until is None:
        return note(About.HOLIDAYS, "no school holidays are known. Fill bot.breaks_file, or leave it out")
    text = f"school holidays are known until {known_until}"
    if known_until < today + _AHEAD:
        return note(
            About.HOLIDAYS, f"{text}; later ones will not count. Upgrade the bot, or add them to bot.breaks_file"
        )
    return good(About.HOLIDAYS, text)
