"""Reading packs from folders, at start: small files, once, so without async."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from doetank_bot.domain.pack import Pack, parse_pack
from doetank_bot.domain.strict_yaml import Invalid, Problem, read_tree
from doetank_bot.domain.strict_yaml.tree import dotted
from doetank_bot.settings.load import read_text
from doetank_bot.text.plain_language import Jargon, findings, texts_in


def read_pack(path: Path) -> Pack:
    """Return the pack in one file. Raises Invalid with every problem in it."""
    return parse_pack(read_text(path), str(path))


def advice_on(path: Path, jargon: Jargon) -> Iterator[Problem]:
    """Yield what is hard to read in the texts of a sound pack, in the order of the file: to mend, not to refuse."""
    tree = read_tree(read_text(path), str(path))
    for loc, language, text in texts_in(tree.data):
        for one in findings(text, language, jargon):
            yield Problem(str(path), tree.line(loc), dotted(loc), one.what, one.remedy)


def read_packs(path: Path) -> dict[str, Pack]:
    """Return the packs of a folder (`*.yaml`) or of one file, by name. Raises Invalid with every problem."""
    return load_packs([path])


def load_packs(dirs: Sequence[Path]) -> dict[str, Pack]:
    """Return all packs by name; where two folders have the same name, the later folder's pack is used.

    Raises Invalid with the problems of all files together, also of those that another one overrides.
    """
    packs: dict[str, Pack] = {}
    problems: list[Problem] = []
    for folder in dirs:
        for path in _pack_files(folder, problems):
            try:
                pack = read_pack(path)
            except Invalid as error:
                problems.extend(error.problems)
            else:
                packs[pack.name] = pack
    if problems:
        raise Invalid(problems)
    return packs


def _pack_files(place: Path, problems: list[Problem]) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    if not place.is_dir():
        problems.append(Problem(str(place), 0, "", "is not there", "Check `bot.packs_dir`, or make the folder"))
        return
    for path in sorted(place.iterdir()):
        if path.suffix == ".yml":
            problems.append(Problem(str(path), 0, "", "would not be read", "Let its name end in .yaml"))
        elif path.suffix == ".yaml" and not path.name.startswith("."):
            yield path
