"""What is in deploy/ is as safe as the operator's page says, also where neither systemd nor podman is there to ask."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from doetank_bot.cli.program import program
from doetank_bot.complaint import Exit

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SERVICES = ["doetank-bot.service", "doetank-bot-backup.service"]
HIGHEST_EXPOSURE = 1.5

# systemd.exec(5), systemd.service(5); what systemd-analyze security weighs.
HARDENED = {
    "AmbientCapabilities": "",
    "CapabilityBoundingSet": "",
    "DevicePolicy": "closed",
    "KeyringMode": "private",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateIPC": "yes",
    "PrivateMounts": "yes",
    "PrivateTmp": "yes",
    "PrivateUsers": "yes",
    "ProcSubset": "pid",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RemoveIPC": "yes",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
    "User": "doetank",
}


def unit(name: str) -> dict[str, list[str]]:
    """Return what a unit sets, by name; what is set twice has two values."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / name).read_text("utf-8").splitlines():
        key, is_set, value = line.partition("=")
        if is_set and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_is_hardened_in_every_way(name: str) -> None:
    found = unit(name)
    assert {key: found.get(key) for key in HARDENED} == {key: [value] for key, value in HARDENED.items()}
    assert found["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    assert set(found["RestrictAddressFamilies"][0].split()) <= {"AF_INET", "AF_INET6", "AF_UNIX"}


@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_little_exposed_in_a_unit_and_nothing_wrong(name: str) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not here (apt-get install systemd): the score of the units was NOT measured")
    security = [tool, "security", "--offline=yes", "--no-pager", str(DEPLOY / name)]
    said = subprocess.run(security, capture_output=True, text=True, check=True).stdout
    score = re.search(r"Overall exposure level for .*: ([0-9.]+)", said)
    assert score is not None
    assert float(score[1]) <= HIGHEST_EXPOSURE
    verified = subprocess.run([tool, "verify", DEPLOY / name], capture_output=True, text=True, check=False)
    # The program is not installed where tests run.
    wrong = [line for line in verified.stderr.splitlines() if "/opt/doetank/bin/doetank-bot is not exec" not in line]
    assert wrong == []


def test_the_bot_is_not_started_again_where_that_does_not_help() -> None:
    found = unit("doetank-bot.service")
    assert found["Type"] == ["notify"]
    assert found["Restart"] == ["on-failure"]
    final = {Exit.DATA, Exit.PERMISSIONS, Exit.CONFIG}
    assert {int(code) for code in found["RestartPreventExitStatus"][0].split()} == final


def test_the_backup_is_of_the_bot_that_runs() -> None:
    bot, backup = unit("doetank-bot.service"), unit("doetank-bot-backup.service")
    (configured,) = (one for one in bot["Environment"] if one.startswith("DOETANK_"))
    assert configured in backup["Environment"]
    assert (bot["User"], bot["StateDirectory"]) == (backup["User"], backup["StateDirectory"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_starts_a_command_that_is_there(name: str) -> None:
    there = {command.callback.__name__ for command in program.registered_commands if command.callback}
    (started,) = unit(name)["ExecStart"]
    assert shlex.split(started)[1] in there


def instructions() -> list[tuple[str, str]]:
    """Return what the Containerfile does, in order; lines that go on are one."""
    lines = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text("utf-8")).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word and word != "#"]


def test_the_container_runs_as_nobody_special_without_a_shell() -> None:
    last = dict(instructions()[max(n for n, (word, _) in enumerate(instructions()) if word == "FROM") :])
    assert last["USER"] == "doetank"
    assert last["VOLUME"] == "/data"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert (json.loads(last["ENTRYPOINT"]), json.loads(last["CMD"])) == (["doetank-bot"], ["run"])
    assert json.loads(last["HEALTHCHECK"].partition("CMD ")[2])[0] == "doetank-bot"


def test_the_container_installs_only_what_the_lock_files_name() -> None:
    installs = [json.loads(rest) for word, rest in instructions() if word == "RUN" and '"install"' in rest]
    pips = [install for install in installs if "pip" in install]
    assert len(pips) == 3
    assert all("--require-hashes" in pip or "--no-index" in pip for pip in pips)
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            assert [source for source in rest.split()[:-1] if not (ROOT / source).exists()] == []
