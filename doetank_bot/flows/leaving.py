"""Taking part no more, asked once: yes, or anything else and nothing changes."""

from dataclasses import replace
from typing import Literal

from doetank_bot.domain.effect import StoreMember
from doetank_bot.domain.flow import FlowState, Said, Step
from doetank_bot.domain.group import Attendance
from doetank_bot.domain.view import Rules, Scene
from doetank_bot.flows.control import Control, control, picked
from doetank_bot.flows.form import say
from doetank_bot.text.words import WordTable

_BY_NUMBER = {"1": "yes", "2": "no"}
_YES = frozenset({"yes", Control.STOP})


class LeavingState(FlowState):
    """Waits for yes or no."""

    kind: Literal["leaving"] = "leaving"


def begin(state: LeavingState, scene: Scene, rules: Rules, _words: WordTable) -> Step:
    """Ask whether they are sure."""
    return Step(state, (say(scene, rules, "leaving.ask"),))


def advance(state: LeavingState, said: Said, scene: Scene, rules: Rules, words: WordTable) -> Step:
    """Let them go, or not."""
    if picked(said.text, _BY_NUMBER, words) in _YES and scene.sender is not None:
        gone = replace(scene.sender, attendance=Attendance.STOPPED, wants_digest=False)
        return Step(None, (StoreMember(gone), say(scene, rules, "leaving.gone")))
    if control(said.text, words) is Control.HELP:
        return begin(state, scene, rules, words)
    return Step(None, (say(scene, rules, "leaving.stays"),))
