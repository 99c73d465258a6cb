"""What a Doetank is. No I/O, no chat library, no SQL."""
