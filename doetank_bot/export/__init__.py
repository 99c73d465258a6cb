"""A group's cycles as a document that outlives the bot. Nothing private is in it.

`gather` reads a `Dossier`; each format is a room of its own, and what people read is put in order in `outline`.
"""

from doetank_bot.export.csv import as_csv
from doetank_bot.export.dossier import Dossier, NoSuchGroup, gather, read
from doetank_bot.export.html import as_html
from doetank_bot.export.json import SCHEMA, as_json
from doetank_bot.export.markdown import as_markdown

__all__ = ["SCHEMA", "Dossier", "NoSuchGroup", "as_csv", "as_html", "as_json", "as_markdown", "gather", "read"]
