"""A member as the store has them."""

from typing import Any

from doetank_bot.domain.group import Attendance, Member, MemberStatus
from doetank_bot.domain.reference import MemberId, UserRef


def member_from(row: Any) -> Member:
    """Return the member in this row."""
    return Member(
        id=MemberId(row.id),
        user=UserRef(row.account, row.user),
        name=row.name,
        status=MemberStatus(row.status),
        attendance=Attendance(row.attendance),
        away_until=row.away_until,
        asked_since=row.asked_since,
        wants_digest=row.wants_digest,
        is_hinted=row.is_hinted,
    )
