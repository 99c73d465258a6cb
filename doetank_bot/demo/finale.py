"""What there is when the play is over: the digests, the group's files, and how to go on by oneself."""

import shutil
import tempfile
from pathlib import Path

from doetank_bot import export
from doetank_bot.app import rules_of
from doetank_bot.demo.cast import CAST, Words
from doetank_bot.demo.stage import HomeserverStage
from doetank_bot.demo.styled import styled
from doetank_bot.demo.terminal import Terminal
from doetank_bot.domain.group import Language
from doetank_bot.domain.hygiene import excerpt
from doetank_bot.ports import Clock
from doetank_bot.settings import Settings
from doetank_bot.text.catalogue import Catalogue

_N_QUOTED, _N_CHARACTERS = 2, 70
_INDENT = 4

_DIGESTS = Words("Alle weekberichten, kort", "All weekly digests, in brief")
_LAST = Words("Het laatste weekbericht: de oogst", "The last weekly digest: the harvest")
_FILES = Words("Wat de groep meeneemt", "What the group takes along")
_FOLDER = Words(
    "Deze bestanden blijven staan, in {folder}. Open group.html in je browser: daar staat alles bij elkaar.",
    "These files stay, in {folder}. Open group.html in your browser: everything stands there together.",
)
_GO_ON = Words("En nu jij", "Now you")
_DOOR = Words(
    "De bot draait door en geeft antwoord. Log in met een Matrix-app, bijvoorbeeld Element:\n"
    "kies bij het inloggen ‘Bewerken’ naast de homeserver, en vul dit adres in: {url}",
    "The bot keeps running and answers. Log in with any Matrix client, Element for example:\n"
    "when you sign in, choose ‘Edit’ beside the homeserver, and fill in this address: {url}",
)
_PASSWORD = Words("Ieders wachtwoord is: {password}", "Everybody's password is: {password}")
_WHO = Words("Wie je kunt zijn:", "Who you can be:")
_ROOM = Words("De ruimte heet: {room}", "The room is called: {room}")
_TRY = Words(
    "Een nieuwe ronde begint maaike met !ronde start en daarna !opdracht nu. Met !hulp ziet ieder wat er kan.",
    "maaike begins a new cycle with !cycle start and then !prompt now. With !help each sees what they can do.",
)
_STOP = Words(
    "Wat iemand zegt, komt hieronder voorbij. Ctrl-C stopt alles en ruimt op.",
    "What anyone says scrolls by below. Ctrl-C stops everything and cleans up.",
)


def show_digests(stage: HomeserverStage, terminal: Terminal, language: Language) -> None:
    """Write each digest in brief, and the last one whole: as the homeserver shows them now."""
    digests = [stage.seen(message) for message in stage.standing() if message.is_digest]
    terminal.heading(_DIGESTS.get(language))
    told: set[str] = set()
    for digest in digests:
        _, week, *lines = digest.text.splitlines()
        terminal.plain(week)
        fresh = [line.removeprefix("- ") for line in lines if "“" in line and line not in told]
        told |= set(lines)
        for line in fresh[:_N_QUOTED]:
            terminal.plain(excerpt(line, _N_CHARACTERS), _INDENT)
    terminal.heading(_LAST.get(language))
    terminal.plain(styled(digests[-1].text, digests[-1].html))


def show_files(folder: Path, terminal: Terminal, language: Language) -> None:
    """Name the files in `folder`."""
    terminal.heading(_FILES.get(language))
    terminal.plain(_FOLDER.get(language).format(folder=folder))
    for file in sorted(folder.iterdir()):
        terminal.plain(file.name, _INDENT)


def show_doors(stage: HomeserverStage, url: str, password: str, terminal: Terminal, language: Language) -> None:
    """Write how to log in, and as whom."""
    terminal.heading(_GO_ON.get(language))
    terminal.plain(_DOOR.get(language).format(url=url))
    terminal.plain("")
    terminal.plain(_WHO.get(language))
    for role in CAST:
        terminal.plain(f"{role.login:8} {role.is_who.get(language)}", _INDENT)
    terminal.plain(_PASSWORD.get(language).format(password=password))
    terminal.plain(_ROOM.get(language).format(room=stage.room_name))
    terminal.plain("")
    terminal.plain(_TRY.get(language))
    terminal.plain(_STOP.get(language))


async def write_files(stage: HomeserverStage, settings: Settings, clock: Clock) -> Path:
    """Write the group's export and the pictures it saw to a folder of their own, and return that: whole or not at all.

    Raises what `export.read` raises, and OSError.
    """
    folder = Path(tempfile.mkdtemp(prefix="doetank-demo-"))
    try:
        dossier = await export.read(settings, rules_of(settings), stage.room, clock.now())
        (folder / "group.html").write_text(export.as_html(dossier, Catalogue.load()), "utf-8")
        (folder / "group.json").write_text(export.as_json(dossier), "utf-8")
        for name, png in (await stage.pictures()).items():
            (folder / Path(name).name).write_bytes(png)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder
