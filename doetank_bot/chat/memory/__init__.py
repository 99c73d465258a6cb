"""A chat in memory, with people in it: for tests, and for trying the bot out in a terminal without a homeserver.

It keeps the promises of `ChatPort` the way a homeserver does: a key is done once, what happened has one order, and the
bot starts again from any cursor. People act through `Person`; what they see is `Shown`.
"""

from doetank_bot.chat.memory.adapter import MemoryChat, Trouble
from doetank_bot.chat.memory.person import Person
from doetank_bot.chat.memory.room import MemoryRoom, Shown

__all__ = ["MemoryChat", "MemoryRoom", "Person", "Shown", "Trouble"]
