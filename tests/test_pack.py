"""Packs: approaches as data, checked as a whole before anybody is asked anything."""

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel

from doetank_bot.domain.contribution import ContributionKind
from doetank_bot.domain.group import FORMAL
from doetank_bot.domain.pack import (
    AnswerType,
    AskedOf,
    Late,
    Pack,
    Placeholder,
    PromptKind,
    Requires,
    Run,
    Weekday,
    WeekTime,
    fill,
    parse_pack,
    weeks_per_phase,
)
from doetank_bot.domain.strict_yaml import Invalid, Problem

ROOT = Path(__file__).parent.parent
DOETANK = (ROOT / "config" / "packs" / "doetank.yaml").read_text(encoding="utf-8")

SMALL = """\
schema: pack/1
name: small
title: {nl: Klein, en: Small}
weeks: {min: 1, default: 2, max: 4}
prompts:
  A: {kind: do, becomes: plan, for: each, form: card, ask: {nl: Doe iets., en: Do something.}}
  B: {kind: think, becomes: story, for: group, ask: {nl: "Wat zag je?", en: "What did you see?"}}
forms:
  card:
    - {field: when, type: date, ask: {nl: "Wanneer?", en: "When?"}}
    - field: mood
      type: choice
      ask: {nl: "Hoe?", en: "How?"}
      choices: {good: {nl: Goed, en: Good}, bad: {nl: Slecht, en: Bad}}
phases:
  - name: only
    title: {nl: Enige, en: Only}
    weeks: {min: 1, default: 2, stretch: 1}
    steps:
      - {id: do, on: mon 09:30, pick: [A]}
      - {id: think, after: P1DT20M, pick: [B], requires: action, otherwise: A}
      - {id: send, on: fri 14:00, run: digest.send, late: skip}
"""


def problems(text: str, file: str = "small.yaml") -> tuple[Problem, ...]:
    with pytest.raises(Invalid) as caught:
        parse_pack(text, file)
    return caught.value.problems


def test_a_pack_is_read_as_it_is_written() -> None:
    pack = parse_pack(SMALL, "some/where/small.yaml")
    assert pack.title["nl"] == "Klein"
    assert pack.title.get("fr") == "Klein"
    assert (pack.limits.prompts_per_week, pack.sensitive) == (2, False)
    prompt = pack.prompt("A")
    assert (prompt.kind, prompt.becomes, prompt.asked_of) == (PromptKind.DO, ContributionKind.PLAN, AskedOf.EACH)
    assert [one.type for one in pack.form("card")] == [AnswerType.DATE, AnswerType.CHOICE]
    assert list(pack.form("card")[1].choices or {}) == ["good", "bad"]
    do, think, send = pack.phase("only").steps
    assert do.on == WeekTime(weekday=Weekday.MON, at=time(9, 30))
    assert do.late is Late.NEXT_WINDOW
    assert (think.after, think.requires, think.otherwise) == (timedelta(days=1, minutes=20), Requires.ACTION, "A")
    assert (send.run, send.late, send.asks) == (Run.SEND, Late.SKIP, False)
    assert pack.step("only", "send") is send


def test_a_pack_survives_being_stored() -> None:
    pack = parse_pack(SMALL, "small.yaml")
    assert Pack.model_validate_json(pack.model_dump_json()) == pack


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    pack = parse_pack(SMALL, "small.yaml")
    for look in (
        lambda: pack.prompt("Z"),
        lambda: pack.phase("z"),
        lambda: pack.step("only", "z"),
        lambda: pack.title["fr"],
    ):
        with pytest.raises(KeyError):
            look()


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ("name: small", "name: other", 2, "name", "is not the name of the file"),
        ("schema: pack/1", "schema: pack/2", 1, "schema", "must be pack/1"),
        ("min: 1, default: 2, max: 4", "min: 3, default: 2, max: 4", 4, "weeks.default", "between"),
        ("min: 1, default: 2, max: 4", "min: 1, default: 3, max: 4", 4, "weeks.default", "Write 2"),
        ("min: 1, default: 2, stretch", "min: 2, default: 2, stretch", 4, "weeks.min", "at least 2"),
        ("default: 2, stretch: 1", "default: 2", 4, "weeks.max", "no phase stretches"),
        ("min: 1, default: 2, stretch", "min: 3, default: 2, stretch", 18, "phases[0].weeks.default", "less than"),
        ("kind: do", "kind: doe", 6, "prompts.A.kind", "Did you mean `do`?"),
        ("becomes: plan", "becomes: plans", 6, "prompts.A.becomes", "Did you mean `plan`?"),
        ("for: group", "for: everyone", 7, "prompts.B.for", "must be one of: each, group"),
        ("for: group", "asked_of: group", 7, "prompts.B.asked_of", "is not a known key"),
        ("form: card", "form: cart", 6, "prompts.A.form", "Did you mean `card`?"),
        ("en: Do something.", "en: ''", 6, "prompts.A.ask.en", "is empty"),
        ("nl: Doe iets., ", "", 6, "prompts.A.ask.nl", "is missing"),
        ("Do something.", "'Do {{qestion}}.'", 6, "prompts.A.ask.en", "Did you mean `question`?"),
        ("Do something.", "'Do {{title.__class__}}'", 6, "prompts.A.ask.en", "has an unknown placeholder"),
        ("Do something.", "'Do {{title'", 6, "prompts.A.ask.en", "broken placeholder"),
        ("nl: Klein", "nl: '{{title}}'", 3, "title.nl", "cannot have a placeholder"),
        ("type: date", "type: day", 10, "forms.card[0].type", "must be one of"),
        ("field: mood", "field: when", 11, "forms.card[1].field", "is there twice"),
        ("type: choice", "type: text", 14, "forms.card[1].choices", "only with type choice"),
        (", bad: {nl: Slecht, en: Bad}", "", 14, "forms.card[1].choices", "2 to 9"),
        ("nl: Slecht", "nl: goed", 14, "forms.card[1].choices", "same words"),
        ("on: mon 09:30", "on: maandag 09:30", 20, "phases[0].steps[0].on", "mon 09:30"),
        ("on: mon 09:30", "on: mon 25:00", 20, "phases[0].steps[0].on", "mon 09:30"),
        ("on: mon 09:30", "on: mon 09:30, after: PT1M", 20, "phases[0].steps[0].after", "stands beside `on`"),
        ("on: mon 09:30, ", "", 20, "phases[0].steps[0].on", "is missing"),
        ("P1DT20M", "20 minutes", 21, "phases[0].steps[1].after", "PT20M"),
        ("P1DT20M", "PT0M", 21, "phases[0].steps[1].after", "must not be zero"),
        ("pick: [A]", "pick: [A], run: digest.send", 20, "phases[0].steps[0].run", "stands beside `pick`"),
        (", pick: [A]", "", 20, "phases[0].steps[0].pick", "is missing"),
        ("pick: [A]", "pick: A", 20, "phases[0].steps[0].pick", "must be a list"),
        ("pick: [A]", "pick: [A, A]", 20, "phases[0].steps[0].pick", "twice"),
        ("pick: [A]", "pick: [A, Z]", 20, "phases[0].steps[0].pick[1]", "not in this pack: Z"),
        ("otherwise: A", "otherwise: Z", 21, "phases[0].steps[1].otherwise", "not in this pack: Z"),
        ("requires: action, ", "", 21, "phases[0].steps[1].otherwise", "goes only with `requires`"),
        ("requires: action", "requires: actoin", 21, "phases[0].steps[1].requires", "must be action"),
        ("run: digest.send", "run: digest.sent", 22, "phases[0].steps[2].run", "Did you mean `digest.send`?"),
        ("run: digest.send", "run: digest.send, requires: action", 22, "phases[0].steps[2].requires", "`pick`"),
        ("late: skip", "late: never", 22, "phases[0].steps[2].late", "must be one of"),
        ("id: send", "id: do", 22, "phases[0].steps[2].id", "another step"),
        ("id: send", "id: Send It", 22, "phases[0].steps[2].id", "is no good name"),
        ("prompts:", "limits: {prompts_per_week: 1}\nprompts:", 20, "phases[0].steps", "asks 2 prompts in a week"),
    ],
)  # fmt: skip
def test_one_slip_gives_one_problem_at_its_line(old: str, new: str, line: int, key: str, words: str) -> None:
    assert old in SMALL
    (found,) = problems(SMALL.replace(old, new, 1))
    assert (found.line, found.key) == (line, key)
    assert words in f"{found.message} {found.remedy}"


def test_two_phases_cannot_share_a_name() -> None:
    second = SMALL[SMALL.index("  - name: only") :].replace("weeks: {min: 1, default: 2", "weeks: {min: 0, default: 0")
    (found,) = problems(SMALL + second)
    assert (found.line, found.key, found.message) == (23, "phases[1].name", "is the name of another phase")


def test_a_slip_in_one_part_does_not_hide_a_dangling_name_in_another() -> None:
    text = SMALL.replace("kind: do", "kind: doe").replace("pick: [B]", "pick: [Q]").replace("name: small", "name: big")
    assert [one.key for one in problems(text)] == ["name", "prompts.A.kind", "phases[0].steps[1].pick[0]"]


def test_the_pack_does_not_depend_on_the_order_of_its_keys() -> None:
    data = yaml.load(SMALL, Loader=yaml.BaseLoader)  # noqa: S506 - our own text, and BaseLoader makes only strings
    shuffled = yaml.safe_dump(dict(reversed(data.items())), allow_unicode=True, sort_keys=False)
    assert parse_pack(shuffled.replace("'", ""), "small.yaml") == parse_pack(SMALL, "small.yaml")


def test_a_placeholder_is_replaced_once_and_what_it_brings_is_left_alone() -> None:
    values = {Placeholder.QUESTION: "{{title}} {0.__class__} %s", Placeholder.TITLE: "T"}
    assert fill("{{question}} / {{title}} / {{week}}", values) == "{{title}} {0.__class__} %s / T / {{week}}"


@given(st.text(), st.text())
def test_filling_in_keeps_every_other_character(before: str, value: str) -> None:
    assume("{{" not in before)
    assume(not before.endswith("{"))
    assert fill(before + "{{question}}", {Placeholder.QUESTION: value}) == before + value


# --- weeks


def test_the_weeks_of_a_cycle_are_shared_in_the_order_of_the_phases() -> None:
    pack = parse_pack(DOETANK, "doetank.yaml")
    assert weeks_per_phase(pack, 8) == [1, 2, 1, 3, 1]
    assert weeks_per_phase(pack, 4) == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("weeks", [-1, 0, 3, 17])
def test_a_number_of_weeks_the_pack_does_not_take_is_refused(weeks: int) -> None:
    with pytest.raises(ValueError, match="takes 4 to 16"):
        weeks_per_phase(parse_pack(DOETANK, "doetank.yaml"), weeks)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    phases = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 5)), min_size=1, max_size=6))
    least, default = sum(low for low, _, _ in phases), sum(low + more for low, more, _ in phases)
    assume(default >= 1)
    data: dict[str, Any] = yaml.load(SMALL, Loader=yaml.BaseLoader)  # noqa: S506 - our own text, only strings
    sound = {"title": {"nl": "x", "en": "x"}, "steps": [{"id": "do", "on": "mon 09:30", "pick": ["A"]}]}
    data["phases"] = [
        {**sound, "name": f"p{n}", "weeks": {"min": low, "default": low + more, "stretch": share}}
        for n, (low, more, share) in enumerate(phases)
    ]
    most = default + draw(st.integers(0, 20)) if any(share for _, _, share in phases) else default
    data["weeks"] = {"min": max(1, least), "default": default, "max": most}
    return Pack.model_validate(data)


@given(packs())
def test_shared_weeks_add_up_and_a_longer_cycle_never_shortens_a_phase(pack: Pack) -> None:
    before = [phase.weeks.min for phase in pack.phases]
    for weeks in range(pack.weeks.min, pack.weeks.max + 1):
        now = weeks_per_phase(pack, weeks)
        assert sum(now) == weeks
        assert all(new >= old for new, old in zip(now, before, strict=True))
        if weeks <= pack.weeks.default:
            assert all(got <= phase.weeks.default for got, phase in zip(now, pack.phases, strict=True))
        before = now
    assert weeks_per_phase(pack, pack.weeks.default) == [phase.weeks.default for phase in pack.phases]


# --- prompts for fixed moments


def with_moments(more: str) -> str:
    return DOETANK.replace("review: R1\n", more)


@pytest.mark.parametrize(
    ("written", "key", "message"),
    [
        ("review: R9\n", "review", "names a prompt that is not in this pack: R9"),
        ("review: R1\ncheckin: Z\n", "checkin", "is there twice"),
    ],
)
def test_a_moment_that_names_no_prompt_is_told_with_its_line(written: str, key: str, message: str) -> None:
    with pytest.raises(Invalid) as failure:
        parse_pack(with_moments(written), "doetank.yaml")
    found = [one for one in failure.value.problems if message in one.message]
    assert [one.key for one in found] == [key]
    assert found[0].line > 1


def test_a_series_that_comes_round_is_refused() -> None:
    round_ = DOETANK.replace(
        "    becomes: lesson\n    for: group\n", "    becomes: lesson\n    for: group\n    then: R1\n"
    )
    with pytest.raises(Invalid, match="comes back to this prompt"):
        parse_pack(round_, "doetank.yaml")


def test_a_series_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(Invalid, match="names a prompt that is not in this pack: R22"):
        parse_pack(DOETANK.replace("then: R2", "then: R22"), "doetank.yaml")


# --- the pack that comes with the bot


@pytest.fixture(name="doetank")
def the_pack_doetank() -> Pack:
    return parse_pack(DOETANK, "config/packs/doetank.yaml")


def test_doetank_has_the_week_of_the_design_in_every_phase(doetank: Pack) -> None:
    assert [phase.name for phase in doetank.phases] == [
        "start",
        "verkennen",
        "ontwikkelen",
        "experimenteren",
        "oogsten",
    ]
    for phase in doetank.phases:
        do, think, draft, digest = phase.steps
        # The four questions of the harvest need the days from Tuesday to Friday.
        thinks_on = "tue 10:00" if phase.name == "oogsten" else "thu 10:00"
        assert [str(step.on) for step in phase.steps] == ["mon 09:30", thinks_on, "fri 11:00", "fri 14:00"]
        assert all(doetank.prompt(name).kind is PromptKind.DO for name in do.pick)
        asked = [*think.pick, *([think.otherwise] if think.otherwise else [])]
        assert all(doetank.prompt(name).kind is PromptKind.THINK for name in asked)
        assert (draft.run, digest.run) == (Run.DRAFT, Run.SEND)
    assert any(step.requires for phase in doetank.phases for step in phase.steps)


def test_doetank_uses_every_prompt_it_has(doetank: Pack) -> None:
    steps = [step for phase in doetank.phases for step in phase.steps]
    used = {name for step in steps for name in (*step.pick, step.otherwise) if name}
    moments = {*doetank.kickoff, *doetank.personal, doetank.review, doetank.checkin}
    following = {prompt.then for prompt in doetank.prompts.values() if prompt.then}
    assert used | moments | following == set(doetank.prompts)


def test_doetank_looks_back_and_harvests_in_four_questions_each(doetank: Pack) -> None:
    def series(name: str | None) -> list[str]:
        return [] if name is None else [name, *series(doetank.prompt(name).then)]

    assert series(doetank.review) == ["R1", "R2", "R3", "R4"]
    assert series("H1") == ["H1", "H2", "H3", "H4"]


@pytest.mark.parametrize("weeks", range(4, 17))
def test_every_length_of_doetank_has_its_harvest(doetank: Pack, weeks: int) -> None:
    assert weeks_per_phase(doetank, weeks)[-1] >= 1
    assert doetank.phases[-1].steps[1].pick[0] == "H1"


def test_doetank_asks_personal_things_in_private(doetank: Pack) -> None:
    asked = [*doetank.personal, doetank.checkin]
    assert all(doetank.prompt(name).is_private for name in asked if name)
    assert not any(
        doetank.prompt(name).is_private for step in doetank.phases for one in step.steps for name in one.pick
    )


def test_a_story_is_a_draft_until_it_was_checked_and_has_an_audience(doetank: Pack) -> None:
    assert [one.type for one in doetank.form("story")][-2:] == [AnswerType.CHECK, AnswerType.AUDIENCE]


def test_doetank_asks_for_an_experiment_with_the_fields_of_its_card(doetank: Pack) -> None:
    fields = [(one.field, one.type, one.optional) for one in doetank.form("experiment")]
    text, day = AnswerType.TEXT, AnswerType.DATE
    assert fields == [
        ("expectation", text, False),
        ("sign", text, False),
        ("look_on", day, False),
        ("step", text, True),
        ("harm", text, True),
    ]


def test_doetank_asks_about_moments_and_not_what_people_learned(doetank: Pack) -> None:
    asks = [prompt.ask for prompt in doetank.prompts.values()]
    asks += [one.ask for form in doetank.forms.values() for one in form]
    for ask in asks:
        for text in (ask.nl, ask.en, ask.get(FORMAL)):
            assert "geleerd" not in text
            assert "learn" not in text
            assert re.findall(r"\{\{\w+\}\}", ask.nl) == re.findall(r"\{\{\w+\}\}", text)
        assert ask.nl != ask.en


# --- the page for authors


def keys_of(model: type[BaseModel], seen: set[str]) -> set[str]:
    for name, field in model.model_fields.items():
        seen.add(field.alias or name)
        for part in re.findall(r"doetank_bot[\w.]+", str(field.annotation)):
            module, _, cls = part.rpartition(".")
            found = getattr(__import__(module, fromlist=[cls]), cls)
            if issubclass(found, BaseModel):
                keys_of(found, seen)
    return seen


def test_the_page_for_authors_names_every_key_and_every_word_of_the_closed_lists() -> None:
    page = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
    keys = keys_of(Pack, set()) - {"weekday", "at"}
    assert {"prompts_per_week", "choices", "stretch", "otherwise", "nl"} <= keys
    lists = (PromptKind, AskedOf, AnswerType, Run, Requires, Late, ContributionKind, Placeholder)
    words = keys | {word.value for one in lists for word in one}
    assert [word for word in sorted(words) if f"`{word}" not in page and f"`{{{{{word}" not in page] == []


def test_the_example_in_the_page_for_authors_is_a_sound_pack() -> None:
    page = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(schema: .*?)```", page, re.DOTALL)
    assert parse_pack(example, "spreekuur.yaml").name == "spreekuur"
