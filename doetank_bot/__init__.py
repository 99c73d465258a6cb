"""Doetank Bot: leads a group through a cycle of learning by doing."""
