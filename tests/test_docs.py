"""The documentation says what is there, and nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from group import group
from jsonschema import Draft202012Validator, ValidationError
from pydantic import BaseModel

from doetank_bot import export
from doetank_bot.app import SystemClock
from doetank_bot.cli.program import program
from doetank_bot.commands.table import COMMANDS
from doetank_bot.complaint import Exit
from doetank_bot.domain.contribution import Audience, ContributionKind
from doetank_bot.observe.figures import Figures
from doetank_bot.observe.metrics import page
from doetank_bot.settings import Settings
from doetank_bot.store.backlog import Backlog, Heap
from doetank_bot.store.tables import metadata
from doetank_bot.text.words import WordTable

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.glob("*.md")]
SCHEMA: dict[str, Any] = json.loads((DOCS / "export.schema.json").read_text("utf-8"))
WORDS = WordTable.load()
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
TARGET = re.compile(r"^(\w+):", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def cells(name: str) -> set[str]:
    """What stands between backticks in the first column of the page's tables."""
    rows = re.findall(r"^\| ([^|]+)\|", read(name), re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def keys(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys(inner, f"{path}{name}.")
        else:
            yield path + name


def test_every_setting_is_documented_and_no_other() -> None:
    documented = {cell for cell in cells("docs/operator.md") if re.fullmatch(r"(platform|[a-z]+\.[a-z_.]+)", cell)}
    assert {cell for cell in documented if not cell.startswith("doetank.db")} == set(keys(Settings))


def test_every_exit_code_is_documented_and_no_other() -> None:
    section = read("docs/operator.md").split("## Exit codes")[1].split("\n## ")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert documented == {0, *map(int, Exit)}


def test_every_figure_is_documented_and_no_other() -> None:
    nothing = Backlog(0, 0, 0, Heap(), Heap(), Heap(), 0, None)
    figures = Figures(SystemClock(), "1", lambda _: None)
    there = re.findall(r"^# HELP (\w+)", page(figures, nothing, figures.started_at), re.MULTILINE)
    assert len(there) == len(set(there))
    documented = {cell for cell in cells("docs/operator.md") if re.fullmatch(r"doetank_[a-z_]+", cell)}
    assert documented == set(there)


def test_every_table_is_documented_and_no_other() -> None:
    section = read("docs/architecture.md").split("## Tables")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(metadata.tables)


def test_every_layer_is_in_the_architecture() -> None:
    section = read("docs/architecture.md").split("## Layers")[1].split("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| ([^|]+)\|", section, re.MULTILINE))))
    there = {
        path.stem
        for path in (ROOT / "doetank_bot").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__"} == named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()] == []


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+(?:\.[a-z]+)?)`", read("docs/architecture.md")))
    assert named
    places = (ROOT, ROOT / "doetank_bot")
    assert {name for name in named if not any((place / name).exists() for place in places)} == set()


def test_the_make_commands_of_the_readme_are_in_the_makefile() -> None:
    asked = {name for page in PAGES for name in re.findall(r"^make (\w+)", page.read_text("utf-8"), re.MULTILINE)}
    assert asked >= {"demo", "test"}
    assert asked <= set(TARGET.findall(read("Makefile")))


@pytest.mark.parametrize("page", ["README.md", "docs/operator.md", "docs/upgrade.md"])
def test_the_shell_commands_of_a_page_are_in_the_program(page: str) -> None:
    there = {command.callback.__name__ for command in program.registered_commands if command.callback}
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", read(page), re.DOTALL))
    asked = set(re.findall(r"doetank-bot ([a-z]+)", blocks))
    assert asked
    assert asked <= there | {"packs"}


@pytest.mark.parametrize("page", ["README.md", "docs/coach.nl.md", "docs/coach.en.md", "docs/privacy.md"])
def test_the_chat_commands_of_a_page_are_real(page: str) -> None:
    paths = {command.path for command in COMMANDS}
    asked = re.findall(r"`!([^`]+)`", read(page))
    assert asked
    for typed in asked:
        first, *rest = (WORDS.canonical(word) or word for word in typed.split())
        assert any(path == (first, *rest)[: len(path)] or (path[0] == first and not rest) for path in paths), typed


def test_both_pages_for_coaches_name_the_same_commands() -> None:
    named = [
        [
            tuple(WORDS.canonical(word) or "" for word in typed.split()[:2])
            for typed in re.findall(r"`!([^`]+)`", read(page))
        ]
        for page in ("docs/coach.nl.md", "docs/coach.en.md")
    ]
    assert [len(one) for one in named] == [len(named[0])] * 2
    assert {path[0] for path in named[0]} == {path[0] for path in named[1]}


async def test_a_real_export_is_as_the_schema_says(tmp_path: Path) -> None:
    async with group(tmp_path) as here:
        house = here.house
        async with house.store.read() as views:
            (found,) = await views.groups()
            before = export.as_json(await export.gather(views, found.id, house.rules, house.clock.now()))
        await here.start()
        prompt = await here.prompt()
        gone = await here.says(here.joke, "Dit mag weer weg", thread=prompt.ref)
        await here.says(here.joke, "Twee keer naar de stad", thread=prompt.ref)
        await here.says(here.bas, "!proef Eén belletje")
        await here.deletes(here.joke, gone)
        await here.says(here.maaike, "!weekbericht stuur")
        async with house.store.read() as views:
            after = export.as_json(await export.gather(views, found.id, house.rules, house.clock.now()))
    validator = Draft202012Validator(SCHEMA)
    validator.validate(json.loads(before))
    validator.validate(json.loads(after))
    (cycle,) = json.loads(after)["cycles"]
    assert json.loads(before)["cycles"] == []
    assert {one["status"] for one in cycle["contributions"]} == {"active", "withdrawn"}
    assert "Twee keer naar de stad" in cycle["digests"][0]["markdown"]
    cycle["digests"][0]["surprise"] = 1
    with pytest.raises(ValidationError):
        validator.validate({**json.loads(after), "cycles": [cycle]})


def test_the_schema_lists_every_kind_and_every_audience_that_may_leave() -> None:
    properties = SCHEMA["$defs"]["contribution"]["properties"]
    assert set(properties["kind"]["enum"]) == set(ContributionKind)
    assert set(properties["audience"]["enum"]) == set(Audience) - {Audience.PRIVATE}
    assert SCHEMA["properties"]["schema"]["const"] == export.SCHEMA
    Draft202012Validator.check_schema(SCHEMA)
