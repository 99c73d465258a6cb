"""The login of a first start: the one that is kept already, else by token or password, once."""

from dataclasses import dataclass
from pathlib import Path

from doetank_bot.chat.matrix import (
    Session,
    load_session,
    login_on_kept_device,
    save_session,
    still_works,
    takes_password,
    whoami,
)
from doetank_bot.complaint import Complaint, Exit
from doetank_bot.domain.error import Unreachable
from doetank_bot.init.answers import localpart
from doetank_bot.init.patience import Tell, patiently
from doetank_bot.ports import AuthLost
from doetank_bot.settings import Secret, SecretKind

_OTHERWISE = "Have an admin make an access token for a device of the bot's own: --access-token-file"


@dataclass(frozen=True, slots=True)
class Account:
    """Who is to log in where.

    `user` is a Matrix id, or its first part alone where the server's name is not known, or None: whose the token is.
    """

    homeserver: str
    user: str | None
    store_dir: Path
    device_id: str | None = None

    def is_of(self, session: Session) -> bool:
        """Return whether a login is of this account."""
        is_device = self.device_id in {None, session.device_id}
        return is_device and session.homeserver == self.homeserver and self.is_user(session.user_id)

    def is_user(self, user_id: str) -> bool:
        """Return whether a Matrix id is this account's."""
        return self.user in {None, user_id, localpart(user_id)}


async def kept_login(account: Account) -> Session | None:
    """Return the login in the store folder if it is this account's and works; no new one is made then."""
    kept = load_session(account.store_dir)
    try:
        return kept if kept and account.is_of(kept) and await still_works(kept) else None
    except Unreachable as trouble:
        raise _no_answer(account, trouble) from None


async def new_login(account: Account, secret: Secret, tell: Tell) -> Session:
    """Log in by password or take over a token, and keep the login. Raises Refused, or Complaint when there is no use.

    Asked to wait, it says so through `tell` and waits, up to a minute.
    """
    ask = _by_password if secret.kind is SecretKind.PASSWORD else _by_token
    try:
        return await patiently(lambda: ask(account, secret.value.get_secret_value()), tell)
    except AuthLost as refused:
        if secret.kind is SecretKind.PASSWORD:
            await require_password_login(account)
        raise Refused(refusal(str(refused), secret.kind)) from None
    except Unreachable as trouble:
        raise _no_answer(account, trouble) from None


async def require_password_login(account: Account) -> None:
    """Raise Refused when the homeserver takes no password from programs: it has single sign-on only."""
    try:
        can_do = await takes_password(account.homeserver)
    except AuthLost:
        return
    except Unreachable as trouble:
        raise _no_answer(account, trouble) from None
    if not can_do:
        raise Refused(f"{account.homeserver} takes no password from programs. {_OTHERWISE}")


class Refused(Complaint):
    """The homeserver does not take this secret; with another one it may."""

    def __init__(self, line: str) -> None:
        """Keep the line."""
        super().__init__(Exit.CONFIG, line)


def refusal(errcode: str, kind: SecretKind) -> str:
    """Return what a refused login means, with its remedy (client-server API, "Login" and "Account locking")."""
    what = "password" if kind is SecretKind.PASSWORD else "access token"
    wrong_secret = (
        f"The homeserver refuses this user or {what} ({errcode}). Check both, and give them again; "
        "an account that was deactivated is refused like this too"
    )
    known = {
        "M_UNKNOWN_TOKEN": f"The homeserver does not know this {what}, or not any more. Make a new one",
        "M_USER_DEACTIVATED": "This account is deactivated. Use another, or ask an admin to revive it",
        "M_USER_LOCKED": "This account is locked. Ask an admin of the homeserver to unlock it",
        "M_USER_SUSPENDED": "This account is suspended. Ask an admin of the homeserver to lift that",
        "401": f"The homeserver wants more steps than a {what}. {_OTHERWISE}",
    }
    return known.get(errcode, wrong_secret)


async def _by_password(account: Account, password: str) -> Session:
    return await login_on_kept_device(
        account.homeserver, account.user or "", password, account.store_dir, account.device_id
    )


async def _by_token(account: Account, token: str) -> Session:
    session = await whoami(account.homeserver, token)
    if not account.is_user(session.user_id):
        raise Refused(
            f"This token belongs to {session.user_id}, not to {account.user}. Use a token of the bot's account"
        )
    save_session(account.store_dir, session)
    return session


def _no_answer(account: Account, trouble: Unreachable) -> Complaint:
    wait = f" It asks to wait {round(trouble.after.total_seconds())} s." if trouble.after else ""
    line = f"{account.homeserver} gives no login now ({trouble}).{wait} Run `doetank-bot init` again in a while"
    return Complaint(Exit.TEMPORARY, line)
