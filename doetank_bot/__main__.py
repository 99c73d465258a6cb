"""`doetank-bot`, also as `python -m doetank_bot`."""

from doetank_bot.cli.program import program


def main() -> None:
    """Run the command line."""
    program()


if __name__ == "__main__":
    main()
