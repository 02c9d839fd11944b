"""The package as the executable carries it: texts, in an order in which each finds what it imports."""

import marshal
import re
import sys
import unittest
from importlib.util import MAGIC_NUMBER
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "src" / "worker"


def compiled(magic):
    return magic + marshal.dumps({"run": compile("Runner = 'compiled'", "run.py", "exec")})


class Loading(unittest.TestCase):
    def test_the_modules_load_in_the_executables_order(self):
        names = re.findall(
            r'include_str!\("runner/(\w+)\.py"\)\)', (ROOT / "sources.rs").read_text("utf-8")
        )
        sources = [(name, (ROOT / "runner" / (name + ".py")).read_text("utf-8")) for name in names]
        scope = {}
        exec((ROOT / "runner" / "load.py").read_text("utf-8"), scope)
        try:
            runner = scope["load"](sources, b"")
            self.assertEqual((runner.__module__, runner.__name__), ("_verify.run", "Runner"))
            self.assertEqual(runner.run.__code__.co_filename, "<verify run.py>")
            self.assertEqual(scope["load"]([("run", "")], compiled(MAGIC_NUMBER)), "compiled")
            self.assertEqual(scope["load"]([("run", "Runner = 'read'")], compiled(b"another")), "read")
        finally:
            for name in [name for name in sys.modules if name.split(".")[0] == "_verify"]:
                del sys.modules[name]


if __name__ == "__main__":
    unittest.main()
