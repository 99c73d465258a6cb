"""Coming in: only when allowed, with one introduction, and never a word of what was said before."""

from cast import BAS, CATALOGUE, MAAIKE, PRIVATE, ROOM, RULES, message, said, the

from doetank_bot.domain.effect import Say, SetMember
from doetank_bot.domain.reference import Room
from doetank_bot.domain.room_effect import Found, Join, KnowPrivate, Leave
from doetank_bot.flows.joining import invited, joined, member_changed
from doetank_bot.ports import BotJoined, Invited, MemberChanged


def test_an_invitation_is_accepted_only_from_who_may_invite() -> None:
    allowed = Invited(message("i"), MAAIKE.user, is_direct=False, is_allowed=True)
    assert invited(allowed).effects == (Join(ROOM),)
    other = Invited(message("i"), BAS.user, is_direct=False, is_allowed=False)
    assert invited(other).effects == (Leave(ROOM),)
    assert invited(other, is_awaited=True).effects == (Join(ROOM),)


def test_in_a_room_a_group_begins_with_one_introduction() -> None:
    people = ((MAAIKE.user, "Maaike\u202e "), (BAS.user, None))
    effects = joined(BotJoined(message("j"), people, name="Parkeren"), None, RULES).effects
    found, hello = the(effects, Found), the(effects, Say)
    assert (found.space, found.name) == (ROOM, "Parkeren")
    assert found.people == ((MAAIKE.user, "Maaike"), (BAS.user, "@bas:test"))
    assert (hello.to, hello.is_notice, hello.mentions) == (Room(ROOM), True, ())
    for language, start in (("nl", "!ronde start"), ("en", "!cycle start")):
        assert start in CATALOGUE.plain(hello.key, hello.params, language)
    assert "computerprogramma" in said([hello])


def test_in_private_one_line_is_said_and_no_group_begins() -> None:
    joining = BotJoined(message("j", PRIVATE), ((BAS.user, "Bas"),), is_private=True, inviter=BAS.user)
    effects = joined(joining, None, RULES).effects
    assert the(effects, KnowPrivate) == KnowPrivate(PRIVATE, BAS.user)
    assert len(said(effects).splitlines()) == 1
    assert not [one for one in effects if isinstance(one, Found)]


def test_a_private_chat_with_nobody_in_it_is_nothing() -> None:
    assert joined(BotJoined(message("j", PRIVATE), (), is_private=True), None, RULES).effects == ()


def test_who_comes_and_goes_is_noted_under_a_clean_name() -> None:
    changed = member_changed(MemberChanged(message("m"), BAS.user, "Bas\n\u202e", is_in=False), BAS, None, RULES)
    assert changed.effects == (SetMember(BAS.user, "Bas", is_in=False),)
