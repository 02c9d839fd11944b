"""Makes the runner importable from texts, since the executable carries it inside."""

import builtins
import importlib.util
import marshal
import sys
import types


def load(sources, compiled):
    """Creates the package from ``(module name, source)`` pairs, in order. Returns its ``Runner``.

    What was compiled when the executable was built is taken if it is for this interpreter.
    """
    codes = {}
    if compiled.startswith(importlib.util.MAGIC_NUMBER):
        codes = marshal.loads(compiled[len(importlib.util.MAGIC_NUMBER):])
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
        code = codes.get(name) or compile(source, "<verify {}.py>".format(name), "exec")
        exec(code, module.__dict__)
    return sys.modules["_verify.run"].Runner
