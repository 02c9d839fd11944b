"""Makes the runner importable from texts, since the executable carries it inside."""

import builtins
import sys
import types


def load(sources):
    """Creates the package from ``(module name, source)`` pairs, in order. Returns its ``Runner``."""
    package = types.ModuleType("_verify")
    package.__path__ = []
    sys.modules["_verify"] = package
    # Functions look their builtins up here, where no snippet replaces them.
    known = dict(vars(builtins))
    for name, source in sources:
        module = types.ModuleType("_verify." + name)
        module.__package__ = "_verify"
        module.__builtins__ = known
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(source, "<verify {}.py>".format(name), "exec"), module.__dict__)
    return sys.modules["_verify.run"].Runner
