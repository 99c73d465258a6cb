"""End-to-end encryption: nio's Olm machine, with a store, an identity and a memory for rooms of our own.

`crypt.py` is the door: the sync and the adapter know no other file.
"""
