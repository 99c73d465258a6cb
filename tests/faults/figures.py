"""What a lab measured, as a row of the published table; and what it was asked to do."""

from dataclasses import dataclass

from faults.proxy import Choice, never


@dataclass(frozen=True, slots=True)
class Load:
    """How much, and what happens meanwhile; everything that is chance follows from the seed.

    Attributes:
        n: posts that are due, or messages that people send.
        n_rooms: the rooms they are spread over.
        n_kills: SIGKILLs of the bot.
        n_falls: SIGKILLs of the homeserver.
        gaps: so many messages come in one room while the bot is dead, one number for each time.
        seed: of all chance.
        choose: how the line hurts requests.
        within: seconds after which what is not there is lost.
        quiet_for: seconds without any request but a sync's after which nothing more is to be expected of the bot.
    """

    n: int
    n_rooms: int
    n_kills: int
    n_falls: int = 0
    gaps: tuple[int, ...] = ()
    seed: int = 1
    choose: Choice = never
    within: float = 500.0
    quiet_for: float = 20.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many things another user finds missing, there too often, or before one that should precede them."""

    lost: int
    doubled: int
    disordered: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.disordered)


@dataclass(frozen=True, slots=True)
class Figure:
    """One run: what it was, how often killed, which share of requests was hurt, and the verdict."""

    name: str
    load: Load
    n_kills: int
    n_falls: int
    share_hurt: float
    verdict: Verdict
    seconds: float
