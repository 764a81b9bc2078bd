"""One error type for everything a user can put right about a model folder."""


class ModelError(Exception):
    """A model folder that cannot be taken. The message names the object, what was found, what to do."""


# What reading a damaged structure raises besides `ModelError`: a missing field, a wrong type, an impossible shape.
DAMAGE = (KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)
