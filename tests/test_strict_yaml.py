"""Files that people write by hand: read strictly, refused kindly, with everything that is wrong at once."""

import contextlib
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, SecretStr

from doetank_bot.domain.pack import Pack, parse_pack
from doetank_bot.domain.strict_yaml import MAX_BYTES, Invalid, Problem, parse, read_tree

PACK = (Path(__file__).parent.parent / "config" / "packs" / "doetank.yaml").read_text(encoding="utf-8")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    on: str = ""
    nl: str = ""
    hours: int = 0


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inner: Inner = Inner()
    items: tuple[Inner, ...] = ()
    flag: bool = False
    secret: SecretStr = SecretStr("")


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as caught:
        parse(text, "x.yaml", Outer)
    return caught.value.problems


def test_words_that_yaml_1_1_misreads_stay_what_they_look_like() -> None:
    outer = parse("inner: {on: mon 09:30, nl: no}\nitems: [{on: 09:30}, {nl: off}]\n", "x.yaml", Outer)
    assert outer.inner == Inner(on="mon 09:30", nl="no")
    assert [one.on or one.nl for one in outer.items] == ["09:30", "off"]


def test_quotes_make_text_of_anything() -> None:
    assert parse("inner: {nl: 'true', on: \"12\"}", "x.yaml", Outer).inner == Inner(nl="true", on="12")


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    found = problems("inner:\n  hourz: 1\n  hours: many\nitems:\n  - {on: 5}\nflag: {}\n")
    assert [(one.line, one.key) for one in found] == [
        (2, "inner.hourz"),
        (3, "inner.hours"),
        (5, "items[0].on"),
        (6, "flag"),
    ]
    assert str(found[0]) == "x.yaml:2: inner.hourz: is not a known key. Did you mean `hours`?"
    assert all(one.remedy for one in found)


def test_a_key_that_is_there_twice_is_told_with_both_lines() -> None:
    (found,) = problems("flag: true\nflag: false\n")
    assert (found.line, found.message) == (2, "is there twice (first on line 1)")


def test_a_duplicate_does_not_hide_the_other_problems() -> None:
    assert [one.line for one in problems("flag: true\nflag: false\nodd: 1\n")] == [2, 3]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("inner: &a {on: x}\nitems: [*a]", 1, "uses an anchor (&)"),
        ("flag: true\nitems: [*a]", 2, "uses an alias (*)"),
        ("*a : 1", 1, "uses an alias (*)"),
        ("flag: !!python/object/apply:os.system [id]", 1, "uses a tag (!)"),
        ("flag: ! true", 1, "uses a tag (!)"),
        ("inner:\n\ton: x", 2, "starts with a tab"),
        ("flag: true\n---\nflag: false", 2, "begins a second document"),
        ("[a]: 1", 1, "has a list or mapping as a key"),
        ("", 1, "is empty"),
        ("# only a comment", 1, "is empty"),
        ("- a\n- b", 1, "must be lines of `key: value`"),
        ("flag: \x00", 1, "has a character that cannot be seen"),
        ("flag: true\ninner: \ud800", 2, "has half a character"),
        ("inner: {on: 'x", 1, "is not correct YAML"),
        ("flag: true\ninner: {on: a: b}", 2, "is not correct YAML"),
        ("inner: " + "[" * 21 + "]" * 21, 1, "is nested more than 20 deep"),
        ("#" * (MAX_BYTES + 1), 1, "is larger than 256 KiB"),
        ("#" + "é" * (MAX_BYTES // 2), 1, "is larger than 256 KiB"),
    ],
)
def test_what_the_subset_refuses_is_named_with_its_line(text: str, line: int, message: str) -> None:
    found = problems(text)
    assert any(one.line == line and one.message.startswith(message) for one in found), found
    assert all(one.remedy for one in found)


def test_twenty_levels_are_allowed_and_one_more_is_not() -> None:
    assert read_tree("a: " + "[" * 19 + "]" * 19, "x.yaml").data
    with pytest.raises(Invalid, match="nested more than 20 deep"):
        read_tree("a: " + "[" * 20 + "]" * 20, "x.yaml")


def test_a_refused_alias_brings_no_problems_that_only_follow_from_it() -> None:
    assert [one.message for one in problems("inner: *a")] == ["uses an alias (*)"]


def test_a_value_is_never_repeated_in_a_message() -> None:
    for text in (
        "secret: [hunter2]",
        "secret: {hunter2: hunter2}\nflag: hunter2",
        "inner: hunter2",
        "secret: hunter2\nsecret: hunter2",
        "secret: 'hunter2",
        "inner: {hours: hunter2}",
    ):
        assert not any("hunter2" in str(one) for one in problems(text)), text


BOMBS = {
    "alias": "a: &a [x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefg")),
    "depth": "[" * 20_000,
    "mappings": "{" * 20_000,
    "quote": "a: " + "'" * 60_001,
    "keys": "".join(f"a: {n}\n" for n in range(20_000)),
    "anchors": "".join(f"- &a{n} x\n" for n in range(20_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_yaml_bomb_is_refused_before_it_grows(name: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Invalid):
        read_tree(BOMBS[name], "bomb.yaml")
    took = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 1, "a second is ten times the bar of A14, for a busy machine with memory tracing on"
    assert peak < 20_000_000


@settings(max_examples=300)
@given(st.text(st.characters(), max_size=60) | st.text("{}[]&*!|>-?:,#'\"% \n\tab1", max_size=60))
@example("%YAML 9.9\n---\na: 1")
@example("? a\n: 1")
@example("a: |2\n  x")
@example("<<: {flag: true}")
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    with contextlib.suppress(Invalid):
        parse(text, "x.yaml", Outer)


def told(pack: str) -> tuple[Problem, ...]:
    try:
        parse_pack(pack, "doetank.yaml")
    except Invalid as error:
        return error.problems
    return ()


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_pack_is_read_or_refused_with_places_inside_the_file(data: st.DataObject) -> None:
    lines = PACK.split("\n")
    at = data.draw(st.integers(0, len(lines) - 2))
    column = data.draw(st.integers(0, len(lines[at])))
    junk = data.draw(st.text("{}[]&*!|>-?:,#'\"% \tazé\u202e0\ud800", min_size=1, max_size=4))
    match data.draw(st.sampled_from(["insert", "cut", "drop", "double", "swap", "indent"])):
        case "insert":
            lines[at] = lines[at][:column] + junk + lines[at][column:]
        case "cut":
            lines[at] = lines[at][:column]
        case "drop":
            del lines[at]
        case "double":
            lines.insert(at, lines[at])
        case "swap":
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        case _:
            lines[at] = " " + lines[at]
    for one in told("\n".join(lines)):
        assert 1 <= one.line <= len(lines) + 1
        assert one.message
        assert one.remedy


def mappings_with_fixed_keys(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Paths of the mappings of a pack whose keys the author does not choose."""
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [path] if isinstance(data, dict) and path not in {("prompts",), ("forms",)} else []
    return found + [one for key, value in children for one in mappings_with_fixed_keys(value, (*path, key))]


@settings(max_examples=200)
@given(st.data())
def test_an_unknown_key_anywhere_in_a_pack_is_refused_by_name(data: st.DataObject) -> None:
    pack = read_tree(PACK, "doetank.yaml").data
    path = data.draw(st.sampled_from(mappings_with_fixed_keys(pack)))
    key = data.draw(st.from_regex(r"[a-z]{3,8}_x", fullmatch=True))
    target: Any = pack
    for part in path:
        target = target[part]
    target[key] = data.draw(st.sampled_from([1, "text", None, [], {}]))
    with pytest.raises(Invalid) as caught:
        parse(yaml.safe_dump(pack, allow_unicode=True), "doetank.yaml", Pack)
    assert [one.key.rpartition(".")[2] for one in caught.value.problems] == [key]
