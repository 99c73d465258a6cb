"""A Doetank to rehearse, without a server: someone types what its people say, and moves the clock."""
