"""Conversations as pure functions of state and input."""
