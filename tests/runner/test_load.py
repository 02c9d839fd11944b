"""The package as the executable carries it: texts, in an order in which each finds what it imports."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "src" / "worker"


class Loading(unittest.TestCase):
    def test_the_modules_load_in_the_executables_order(self):
        names = re.findall(
            r'include_str!\("runner/(\w+)\.py"\)\)', (ROOT / "interpreter.rs").read_text("utf-8")
        )
        sources = [(name, (ROOT / "runner" / (name + ".py")).read_text("utf-8")) for name in names]
        scope = {}
        exec((ROOT / "runner" / "load.py").read_text("utf-8"), scope)
        try:
            run = scope["load"](sources)
            self.assertEqual((run.__module__, run.__name__), ("_verify.run", "run"))
            self.assertEqual(run.__code__.co_filename, "<verify run.py>")
        finally:
            for name in [name for name in sys.modules if name.split(".")[0] == "_verify"]:
                del sys.modules[name]


if __name__ == "__main__":
    unittest.main()
