"""What a cycle knows of itself when something of it is carried out."""

from dataclasses import dataclass

from doetank_bot.domain.cycle import Cycle
from doetank_bot.domain.group import Attendance, Group, Member
from doetank_bot.domain.schedule import Occurrence
from doetank_bot.domain.view import Material


@dataclass(frozen=True, slots=True)
class Stage:
    """What a running cycle knows of itself when a step is carried out.

    `asked` are the prompts so far, `waiting` the steps to come (the one at hand may be among them).
    `quiet` are members who were silent twice: they read along from the next prompt on.
    `per_week` is how much the whole group gave in each week, for the picture.
    """

    cycle: Cycle
    group: Group
    material: Material
    asked: tuple[str, ...] = ()
    waiting: tuple[Occurrence, ...] = ()
    quiet: tuple[Member, ...] = ()
    per_week: tuple[int, ...] = ()

    @property
    def taking_part(self) -> tuple[Member, ...]:
        """The members who did not stop: a group is as small as they are few."""
        return tuple(one for one in self.material.members if one.attendance is not Attendance.STOPPED)

    def after(self, step: Occurrence) -> tuple[Occurrence, ...]:
        """Return what waits besides `step`."""
        return tuple(one for one in self.waiting if one.key != step.key)
