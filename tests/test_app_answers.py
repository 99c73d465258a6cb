"""What members give, and what is never kept, over the whole app."""

from pathlib import Path

import pytest
from group import group, words_on_disk
from house import of_bot, running, texts

from doetank_bot.chat.memory import Trouble
from doetank_bot.ports import Ambiguous, Deferred

SIGN = "✔️"


async def test_an_answer_in_the_thread_is_kept_with_one_sign(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        before = len(doetank.of_bot())
        answer = await doetank.says(doetank.joke, "als het dinsdag is,  dan ga ik *echt*", thread=prompt.ref)
        assert doetank.signs(answer) == [SIGN]
        assert len(doetank.of_bot()) == before
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert "als het dinsdag is, dan ga ik *echt*" in doetank.digests()[0]


async def test_a_reply_to_the_prompt_is_an_answer_too(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        answer = await doetank.says(doetank.bas, "ik bel morgen", reply_to=prompt.ref)
        assert doetank.signs(answer) == [SIGN]


async def test_talk_between_members_is_not_kept_anywhere(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        answer = await doetank.says(doetank.bas, "ik bel morgen", thread=prompt.ref)
        await doetank.says(doetank.joke, "zullen we appeltaart eten", thread=prompt.ref, reply_to=answer)
        await doetank.says(doetank.joke, "het regent pijpenstelen vandaag")
    on_disk = words_on_disk(tmp_path)
    assert b"ik bel morgen" in on_disk
    assert b"appeltaart" not in on_disk
    assert b"pijpenstelen" not in on_disk


async def test_personal_data_is_masked_before_it_touches_the_disk(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        await doetank.says(doetank.joke, "Bel mevrouw Jansen op 06-12345678", thread=prompt.ref)
        await doetank.says(doetank.joke, "3", thread=prompt.ref)
        await doetank.says(doetank.bas, "!zag BSN 111222333 op de balie")
        on_disk = words_on_disk(tmp_path)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        digest = doetank.digests()[0]
    assert b"12345678" not in on_disk
    assert b"Jansen" not in on_disk
    assert b"111222333" not in on_disk
    assert "[BSN]" in digest
    assert "[telefoon]" not in digest


async def test_a_photo_gets_one_kind_line(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        before = len(doetank.of_bot())
        doetank.joke.say(doetank.room, "", thread=prompt.ref, is_text=False)
        await doetank.house.settle()
        assert len(doetank.of_bot()) == before + 1


async def test_keep_keeps_what_someone_said_elsewhere(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.bas, "de brief was onbegrijpelijk")
        await doetank.says(doetank.joke, "!bewaar", reply_to=said)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        await doetank.edits(doetank.bas, said, "de brief was lastig")
        assert "“de brief was lastig” — Bas" in doetank.digests()[0]


async def test_an_experiment_is_asked_about_one_thing_at_a_time(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        await doetank.says(doetank.bas, "klaar in 5 dagen", thread=card)
        await doetank.says(doetank.bas, "sla over", thread=card)
        await doetank.says(doetank.bas, "ooit", thread=card)
        await doetank.says(doetank.bas, "27 maart", thread=card)
        await doetank.says(doetank.bas, "stop", thread=card)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        digest = doetank.digests()[0]
    assert "één belletje" in digest
    assert "klaar in 5 dagen" in digest
    assert "27 maart" in digest
    assert "ooit" not in digest


async def test_what_is_said_in_private_stays_private(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        private = doetank.joke.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.joke, private, "!zag iets geheims")
        await doetank.house.say(doetank.joke, private, "help")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        answers = of_bot(doetank.house, doetank.joke, private)
        in_room = "\n".join(texts(doetank.maaike, doetank.room))
    assert "geheims" not in in_room
    assert len(answers) == 3
    assert "de groep ziet dit niet" in answers[1].text.lower()


async def test_a_restart_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        card = await doetank.says(doetank.bas, "!proef één belletje")
        chat, room = doetank.house.chat, doetank.room
    bas, maaike = chat.person("@bas:test"), chat.person("@maaike:test")
    bas.say(room, "klaar in 5 dagen", thread=card)
    for number in range(40):
        bas.say(room, f"!zag rij {number}")

    async with running(tmp_path, "2027-02-03 10:05", chat=chat) as house:
        await house.settle()
        answers = [shown.reply_to for shown in of_bot(house, maaike, room)]
    asked = [shown for shown in bas.sees(room) if shown.sender == bas.user]
    assert all(answers.count(shown.ref) == 1 for shown in asked[2:])
    assert texts(maaike, room).count("Waaraan zien we of het werkt?") <= 1


async def test_lost_answers_of_the_homeserver_double_nothing(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        doetank.house.chat.troubles.extend(
            [Trouble(Ambiguous("cut"), is_done=True), Trouble(Ambiguous("cut")), Trouble(Deferred(reason="502"))]
        )
        asked = doetank.joke.say(doetank.room, "!zag een lange rij")
        doetank.house.engine.outbox.echoed(())
        await doetank.house.settle()
        assert len(doetank.answers(asked)) == 1


async def test_a_command_that_waited_through_an_outage_is_not_carried_out(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        chat, room = doetank.house.chat, doetank.room
    maaike = chat.person("@maaike:test")
    start = maaike.say(room, "!ronde start")
    observed = maaike.say(room, "!zag een lange rij")

    async with running(tmp_path, "2027-02-03 12:00", chat=chat) as house:
        await house.settle()
        answers = {shown.reply_to: shown.text for shown in of_bot(house, maaike, room)}
    assert "opnieuw" in answers[start].lower()
    assert "#1" in answers[observed]


async def test_who_skips_a_prompt_stands_nowhere(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        for text in ("overslaan", "!overslaan", "Sla over.", "1", "👍"):
            said = await doetank.says(doetank.bas, text, thread=prompt.ref)
            assert doetank.signs(said) == []
            assert len(doetank.answers(said)) == 1
        await doetank.says(doetank.joke, "ik ga naar het loket", thread=prompt.ref)
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        digest = doetank.digests()[0]
    assert "Bas" not in digest
    assert "loket" in digest


@pytest.mark.parametrize("text", ["Wat bedoel je?", "ik snap het niet", "I don't get it.", "hulp"])
async def test_who_does_not_understand_the_question_gets_help_and_nothing_of_it_is_kept(
    tmp_path: Path, text: str
) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        prompt = await doetank.prompt()
        asked = await doetank.says(doetank.joke, text, thread=prompt.ref)
        told = doetank.of_bot()[-1].text
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        digests = doetank.digests()
    assert doetank.signs(asked) == []
    assert "Eén zin is genoeg" in told
    assert digests == []


async def test_an_edit_that_brings_personal_data_in_is_told(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        said = await doetank.says(doetank.joke, "!zag iemand bellen")
        doetank.joke.edit(said, "!zag iemand bellen met 06-12345678")
        await doetank.house.settle()
        assert "telefoon" in doetank.answers(said)[-1]
    assert b"12345678" not in words_on_disk(tmp_path)


async def test_a_digest_is_not_sent_again_without_news(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        await doetank.start()
        await doetank.says(doetank.bas, "!proef één belletje")
        await doetank.says(doetank.maaike, "!weekbericht stuur")
        again = await doetank.says(doetank.maaike, "!weekbericht stuur")
        assert len(doetank.digests()) == 1
        assert "nog niets nieuws" in doetank.answers(again)[0]


async def test_thanks_in_private_get_a_friendly_line(tmp_path: Path) -> None:
    async with group(tmp_path) as doetank:
        private = doetank.joke.open_private()
        await doetank.house.settle()
        await doetank.house.say(doetank.joke, private, "dank je wel!")
        assert "ken ik niet" not in texts(doetank.joke, private)[-1]
