def _verify_module(name, path):
    """The names of a module, imported from its file whatever else has its name."""
    import importlib.util
    import os
    import sys

    root, parent = name.partition(".")[0], name.rpartition(".")[0]
    for loaded in [other for other in sys.modules if other == root or other.startswith(root + ".")]:
        del sys.modules[loaded]
    if parent:
        importlib.import_module(parent)
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, os.path.abspath(path))
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    own = ("__builtins__", "__cached__", "__file__", "__loader__", "__spec__")
    return {key: value for key, value in vars(sys.modules[name]).items() if key not in own}
