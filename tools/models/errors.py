"""One error type for everything a user can put right about a model folder."""


class ModelError(Exception):
    """A model folder that cannot be taken. The message names the object, what was found, what to do."""
