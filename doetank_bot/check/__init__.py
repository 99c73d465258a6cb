"""Whether this bot can run here: each finding one line, with its remedy.

A file for each concern. What is asked of the world comes from chat and store as plain data; what that means is pure.
Changes nothing but, at the first login, the kept login.
"""

from doetank_bot.check.finding import About, Finding, Weight
from doetank_bot.check.walk import findings

__all__ = ["About", "Finding", "Weight", "findings"]
