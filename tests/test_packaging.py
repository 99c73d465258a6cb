"""What `pip install` gives someone: the program with its packs, texts and migrations, from any folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network."""
    out = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", str(ROOT)]
    _python(*command, "--wheel-dir", str(out), cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it, and nothing else."""
    target = tmp_path_factory.mktemp("installed")
    _python(
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
        cwd=target,
    )
    return target


@pytest.mark.parametrize(
    ("folder", "pattern", "inside"),
    [
        ("config", "packs/*.yaml", "doetank_bot/config"),
        ("config", "breaks/*.yaml", "doetank_bot/config"),
        ("config", "toolkit/*.yaml", "doetank_bot/config"),
        ("config", "*.yaml", "doetank_bot/config"),
        ("config", "avatar/*.png", "doetank_bot/config"),
        ("doetank_bot/text", "*.po", "doetank_bot/text"),
        ("doetank_bot/text", "*.yaml", "doetank_bot/text"),
        ("doetank_bot/store/migrations", "**/*", "doetank_bot/store/migrations"),
        ("doetank_bot", "**/*.py", "doetank_bot"),
        ("doetank_bot", "py.typed", "doetank_bot"),
    ],
)
def test_the_wheel_holds_every_data_file_of_the_checkout(wheel: Path, folder: str, pattern: str, inside: str) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in (ROOT / folder).glob(pattern) if path.is_file() and "__pycache__" not in path.parts]
    missing = [path.name for path in files if f"{inside}/{path.relative_to(ROOT / folder)}" not in held]
    assert missing == []


@pytest.mark.parametrize("needed", ["doetank_bot/config/packs/doetank.yaml", "doetank_bot/config/doetank.example.yaml"])
def test_the_wheel_holds_the_files_that_a_new_operator_needs(wheel: Path, needed: str) -> None:
    assert needed in zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize("needed", [".po", "env.py"])
def test_the_wheel_holds_catalogues_and_migrations(wheel: Path, needed: str) -> None:
    assert [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(needed)]


def test_an_installed_copy_finds_its_own_packs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    script = "from doetank_bot import resources as r; print(r.packs_dir()); print(r.example_config())"
    packs, example = _python("-c", script, cwd=tmp_path, path=installed).splitlines()
    assert Path(packs) == installed / "doetank_bot/config/packs"
    assert Path(example).is_file()


def test_an_installed_copy_validates_its_own_pack_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    pack = installed / "doetank_bot/config/packs/doetank.yaml"
    said = _python("-m", "doetank_bot", "packs", "validate", str(pack), cwd=tmp_path, path=installed)
    assert "doetank is a valid pack" in said


def test_the_editable_install_finds_the_packs_of_the_checkout(tmp_path: Path) -> None:
    script = "from doetank_bot import resources; print(resources.packs_dir())"
    assert _python("-c", script, cwd=tmp_path).strip() == str(ROOT / "config/packs")


def test_the_lock_files_name_no_host_and_hash_every_package() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        lines = lock.read_text().splitlines()
        assert [line for line in lines if "://" in line or line.startswith("-")] == []
        pins = [number for number, line in enumerate(lines) if "==" in line and not line.startswith(" ")]
        assert pins
        assert [lines[number] for number in pins if "--hash=sha256:" not in lines[number + 1]] == []


def _python(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    """Run this interpreter in `cwd`, with `path` before everything else importable; its standard output."""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(path)} if path else None
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
