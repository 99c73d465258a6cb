"""One suite of promises for every chat: the one in memory, and Matrix on a real Synapse."""
