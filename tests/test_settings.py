"""Settings: the environment over the file, everything that is wrong at once, nothing secret in a message."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doetank_bot.domain.strict_yaml import Invalid, Problem
from doetank_bot.domain.strict_yaml.explain import known_paths
from doetank_bot.settings import (
    ConfigError,
    Matrix,
    SecretKind,
    Settings,
    load_packs,
    load_settings,
    read_packs,
)

ROOT = Path(__file__).parent.parent
EXAMPLE = (ROOT / "config" / "doetank.example.yaml").read_text(encoding="utf-8")
PACK = (ROOT / "config" / "packs" / "doetank.yaml").read_text(encoding="utf-8")
LEAST = """\
matrix:
  homeserver: https://matrix.example.org
  user_id: "@bot:example.org"
  password_file: secrets/password
"""

Load = Callable[..., Settings]
Refused = Callable[..., tuple[Problem, ...]]


@pytest.fixture(name="load")
def load_from_a_file(tmp_path: Path) -> Load:
    def load(text: str = LEAST, environ: Mapping[str, str] | None = None) -> Settings:
        (tmp_path / "doetank.yaml").write_text(text, encoding="utf-8")
        return load_settings(tmp_path / "doetank.yaml", environ or {})

    return load


@pytest.fixture(name="refused")
def refused_from_a_file(load: Load) -> Refused:
    def refused(text: str = LEAST, environ: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
        with pytest.raises(Invalid) as caught:
            load(text, environ)
        return caught.value.problems

    return refused


def test_four_lines_are_enough_and_the_rest_is_safe(load: Load, tmp_path: Path) -> None:
    found = load()
    assert found.platform == "matrix"
    assert found.matrix.allow_invites_from == ("*:example.org",)
    assert found.matrix.store_dir == tmp_path / "matrix-store"
    assert found.database.url == f"sqlite+aiosqlite:///{tmp_path}/doetank.db"
    assert found.matrix.device_id is None
    assert (found.bot.prefix, found.bot.language, found.bot.timezone) == ("!", "nl", "Europe/Amsterdam")
    assert (found.bot.moderators, found.health.listen) == ((), None)


def test_a_section_with_every_line_commented_out_is_an_empty_one(load: Load) -> None:
    assert load(LEAST + "bot:\n  # prefix: '?'\nhealth:\n").bot.prefix == "!"


def test_paths_are_relative_to_the_file_also_when_the_environment_gives_them(load: Load, tmp_path: Path) -> None:
    found = load(environ={"DOETANK_BOT__PACKS_DIR": "mine", "DOETANK_DATABASE__URL": "sqlite+aiosqlite:///data/d.db"})
    assert found.matrix.password_file == tmp_path / "secrets" / "password"
    assert found.bot.packs_dir == tmp_path / "mine"
    assert found.database.url == f"sqlite+aiosqlite:///{tmp_path}/data/d.db"


def test_the_environment_wins_over_the_file_and_an_empty_variable_does_not_count(load: Load) -> None:
    environ = {
        "DOETANK_MATRIX__USER_ID": "@other:elders.nl",
        "DOETANK_BOT__MODERATORS": "@ana:elders.nl, @ben:elders.nl",
        "DOETANK_BOT__HOLIDAYS__ADD": '["2027-12-24"]',
        "DOETANK_BOT__LANGUAGE": "",
        "DOETANK_CONFIG": "/nowhere",
        "DOETANK_BOT_SERVICE_HOST": "10.0.0.1",
        "DOETANK_PORT_8080_TCP_ADDR": "10.0.0.1",
        "HOME": "/root",
    }
    found = load(environ=environ)
    assert found.matrix.user_id == "@other:elders.nl"
    assert found.matrix.allow_invites_from == ("*:elders.nl",)
    assert found.bot.moderators == ("@ana:elders.nl", "@ben:elders.nl")
    assert found.bot.holidays.add == (date(2027, 12, 24),)
    assert found.bot.language == "nl"


def test_the_file_is_named_by_a_variable_or_is_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "doetank.yaml").write_text(LEAST, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(LEAST + "bot: {language: en}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_settings(None, {}).bot.language == "nl"
    assert load_settings(None, {"DOETANK_CONFIG": "other.yaml"}).bot.language == "en"


def test_a_container_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {
        "DOETANK_MATRIX__HOMESERVER": "http://synapse:8008",
        "DOETANK_MATRIX__USER_ID": "@bot:example.org",
        "DOETANK_MATRIX__ACCESS_TOKEN_FILE": "/run/secrets/token",
    }
    assert load_settings(None, environ).matrix.access_token_file == Path("/run/secrets/token")
    del environ["DOETANK_MATRIX__HOMESERVER"]
    with pytest.raises(Invalid, match=r"^doetank.yaml: matrix.homeserver: is missing"):
        load_settings(None, environ)


def test_an_empty_configuration_is_told_all_that_is_needed(refused: Refused) -> None:
    keys = ["matrix.homeserver", "matrix.user_id"]
    assert [one.key for one in refused("log: {level: info}\n")] == keys


@pytest.mark.parametrize("environ", [{}, {"DOETANK_CONFIG": "gone.yaml"}])
def test_a_file_that_is_not_there_is_told_with_what_to_do(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Invalid, match=r"is not there\. Check the name, or make it with `doetank-bot init`"):
        load_settings(None, environ)


def test_all_problems_of_file_and_environment_are_told_at_once(refused: Refused) -> None:
    text = (
        LEAST.replace("https:", "htp:").replace("user_id", "user")
        + "bot:\n  timezone: Europe/Amsterdm\n  timezone: x\n"
    )
    found = refused(text, {"DOETANK_LOG__LEVEL": "loud", "DOETANK_MATRIX__USERID": "x"})
    assert {(one.line, one.key) for one in found} == {
        (2, "matrix.homeserver"),
        (3, "matrix.user"),
        (1, "matrix.user_id"),
        (6, "bot.timezone"),
        (7, "bot.timezone"),
        (0, "DOETANK_LOG__LEVEL"),
        (0, "DOETANK_MATRIX__USERID"),
    }
    words = "\n".join(str(one) for one in found)
    assert "Did you mean `Europe/Amsterdam`?" in words
    assert (
        "environment: DOETANK_MATRIX__USERID: is not a known setting. Did you mean `DOETANK_MATRIX__USER_ID`?" in words
    )


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("  password: hunter2\n", "matrix.password"),
        ("  access_token_file: hunter2\n", "matrix.access_token_file"),
        ("  device_id: [hunter2]\n", "matrix.device_id"),
        ("  allow_invites_from: hunter2\n", "matrix.allow_invites_from"),
        ("platform: hunter2\n", "platform"),
        ("database: {url: 'postgresql://bot:hunter2@db/doetank'}\n", "database.url"),
        ("database: {url: 'sqlite+aiosqlite:///:memory:'}\n", "database.url"),
        ("database: {url: 'sqlite+aiosqlite:///'}\n", "database.url"),
        ("bot: {prefix: hunter2}\n", "bot.prefix"),
        ("bot: {prefix: ''}\n", "bot.prefix"),
        ("bot: {language: hunter2}\n", "bot.language"),
        ("bot: {language: no}\n", "bot.language"),
        ("bot: {timezone: ../hunter2}\n", "bot.timezone"),
        ("bot: {timezone: Europe}\n", "bot.timezone"),
        ("bot: {timezone: ''}\n", "bot.timezone"),
        ("bot: {region: hunter2}\n", "bot.region"),
        ("bot: {moderators: [hunter2]}\n", "bot.moderators[0]"),
        ("bot: {holidays: {add: [2027-02-30]}}\n", "bot.holidays.add[0]"),
        ("bot: {holidays: {skip: [20270205]}}\n", "bot.holidays.skip[0]"),
        ("bot: x\n", "bot"),
        ("health: {listen: hunter2}\n", "health.listen"),
        ("health: {listen: 8080}\n", "health.listen"),
        ("health: {listen: '127.0.0.1:99999'}\n", "health.listen"),
        ("log: {level: hunter2}\n", "log.level"),
        ("log: {format: xml}\n", "log.format"),
    ],
)
def test_a_wrong_setting_is_named_with_a_remedy_and_without_its_value(refused: Refused, more: str, key: str) -> None:
    (found,) = refused(LEAST + more)
    assert (found.key, found.line >= 5) == (key, True)
    assert found.remedy
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "address",
    [
        "matrix.example.org",
        "ftp://example.org",
        "https://",
        "https://u:hunter2@example.org",
        "https://e.org:x",
        "https://[e",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(refused: Refused, address: str) -> None:
    (found,) = refused(LEAST.replace("https://matrix.example.org", f"'{address}'"))
    assert (found.line, found.key) == (2, "matrix.homeserver")
    assert "hunter2" not in str(found)


def test_without_a_secret_the_bot_is_to_live_on_the_login_it_keeps(load: Load) -> None:
    assert load(LEAST.replace("  password_file: secrets/password\n", "")).secret() is None


def test_two_secrets_are_refused(refused: Refused) -> None:
    (found,) = refused(LEAST + "  access_token_file: token\n")
    assert "Keep one of the two" in str(found)


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "doetank.yaml"
    file.write_bytes(LEAST.encode() + b"# caf\xe9\n")
    with pytest.raises(Invalid, match=r"doetank.yaml:5: is not UTF-8"):
        load_settings(file, {})
    file.write_bytes(b"#" * 300_000)
    with pytest.raises(Invalid, match="is larger than 256 KiB"):
        load_settings(file, {})
    with pytest.raises(Invalid, match="is a folder"):
        load_settings(tmp_path, {})


# --- who may invite


def matrix(**more: Any) -> Matrix:
    least = {"homeserver": "https://e.org", "user_id": "@bot:e.org", "password_file": "p"}
    return Matrix.model_validate({**least, **more})


def test_by_default_only_people_of_the_own_server_may_invite() -> None:
    mine = matrix()
    assert mine.allows_invite_from("@ana:e.org")
    assert not mine.allows_invite_from("@ana:e.org.evil.nl")
    assert not mine.allows_invite_from("@ana:evil.nl")
    assert not mine.allows_invite_from("@ANA:E.ORG")


def test_a_server_with_brackets_in_its_name_is_no_pattern() -> None:
    mine = matrix(user_id="@bot:[::1]:8448")
    assert mine.allows_invite_from("@ana:[::1]:8448")
    assert not mine.allows_invite_from("@ana:1:8448")


def test_an_empty_list_lets_nobody_invite() -> None:
    assert not matrix(allow_invites_from=[]).allows_invite_from("@ana:e.org")


# --- the secret


def test_the_secret_is_read_from_its_file_and_prints_as_stars(load: Load, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "password").write_text("correct horse \n", encoding="utf-8")
    secret = load().secret()
    assert secret is not None
    assert (secret.kind, secret.value.get_secret_value()) == (SecretKind.PASSWORD, "correct horse")
    assert "horse" not in repr(secret)
    (tmp_path / "token").write_text("syt_x", encoding="utf-8")
    token = load(LEAST.replace("password_file: secrets/password", "access_token_file: token")).secret()
    assert token is not None
    assert (token.kind, token.value.get_secret_value()) == (SecretKind.ACCESS_TOKEN, "syt_x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is not there"),
        (b"", "is not one line"),
        (b"\n \n", "is not one line"),
        (b"hunter2\nhunter2", "is not one line"),
        (b"hunter2" * 5000, "is not one line"),
        (b"\xff\xfe", "is not text"),
    ],
)
def test_a_secret_file_that_gives_none_is_told_without_its_content(
    load: Load, tmp_path: Path, content: bytes | None, words: str
) -> None:
    (tmp_path / "secrets").mkdir()
    if content is not None:
        (tmp_path / "secrets" / "password").write_bytes(content)
    with pytest.raises(ConfigError, match=words) as caught:
        load().secret()
    assert "matrix.password_file" in str(caught.value)
    assert "hunter2" not in str(caught.value)


# --- the example


def test_the_example_loads_and_says_the_defaults(load: Load) -> None:
    given_lines = load(EXAMPLE)
    least = LEAST.replace("@bot:", "@doetank:").replace("  password_file: secrets/password\n", "")
    assert given_lines == load(least)


def test_the_example_with_every_line_switched_on_still_loads_but_for_the_second_secret(load: Load) -> None:
    every = re.sub(r"(?m)^(\s+)# (\w+: )", r"\1\2", EXAMPLE)
    found = load(re.sub(r"(?m)^  password_file: .*\n", "", every))
    assert found.bot.region == "midden"
    assert found.health.listen == "127.0.0.1:8080"


def test_the_example_names_exactly_the_settings_there_are() -> None:
    every = re.sub(r"(?m)^(\s+)# (\w+: )", r"\1\2", EXAMPLE)
    assert set(paths(yaml.safe_load(every))) == set(known_paths(Settings))


def test_every_setting_in_the_example_has_its_line_of_comment() -> None:
    lines = EXAMPLE.split("\n")
    for before, line in pairwise(lines):
        if re.match(r"\s*(# )?[a-z_]+: \S", line) and not re.match(r"\s*# [A-Z]", line):
            assert re.match(r"\s*# [A-Z]", before), line


def paths(data: dict[str, Any], above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, value in data.items():
        found += paths(value, (*above, key)) if isinstance(value, dict) else [(*above, key)]
    return found


def told(load: Load, config: object) -> tuple[Problem, ...]:
    try:
        load(yaml.safe_dump(config))
    except Invalid as error:
        return error.problems
    return ()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_example_is_read_or_refused_and_an_unknown_key_never_passes(load: Load, data: st.DataObject) -> None:
    config = yaml.safe_load(EXAMPLE)
    place = config
    for part in data.draw(st.sampled_from([(), ("matrix",), ("database",), ("bot",), ("bot", "holidays"), ("log",)])):
        place = place[part]
    key = data.draw(st.from_regex(r"[a-z]{3,8}_x", fullmatch=True))
    broken = data.draw(st.sampled_from(sorted(place)))
    junk: st.SearchStrategy[object] = (
        st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just([]) | st.just({"a": [{}]})
    )
    place[broken] = data.draw(junk)
    assert all(one.message and one.remedy for one in told(load, config))
    place[key] = 1
    assert any(one.key.endswith(key) for one in told(load, config))


# --- folders of packs


def test_a_later_folder_overrides_a_pack_by_name_and_adds_others(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    (first / "doetank.yaml").write_text(PACK, encoding="utf-8")
    (second / "doetank.yaml").write_text(PACK.replace("nl: Doetank", "nl: Onze eigen"), encoding="utf-8")
    (second / "extra.yaml").write_text(PACK.replace("name: doetank", "name: extra"), encoding="utf-8")
    (second / "notes.txt").write_text("no pack", encoding="utf-8")
    packs = load_packs([first, second])
    assert sorted(packs) == ["doetank", "extra"]
    assert packs["doetank"].title["nl"] == "Onze eigen"


def test_the_problems_of_all_packs_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "doetank.yaml").write_text(PACK.replace("kind: do", "kind: dance"), encoding="utf-8")
    (tmp_path / "other.yaml").write_text(PACK, encoding="utf-8")
    (tmp_path / "third.yml").write_text(PACK, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        load_packs([tmp_path, tmp_path / "gone"])
    files = {Path(one.file).name for one in caught.value.problems}
    assert files == {"doetank.yaml", "other.yaml", "third.yml", "gone"}


def test_one_pack_file_can_be_read_by_itself(tmp_path: Path) -> None:
    (tmp_path / "doetank.yaml").write_text(PACK, encoding="utf-8")
    assert list(read_packs(tmp_path / "doetank.yaml")) == ["doetank"]
