"""Settings put into a configuration file line by line: what is asked is what is read back, and the rest stays."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doetank_bot.complaint import Complaint
from doetank_bot.init import config
from doetank_bot.init.answers import Answers
from doetank_bot.init.lines import with_settings
from doetank_bot.resources import example_config
from doetank_bot.settings import load_settings

LEAST = "matrix:\n  homeserver: https://matrix.example.org\n  user_id: '@doetank:example.org'\n"


def answers(folder: Path) -> Answers:
    return Answers(
        homeserver="https://matrix.example.org",
        user_id="@doetank:example.org",
        language="nl",
        timezone="Europe/Amsterdam",
        region=None,
        allow_invites_from=None,
        store_dir=folder / "matrix-store",
        database=folder / "doetank.db",
    )


def test_a_new_file_is_the_example_with_two_lines_filled_in_and_for_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "doetank.yaml"
    assert config.write(file, answers(tmp_path / "new"))
    example = example_config().read_text("utf-8").splitlines()
    changed = [line for line in file.read_text("utf-8").splitlines() if line not in example]
    assert changed == []
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["doetank.yaml"]
    assert not config.write(file, answers(tmp_path / "new")), "twice is once"


folders = st.text(
    st.characters(codec="utf-8", exclude_characters="/?\x00", exclude_categories=["Cc", "Cs", "Cn", "Co"])
)
patterns = st.text(st.characters(min_codepoint=33, max_codepoint=0x17F, exclude_categories=["Cc", "Zs"]), min_size=1)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=folders.map(lambda name: f"x{name}x"),
    localpart=st.from_regex(r"[a-z0-9._=/+-]{1,20}", fullmatch=True),
    region=st.sampled_from([None, "noord", "zuid"]),
    invites=st.none() | st.lists(patterns, max_size=3).map(tuple),
)
def test_odd_answers_are_read_back_as_they_were_given(
    tmp_path: Path, name: str, localpart: str, region: str | None, invites: tuple[str, ...] | None
) -> None:
    file = tmp_path / "doetank.yaml"
    odd = replace(
        answers(tmp_path),
        user_id=f"@{localpart}:[::1]:8448",
        homeserver="http://[::1]:8008/sub",
        region=region,
        allow_invites_from=invites,
        store_dir=(tmp_path / name / "s").resolve(),
        database=(tmp_path / name / "d.db").resolve(),
        password_file=(tmp_path / name / "no").resolve(),
    )
    config.write(file, odd)
    assert Answers.of(load_settings(file, {})) == odd
    plain = answers(tmp_path)
    config.write(file, plain)
    assert Answers.of(load_settings(file, {})) == plain


def test_what_an_operator_wrote_stays_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "doetank.yaml"
    file.write_text(
        "# ours\nbot:   # the bot\n    prefix: '?'\n    region: noord  # for now\n\nlog:\n    level: debug\n" + LEAST,
        "utf-8",
    )
    config.write(file, replace(answers(tmp_path), region="zuid", language="en"))
    text = file.read_text("utf-8")
    assert "# ours\nbot:   # the bot\n" in text
    assert "    prefix: '?'\n    region: zuid\n" in text
    assert "    language: en\n" in text
    assert load_settings(file, {}).log.level == "debug"
    config.write(file, replace(answers(tmp_path), language="en"))
    assert "    # region: zuid\n" in file.read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "matrix: {homeserver: 'https://matrix.example.org', user_id: '@doetank:example.org'}\n",
        LEAST + "  allow_invites_from:\n    - '*:a.org'\n    - '*:b.org'\n",
    ],
)
def test_a_file_in_another_shape_is_left_alone_with_a_line_that_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "doetank.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(Complaint, match="Change it by hand"):
        config.write(file, replace(answers(tmp_path), user_id="@ander:example.org", allow_invites_from=("*:c.org",)))
    assert file.read_text("utf-8") == text


def test_a_section_that_is_not_there_is_made() -> None:
    assert (
        with_settings("a:\n  b: 1\n", {"bot.region": "zuid", "log.level": None})
        == "a:\n  b: 1\n\nbot:\n  region: zuid\n"
    )


def test_a_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "doetank.yaml").symlink_to(tmp_path / "etc" / "real.yaml")
    (tmp_path / "etc" / "real.yaml").write_text(LEAST)
    config.write(tmp_path / "doetank.yaml", replace(answers(tmp_path / "etc"), region="zuid"))
    assert (tmp_path / "doetank.yaml").is_symlink()
    assert "region: zuid" in (tmp_path / "etc" / "real.yaml").read_text()
