"""The last backup: `doetank-bot backup` writes beside the database which one that was."""

from datetime import datetime, timedelta

from doetank_bot.app import database_file
from doetank_bot.check.finding import About, Finding, good, note
from doetank_bot.settings import Settings
from doetank_bot.store import mark

OLD = timedelta(days=7)
_REMEDY = "Let cron or a timer do this every night: doetank-bot backup PATH"


def finding(settings: Settings, now: datetime, *, has_groups: bool) -> Finding:
    """Return how old the last backup is, and whether it is still there."""
    database = database_file(settings)
    try:
        last = mark.last_backup(database)
    except (ValueError, OSError) as trouble:
        sign = mark.beside(database, "backup.json")
        return note(About.BACKUP, f"{sign} cannot be read ({type(trouble).__name__}). {_REMEDY}")
    return told(last, now, is_there=last is not None and last.path.is_file(), has_groups=has_groups)


def told(last: mark.LastBackup | None, now: datetime, *, is_there: bool, has_groups: bool) -> Finding:
    """Return what there is to say of it; `is_there`: the file of the backup is."""
    if last is None:
        text = "there is none yet"
        return note(About.BACKUP, f"{text}. {_REMEDY}") if has_groups else good(About.BACKUP, f"{text}, nor any group")
    if not is_there:
        return note(About.BACKUP, f"the last one, {last.path}, is not there any more. {_REMEDY}")
    age = now - last.at
    text = f"the last one is {age.days} days old: {last.path}"
    return good(About.BACKUP, text) if age <= OLD else note(About.BACKUP, f"{text}. {_REMEDY}")
