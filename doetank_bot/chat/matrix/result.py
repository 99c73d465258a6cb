"""A homeserver's answer to something the bot did, as one of the port's results."""

from collections.abc import Awaitable
from http import HTTPStatus

from doetank_bot.chat.matrix.client import Answer, NoAnswer
from doetank_bot.ports import Ambiguous, Deferred, Denied, Rejected, Result, Sent

_LATER = (HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
_CLOSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


async def attempt(request: Awaitable[Answer], field: str | None, native: str = "") -> Result:
    """Await a request; `field` of its answer is the id that was given, else `native` is. Raises AuthLost."""
    try:
        answer = await request
    except NoAnswer as trouble:
        return Ambiguous(str(trouble)) if trouble.is_ambiguous else Deferred(reason=str(trouble))
    return result_of(answer, field, native)


def result_of(answer: Answer, field: str | None, native: str = "") -> Result:
    """Map a status: 5xx and 408 may hide that it happened; what is wrong with the request will be wrong again."""
    if answer.is_ok:
        given = answer.body.get(field) if field else native
        return Sent(given) if isinstance(given, str) else Ambiguous("no id in the answer")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.REQUEST_TIMEOUT:
        return Ambiguous(answer.reason, is_fault=answer.status != HTTPStatus.REQUEST_TIMEOUT)
    if answer.status in _LATER:
        return Deferred(answer.retry_after, answer.reason)
    return Denied(answer.reason) if answer.status in _CLOSED else Rejected(answer.reason)
