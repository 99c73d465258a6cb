"""Local time and instants. Plans are made in local time; only here do they become UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


def to_utc(local: datetime, timezone: str) -> datetime:
    """Return the UTC instant at which clocks in `timezone` (IANA name) show the naive `local`.

    A time that the clocks skip (spring) is the first minute after the gap; one they show twice (autumn) is the first.
    Raises ZoneInfoNotFoundError for an unknown zone.
    """
    zone = ZoneInfo(timezone)
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    # In a gap the two folds lie on either side of the change.
    return _change_between(local.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def to_local(instant: datetime, timezone: str) -> datetime:
    """Return the naive local time in `timezone` (IANA name) at the aware `instant`."""
    return instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first whole minute after `before` with the offset of `after`; changes fall on whole minutes."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, -(-(after - before) // _MINUTE)
    while low < high:
        middle = (low + high) // 2
        if (before + middle * _MINUTE).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return (before + low * _MINUTE).replace(second=0, microsecond=0)
