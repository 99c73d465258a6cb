"""What the operator sees of a running bot: logs, figures, health, the word to systemd. The core knows none of it."""

from doetank_bot.observe.logs import configure_logs
from doetank_bot.observe.systemd import notify_systemd

__all__ = ["configure_logs", "notify_systemd"]
