"""What stays as it was, whatever a snippet puts in the place of builtins or into the json module."""

import builtins
import importlib.util

BUILTINS = dict(vars(builtins))


def _copy(name):
    """A module of the standard library as nobody else sees it."""
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    module.__builtins__ = BUILTINS
    spec.loader.exec_module(module)
    return module


encode = _copy("json.encoder").JSONEncoder().encode
