"""The chat platforms behind the one port: Matrix, and the in-memory chat."""
