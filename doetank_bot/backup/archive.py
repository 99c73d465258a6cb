"""A set as a file: an uncompressed tar of `manifest.json`, `database.sqlite` and `store/…`, in that order.

The manifest names every file with its size and SHA-256, and holds its own. Nothing of a set is used before all of it
was found to be as the manifest says; what the tar itself says of a file (owner, mode, time) is never used.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = "doetank-backup/1"
MANIFEST = "manifest.json"
DATABASE = "database.sqlite"
STORE = "store"
_LARGEST_MANIFEST = 4 * 1024**2
_CHUNK = 1024**2
_OWNER_ONLY = 0o600


class UnusableSet(Exception):
    """The file is no set of ours, or not as it was made."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a set."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a set is: of which login, of which moment, made by which version, with which schema."""

    at: datetime
    account: str
    version: str
    schema: str
    files: tuple[Entry, ...]


def entry(name: str, file: Path) -> Entry:
    """Return how `file` is listed as `name`."""
    with file.open("rb") as content:
        return Entry(name, file.stat().st_size, hashlib.file_digest(content, "sha256").hexdigest())


def pack(path: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write a set of `files` (by their name in it) to the new file `path`; it is on the disk when this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            _add(tar, MANIFEST, io.BytesIO(content := _as_json(manifest)), len(content))
            for one in manifest.files:
                with files[one.name].open("rb") as file:
                    _add(tar, one.name, file, one.bytes)
        raw.flush()
        os.fsync(raw.fileno())


def read_manifest(path: Path) -> Manifest:
    """Return what the file says it is. Raises UnusableSet, OSError."""
    with path.open("rb") as raw, _tar(raw) as tar:
        return _manifest(tar)


def unpack(path: Path, into: Path) -> Manifest:
    """Write the files of a set into the empty folder `into`, each checked on the way; return what the set is.

    Raises UnusableSet for anything that is not as it was made, OSError.
    """

    def new_file(name: str) -> IO[bytes]:
        target = into / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb")

    return _read_all(path, new_file)


def verify(path: Path) -> Manifest:
    """Return what a set is, once all of it was found as it was made. Writes nothing; raises as `unpack` does."""
    return _read_all(path, lambda _: None)


def _read_all(path: Path, new_file: Callable[[str], IO[bytes] | None]) -> Manifest:
    with path.open("rb") as raw, _tar(raw) as tar:
        manifest = _manifest(tar)
        missing = {one.name: one for one in manifest.files}
        while (member := _next(tar)) is not None:
            expected = missing.pop(member.name, None)
            if expected is None or not member.isreg() or member.size != expected.bytes:
                raise UnusableSet(f"{member.name!r} is not as the manifest says")
            _extract(tar, member, expected, new_file)
    if missing:
        raise UnusableSet(f"{next(iter(missing))!r} is missing")
    return manifest


def _tar(raw: IO[bytes]) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=raw, mode="r:")
    except tarfile.TarError as trouble:
        raise UnusableSet(f"it is no backup ({trouble})") from None


def _next(tar: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return tar.next()
    except (tarfile.TarError, ValueError) as trouble:
        raise UnusableSet(f"it is cut off or damaged ({trouble})") from None


def _extract(
    tar: tarfile.TarFile, member: tarfile.TarInfo, expected: Entry, new_file: Callable[[str], IO[bytes] | None]
) -> None:
    digest, content = hashlib.sha256(), tar.extractfile(member)
    with new_file(member.name) or nullcontext() as file:
        while chunk := _read(content):
            digest.update(chunk)
            if file:
                file.write(chunk)
        if file:
            file.flush()
            os.fsync(file.fileno())
    if digest.hexdigest() != expected.sha256:
        raise UnusableSet(f"{member.name!r} is damaged")


def _read(content: IO[bytes] | None) -> bytes:
    try:
        return content.read(_CHUNK) if content else b""
    except tarfile.TarError:
        raise UnusableSet("it is cut off") from None


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, _OWNER_ONLY
    tar.addfile(member, content)


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = _next(tar)
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > _LARGEST_MANIFEST:
        raise UnusableSet("it is no backup of this program")
    try:
        said = json.loads(_read(tar.extractfile(first)))
        own = said.pop("sha256")
        if said["format"] != FORMAT:
            raise UnusableSet(f"it is of another kind ({said['format']}); this version reads {FORMAT}")
        files = tuple(Entry(str(one["name"]), int(one["bytes"]), str(one["sha256"])) for one in said["files"])
        at = datetime.fromisoformat(said["at"])
        manifest = Manifest(at, str(said["account"]), str(said["version"]), str(said["schema"]), files)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UnusableSet("its manifest cannot be read") from None
    if own != _digest(said):
        raise UnusableSet("its manifest is damaged")
    _check_names([one.name for one in files])
    return manifest


def _check_names(names: Iterable[str]) -> None:
    names = list(names)
    if names.count(DATABASE) != 1 or len(set(names)) != len(names):
        raise UnusableSet("its manifest does not name one database")
    for name in names:
        path = PurePosixPath(name)
        is_inside = str(path) == name and ".." not in path.parts and "\0" not in name
        if not is_inside or (name != DATABASE and (path.parts[0] != STORE or len(path.parts) == 1)):
            raise UnusableSet(f"{name!r} is no name in a backup")


def _as_json(manifest: Manifest) -> bytes:
    said = {"format": FORMAT, **asdict(manifest), "at": manifest.at.isoformat()}
    return json.dumps({**said, "sha256": _digest(said)}, indent=1).encode()


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
