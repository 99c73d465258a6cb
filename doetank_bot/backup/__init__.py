"""Sets: the database and the login as one file, made beside a running bot, and put back whole or not at all."""
