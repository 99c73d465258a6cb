"""What the bot says: catalogues, documents and the word table."""
