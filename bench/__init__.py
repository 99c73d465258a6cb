"""What the bot costs, beside a raw echo that does the least a bot can do: `make bench`, figures in docs/measured.md."""
