"""What a run tells of packages that cannot be imported, and where it looks for them."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from running import run_text

WORKER = Path(__file__).resolve().parents[2] / "src" / "worker"


class Imports(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.join(tempfile.mkdtemp(), "site-packages")
        self.addCleanup(shutil.rmtree, os.path.dirname(self.folder))
        files = {
            "top/__init__.py": "from . import inner\n",
            "top/inner.py": "int + 'x'\n",
            "lacks.py": "try:\n    import nothing_here\nexcept ImportError:\n    raise RuntimeError('nothing_here')\n",
            "works.py": "def use():\n    raise TypeError('used')\n",
        }
        for name, text in files.items():
            path = Path(self.folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def failure(self, text):
        return run_text("import sys; sys.path.append({!r}); {}".format(self.folder, text)).failure()

    def test_the_files_that_were_being_imported_are_told_outermost_first(self):
        found = self.failure("import top")["importing"]
        self.assertEqual(found, [os.path.join(self.folder, "top", name) for name in ("__init__.py", "inner.py")])

    def test_what_fails_when_it_is_used_was_imported(self):
        self.assertEqual(self.failure("import works; works.use()")["importing"], [])

    def test_a_module_that_another_exception_is_about_is_told(self):
        failure = self.failure("import lacks")
        self.assertEqual((failure["type"], failure["lacking"]), ("RuntimeError", "nothing_here"))
        self.assertIsNone(self.failure("import nothing_here")["lacking"])


class Site(unittest.TestCase):
    """In an environment whose packages bring code along that runs at the start."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", cls.folder], check=True)
        (packages,) = Path(cls.folder, "lib").glob("python*/site-packages")
        (packages / "start.pth").write_text("import sys; sys.started = True\n")
        (packages / "sitecustomize.py").write_text("import sys; sys.customized = True\n")

    def ask(self, whose, question):
        """What an interpreter that was started without packages says once it has looked for them."""
        program = (
            "import sys; sys.path.insert(0, {!r}); from runner import program; steps = program.find_packages({!r}); print({})"
        ).format(str(WORKER), whose, question)
        python = os.path.join(self.folder, "bin", "python")
        return subprocess.run([python, "-I", "-S", "-c", program], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    STARTED = "hasattr(sys, 'started'), hasattr(sys, 'customized')"

    def test_to_look_for_packages_runs_none_of_their_code(self):
        self.assertEqual(self.ask("environment", self.STARTED), "False False")
        self.assertEqual(self.ask("environment", "sys.prefix"), self.folder)
        self.assertIn("site-packages", self.ask("environment", "sys.path"))

    def test_each_run_does(self):
        self.assertEqual(self.ask("environment", "[step() for step in steps] and (" + self.STARTED + ")"), "(True, True)")

    def test_an_empty_one_has_none(self):
        self.assertEqual(self.ask("empty", "len(steps), exit"), "0 Use exit() or Ctrl-D (i.e. EOF) to exit")
        self.assertNotIn("site-packages", self.ask("empty", "sys.path"))


if __name__ == "__main__":
    unittest.main()
