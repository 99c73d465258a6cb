"""A cycle to watch, on a real homeserver that starts and stops with it."""
