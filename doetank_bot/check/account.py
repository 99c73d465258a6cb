"""The login: whose it is, on which device; without taking anything from a bot that runs."""

from pathlib import Path

from doetank_bot.chat.matrix import Inspector, Session
from doetank_bot.check.finding import About, Finding, bad, broken, good
from doetank_bot.device import kept_login, log_in
from doetank_bot.domain.error import Unreachable
from doetank_bot.ports import AuthLost
from doetank_bot.settings import ConfigError, SecretKind, Settings


def secret(settings: Settings) -> Finding | None:
    """Return why the password or token cannot be read; None when it can."""
    try:
        settings.secret()
    except ConfigError as trouble:
        return broken(About.LOGIN, str(trouble.problem))
    return None


async def login(settings: Settings, *, is_running: bool) -> Session | Finding:
    """Return a login that works, or why there is none.

    A password makes a new login only while no bot runs: on the same device it would end the one that the bot holds.
    """
    try:
        secret = settings.secret()
        has_password = secret is not None and secret.kind is SecretKind.PASSWORD
        if is_running and has_password and await kept_login(settings) is None:
            lost = f"the login in {settings.matrix.store_dir} does not work, and a bot runs"
            return bad(About.LOGIN, f"{lost}. Stop that bot first: a new login could put it out")
        return await log_in(settings)
    except ConfigError as trouble:
        return broken(About.LOGIN, str(trouble.problem))
    except AuthLost as trouble:
        remedy = "Check matrix.user_id and the password or token file"
        return broken(About.LOGIN, f"{settings.matrix.homeserver} refuses it ({trouble}). {remedy}")
    except Unreachable as trouble:
        return bad(About.LOGIN, f"no answer ({trouble}). Try again in a minute")
    except OSError as trouble:
        remedy = "It is kept there: let the bot's own user, and check, read and write it"
        return bad(About.LOGIN, f"{trouble.filename}: {trouble.strerror}. {remedy}")


async def device(inspector: Inspector, session: Session, store_dir: Path) -> Finding:
    """Return on which device the login is, by the name that people see."""
    try:
        name = await inspector.device_name()
    except (Unreachable, AuthLost) as trouble:
        return bad(About.DEVICE, f"{session.device_id}: no answer ({trouble}). Try again in a minute")
    shown = f" (“{name}”)" if name else ""
    return good(About.DEVICE, f"{session.device_id}{shown}, kept in {store_dir}")
