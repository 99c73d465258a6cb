"""The last backup: `doetank-bot backup` writes beside the database which one that was."""

from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from doetank_bot.app import database_file
from doetank_bot.check.finding import About, Finding, good, note
from doetank_bot.settings import Settings

OLD = timedelta(days=7)
_REMEDY = "Let cron or a timer do this every night: doetank-bot backup PATH"


class Stamp(BaseModel):
    """What `<database>.backup.json` says of the last verified backup, as far as it matters here: when, and where."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    path: Path


def stamp_file(settings: Settings) -> Path:
    """Return the file that tells of the last backup."""
    database = database_file(settings)
    return database.with_name(database.name + ".backup.json")


def read_stamp(settings: Settings) -> Stamp | None:
    """Return what is known of the last backup, None before the first. Raises ValueError, OSError."""
    file = stamp_file(settings)
    return Stamp.model_validate_json(file.read_bytes()) if file.is_file() else None


def finding(settings: Settings, now: datetime, *, has_groups: bool) -> Finding:
    """Return how old the last backup is, and whether it is still there."""
    try:
        stamp = read_stamp(settings)
    except (ValidationError, OSError) as trouble:
        return note(About.BACKUP, f"{stamp_file(settings)} cannot be read ({type(trouble).__name__}). {_REMEDY}")
    return told(stamp, now, is_there=stamp is not None and stamp.path.is_file(), has_groups=has_groups)


def told(stamp: Stamp | None, now: datetime, *, is_there: bool, has_groups: bool) -> Finding:
    """Return what there is to say of it; `is_there`: the file of the backup is."""
    if stamp is None:
        text = "there is none yet"
        return note(About.BACKUP, f"{text}. {_REMEDY}") if has_groups else good(About.BACKUP, f"{text}, nor any group")
    if not is_there:
        return note(About.BACKUP, f"the last one, {stamp.path}, is not there any more. {_REMEDY}")
    age = now - stamp.at
    text = f"the last one is {age.days} days old: {stamp.path}"
    return good(About.BACKUP, text) if age <= OLD else note(About.BACKUP, f"{text}. {_REMEDY}")
