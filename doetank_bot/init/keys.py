"""The keys of a first start: made, published, and vouched for by the account, so that others trust what it encrypts."""

from pathlib import Path

from doetank_bot.chat.matrix import KeysLost, MatrixChat, Session, retire_session
from doetank_bot.init.patience import Tell, patiently


async def make_keys(session: Session, store_dir: Path, password: str | None, tell: Tell) -> bool:
    """Make the keys of this device, or find them whole; say how it went.

    Returns False when they are lost: then the next login is to be on a new device.
    Raises AuthLost, Unreachable, OSError.
    """
    chat = MatrixChat(session, store_dir=store_dir, allow_invites_from=())
    try:
        untrusted = await patiently(lambda: chat.begin(password), tell)
    except KeysLost as lost:
        tell(f"Encryption: {lost}. A new device takes the place of {session.device_id}")
        retire_session(store_dir)
        return False
    finally:
        await chat.close()
    if untrusted:
        tell(f"Encryption: others cannot trust this device yet: {untrusted}. Run init again with --password-file")
    else:
        tell("Encryption: this device has its keys, and the account vouches for it")
    return True
