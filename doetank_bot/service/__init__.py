"""The way of a message from the inbox to the outbox."""
