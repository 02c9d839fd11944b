"""The snippet as a reader would save it: a program with a file, a folder and a module of its own."""

import builtins
import linecache
import os
import sys
import threading
import types

# Where the sandbox says who vouches for the machines that answer a run, and who asks where that is.
AUTHORITY = "/etc/verify/authority.pem"
BELIEVERS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def place(folder):
    """Names to programs the folders that they are to use."""
    work = os.path.join(folder, "work")
    if os.environ.get("HOME") != work:
        paths = [os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]
        os.environ.update(HOME=work, PWD=work, TMPDIR=folder, PATH=os.pathsep.join(paths))


def begin(folder):
    """What Python does itself in a process that `os.fork` makes, as far as a run can tell."""
    place(folder)
    if os.path.exists(AUTHORITY):
        os.environ.update(dict.fromkeys(BELIEVERS, AUTHORITY))
    threading.main_thread()._set_native_id()
    if "random" in sys.modules:
        sys.modules["random"].seed()


def find_packages(whose):
    """Looks for packages as Python does at its start, in a process that must not run any of their code.

    Returns the steps that do run code, which packages bring along for this moment: each run has to take them.
    """
    if whose == "own":
        return []
    import importlib.util
    import site

    steps = []
    add, customize = site.addpackage, site.execsitecustomize
    site.addpackage = lambda *given: steps.append(lambda: add(*given))
    site.execsitecustomize = lambda: None
    if whose == "empty":
        site.addsitepackages = lambda paths, prefixes=None: paths
    site.main()
    site.addpackage, site.execsitecustomize = add, customize
    return steps + [customize] * (importlib.util.find_spec("sitecustomize") is not None)


def main_module(guide, units, folder):
    """``__main__`` as a real module with a real file, whose lines are the guide's."""
    path, text = os.path.join(folder, "snippet.py"), _aligned(units)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    linecache.cache[guide] = (len(text), None, _Lines(text), guide)
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = builtins
    main.__annotations__ = {}
    main.__cached__ = None
    sys.modules["__main__"] = main
    sys.argv[:] = [path]
    sys.path.insert(0, os.getcwd())
    return main


def _aligned(units):
    """The units' sources, each at its own line."""
    pieces, line = [], 1
    for unit in sorted(units, key=lambda unit: unit["line"]):
        pieces.append("\n" * (unit["line"] - line) + unit["source"] + "\n")
        line = unit["line"] + unit["source"].count("\n") + 1
    return "".join(pieces)


class _Lines:
    """The lines of a text as `linecache` keeps them, made when somebody looks at them."""

    def __init__(self, text):
        self._text = text
        self._lines = None

    def _all(self):
        if self._lines is None:
            # Not `splitlines`, which also ends lines where Python does not.
            self._lines = [line + "\n" for line in self._text.split("\n")[:-1]]
        return self._lines

    def __len__(self):
        return len(self._all())

    def __iter__(self):
        return iter(self._all())

    def __getitem__(self, index):
        return self._all()[index]
