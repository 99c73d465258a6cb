"""A first start: from a fresh account to a configuration, a login and a face.

Nothing here is done twice: a login, a file, a name or a picture that is there already stays.
"""
