"""The bot's device: its login, the keys that are opened with it, and the device that was there before."""

import asyncio

import structlog

from doetank_bot.chat.matrix import (
    FORMER_FILE,
    SESSION_FILE,
    KeysLost,
    MatrixChat,
    Session,
    forget_former,
    load_session,
    login_on_kept_device,
    retire_session,
    save_session,
    still_works,
    whoami,
)
from doetank_bot.domain.error import Unreachable
from doetank_bot.domain.strict_yaml import Problem
from doetank_bot.ports import AuthLost, Clock, Tally
from doetank_bot.service.former import settle_former
from doetank_bot.settings import ConfigError, SecretKind, Settings
from doetank_bot.store.uow import Store

log = structlog.get_logger(__name__)

_AGAIN_AFTER_SECONDS = 5.0


async def log_in(settings: Settings) -> Session:
    """Return a login that works, kept in the store folder; a password makes a new one only when the kept one is gone.

    Raises ConfigError when the secret or the account is not the one configured, or there is no secret and no login;
    AuthLost when the homeserver refuses it, Unreachable.
    """
    matrix = settings.matrix
    secret = settings.secret()
    if secret and secret.kind is SecretKind.ACCESS_TOKEN:
        session = await whoami(matrix.homeserver, secret.value.get_secret_value())
        _check_account(settings, session)
        if session != load_session(matrix.store_dir):
            save_session(matrix.store_dir, session)
        return session
    if working := await kept_login(settings):
        return working
    if secret is None:
        raise _no_login(settings, load_session(matrix.store_dir))
    return await login_on_kept_device(
        matrix.homeserver, matrix.user_id, secret.value.get_secret_value(), matrix.store_dir, matrix.device_id
    )


async def kept_login(settings: Settings) -> Session | None:
    """Return the login in the store folder when it is the configured account's and works. Raises Unreachable."""
    kept = load_session(settings.matrix.store_dir)
    return kept if kept is not None and _is_for(kept, settings) and await still_works(kept) else None


async def connected(settings: Settings, tally: Tally) -> MatrixChat:
    """Log in and return a chat whose keys are open: those of a new device, when the ones before are lost.

    Raises ConfigError, AuthLost, Unreachable, OSError.
    """
    try:
        return await _opened(settings, tally)
    except KeysLost as lost:
        log.error("keys_lost", reason=str(lost), remedy="a new device takes over")  # noqa: TRY400 - no fault of ours
        retire_session(settings.matrix.store_dir)
    try:
        return await _opened(settings, tally)
    except KeysLost as lost:
        raise _same_device(settings, lost) from None


async def part_with_former(settings: Settings, store: Store, clock: Clock) -> None:
    """Ask the device before this one, if there was one, what it still sent; then let the homeserver forget it."""
    folder = settings.matrix.store_dir
    former, now = load_session(folder, FORMER_FILE), load_session(folder)
    if former and now and former.device_id == now.device_id:
        former = None
    while former is not None:
        chat = _chat(settings, former)
        try:
            await settle_former(store, chat, clock)
            await chat.log_out()
        except AuthLost:
            log.warning("former_device_gone", device=former.device_id)
        except Unreachable as trouble:
            log.warning("homeserver_unreachable", reason=str(trouble))
            await asyncio.sleep(_AGAIN_AFTER_SECONDS)
            continue
        finally:
            await chat.close()
        former = None
    forget_former(folder)


async def _opened(settings: Settings, tally: Tally) -> MatrixChat:
    chat = _chat(settings, await log_in(settings), tally)
    try:
        secret = settings.secret()
        is_password = secret is not None and secret.kind is SecretKind.PASSWORD
        await chat.begin(secret.value.get_secret_value() if secret and is_password else None)
    except BaseException:
        await chat.close()
        raise
    return chat


def _chat(settings: Settings, session: Session, tally: Tally | None = None) -> MatrixChat:
    matrix = settings.matrix
    return MatrixChat(session, store_dir=matrix.store_dir, allow_invites_from=matrix.allow_invites_from, tally=tally)


def _same_device(settings: Settings, lost: KeysLost) -> ConfigError:
    """Say that what is configured leads back to the device whose keys are lost."""
    matrix = settings.matrix
    if matrix.device_id:
        where, remedy = ("matrix.device_id", "Leave that setting out: the bot logs in on a new device by itself")
    else:
        where, remedy = ("matrix.access_token_file", "Give a password, or a token of a new device of the account")
    return ConfigError(Problem(str(matrix.access_token_file or ""), 0, where, str(lost), remedy))


def _is_for(session: Session, settings: Settings) -> bool:
    matrix = settings.matrix
    is_device = matrix.device_id in {None, session.device_id}
    return is_device and (session.homeserver, session.user_id) == (matrix.homeserver, matrix.user_id)


def _no_login(settings: Settings, kept: Session | None) -> ConfigError:
    """Say what there is instead of a login that works."""
    matrix = settings.matrix
    if kept is None or not kept.access_token:
        message = f"holds no login for {matrix.user_id}"
    elif not _is_for(kept, settings):
        message = f"holds a login for {kept.user_id} on {kept.homeserver}, not for {matrix.user_id} as configured"
    else:
        message = f"holds a login of {matrix.user_id} that the homeserver does not accept any more"
    return ConfigError(Problem(str(matrix.store_dir / SESSION_FILE), 0, "", message, "Run `doetank-bot init` again"))


def _check_account(settings: Settings, session: Session) -> None:
    matrix = settings.matrix
    file = str(matrix.access_token_file)
    if session.user_id != matrix.user_id:
        remedy = f"Use a token of {matrix.user_id}, or set matrix.user_id to {session.user_id}"
        raise ConfigError(Problem(file, 0, "matrix.user_id", f"this token belongs to {session.user_id}", remedy))
    if matrix.device_id not in {None, session.device_id}:
        remedy = f"Set matrix.device_id to {session.device_id}, or leave it out"
        raise ConfigError(Problem(file, 0, "matrix.device_id", "this token belongs to another device", remedy))
