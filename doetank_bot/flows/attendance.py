"""Who is asked: silence becomes reading along, and the first thing given brings someone back. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from doetank_bot.domain.effect import Effect, Record, Say, StoreMember
from doetank_bot.domain.group import Attendance, Member
from doetank_bot.domain.reference import MemberId, Private
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.ports import AskedPrompt

N_SILENT = 2
"""So many prompts in a row without an answer, and someone reads along (design.md section 3)."""


def silent(
    members: Sequence[Member], posted: Sequence[AskedPrompt], givers: Collection[MemberId], today: date
) -> tuple[Member, ...]:
    """Return who was asked the last two prompts (`posted`, newest first) and gave nothing since the first of them.

    `givers` are those who did. Who came, came back or skipped after that first one, or was away then, is not silent.
    """
    if len(posted) < N_SILENT:
        return ()
    first = posted[N_SILENT - 1].at
    return tuple(
        member
        for member in members
        if member.is_asked(today)
        and member.id not in givers
        and (member.asked_since is None or member.asked_since <= first)
        and (member.away_until is None or member.away_until <= first.date())
    )


def now_reading(member: Member, title: str, rules: Rules) -> tuple[Effect, ...]:
    """Return the effects that let a silent member read along: they are told in private how to come back."""
    told = Say(Private(member.user), "attendance.reading", {"title": title, "prefix": rules.prefix})
    return (StoreMember(replace(member, attendance=Attendance.READING)), told)


def asked_again(member: Member, now: datetime) -> Member:
    """Return the member as one who takes part from `now` on (a UTC instant)."""
    return replace(member, attendance=Attendance.ASKED, away_until=None, asked_since=now)


def back(scene: Scene, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Return the effect that brings back who was reading along and now gives something; usually none."""
    member = scene.sender
    gave = any(isinstance(effect, Record) for effect in effects)
    if member is None or not gave or member.attendance is not Attendance.READING:
        return ()
    return (StoreMember(asked_again(member, scene.now)),)
