"""An approach small enough to be sure of: no prompt twice in a cycle, and one question to each member in private."""

from doetank_bot.chat.memory import Shown
from doetank_bot.domain.pack import Pack

QUESTION = "Waarom doe jij mee?"
N_EACH = 18
TITLE = {"nl": "Samen", "en": "Together"}


def prompt_in(shown: Shown) -> str | None:
    """Return the prompt that a message asks."""
    return next((line for line in shown.text.splitlines() if line.startswith("Opdracht ")), None)


def _prompt(name: str, becomes: str) -> dict[str, object]:
    return {"kind": "do", "becomes": becomes, "ask": {"nl": f"Opdracht {name}.", "en": f"Task {name}."}}


def _pack() -> Pack:
    """A pack whose prompts are each asked once in a cycle, with one personal question."""
    tasks, thoughts = ([f"{letter}{n}" for n in range(1, N_EACH + 1)] for letter in "DT")
    personal = {"P1": _prompt("", "reflection") | {"private": True, "ask": {"nl": QUESTION, "en": "Why?"}}}
    steps = [
        {"id": "do", "on": "mon 09:30", "pick": tasks},
        {"id": "think", "on": "thu 10:00", "pick": thoughts},
        {"id": "draft", "on": "fri 11:00", "run": "digest.draft"},
        {"id": "digest", "on": "fri 14:00", "run": "digest.send"},
    ]
    return Pack.model_validate({
        "schema": "pack/1",
        "name": "doetank",
        "title": TITLE,
        "weeks": {"min": 4, "default": 4, "max": 8},
        "prompts": {name: _prompt(name, "observation") for name in tasks}
        | {name: _prompt(name, "reflection") for name in thoughts}
        | personal,
        "phases": [{"name": "go", "title": TITLE, "weeks": {"min": 1, "default": 4, "stretch": 1}, "steps": steps}],
        "personal": ["P1"],
    })  # fmt: skip


PACK = _pack()
