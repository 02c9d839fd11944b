"""Lines are the guide's, however far down a statement stands."""

import unittest

from running import probe, run_units, unit

FAR = 7000


class Lines(unittest.TestCase):
    def run_far(self, text, *probes, **more):
        return run_units([unit(FAR, text, probes, **more)])

    def test_tracebacks_name_them(self):
        text = "class A:\n    def f(self):\n        return (\n            1 / 0)\nA().f()"
        for probes in ((), (probe(FAR + 4),)):
            with self.subTest(probes):
                self.assertEqual(self.run_far(text, *probes).failure()["lines"], [FAR + 4, FAR + 3])

    def test_what_is_not_python_has_its_line(self):
        for interactive in (False, True):
            with self.subTest(interactive):
                failure = self.run_far("x = 1\nif True:\n    y = = 2", interactive=interactive).failure()
                self.assertEqual((failure["type"], failure["syntax_line"]), ("SyntaxError", FAR + 2))

    def test_what_the_compiler_warns_of_has_its_line(self):
        for probes in ((), (probe(FAR),)):
            with self.subTest(probes):
                ran = self.run_far("x = ()\nassert (x, 'always')", *probes)
                self.assertIn("guide.md:{}: SyntaxWarning".format(FAR + 1), ran.err)

    def test_a_source_is_found(self):
        ran = self.run_far("import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f), end='')")
        self.assertEqual(ran.out, "def f():\n    return 1\n")

    def test_future_imports_last(self):
        job = [unit(FAR, "from __future__ import annotations"), unit(FAR + 2, "x: unknown = 1\nprint(x)")]
        ran = run_units(job)
        self.assertEqual((ran.out, ran.failure(1)), ("1\n", None))


if __name__ == "__main__":
    unittest.main()
