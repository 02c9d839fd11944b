"""``__main__`` is a module with a file, as for a reader who saved the snippet and ran it."""

import unittest

from running import run_units, unit, units

TWO = [
    unit(3, "class Point:\n    '''A place.'''\n    x = 1"),
    unit(8, "def far(p):\n    # away\n    return p.x"),
]


class MainModule(unittest.TestCase):
    def run_after(self, text):
        return run_units([*TWO, unit(12, text)])

    def test_pickling_a_class_and_an_instance(self):
        ran = self.run_after(
            "from pickle import dumps, loads\nprint(loads(dumps(Point)) is Point, loads(dumps(Point())).x)"
        )
        self.assertEqual(ran.out, "True 1\n")

    def test_sources(self):
        ran = self.run_after(
            "import inspect\nprint(inspect.getsource(far), inspect.getsource(Point), sep='|')"
        )
        self.assertEqual(ran.out, TWO[1]["source"] + "\n|" + TWO[0]["source"] + "\n\n")

    def test_lines_of_sources_are_the_guides(self):
        ran = self.run_after(
            "import inspect\nprint(inspect.getsourcelines(far)[1], inspect.getsourcelines(Point)[1])"
        )
        self.assertEqual(ran.out, "8 3\n")

    def test_dataclasses(self):
        text = (
            "import dataclasses, typing\n"
            "@dataclasses.dataclass\n"
            "class D:\n"
            "    n: int\n"
            "    m: 'typing.ClassVar[int]' = 2\n"
            "print(D(1), typing.get_type_hints(D)['n'])"
        )
        self.assertEqual(self.run_after(text).out, "D(n=1) <class 'int'>\n")

    def test_process_pools(self):
        text = (
            "import concurrent.futures as futures, multiprocessing\n"
            "with futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('fork')) as pool:\n"
            "    print(list(pool.map(far, [Point(), Point()])))"
        )
        ran = self.run_after(text)
        self.assertEqual((ran.out, ran.failure(2)), ("[1, 1]\n", None))
        self.assertEqual(len(ran.all("unit_end")), 3)

    def test_a_new_interpreter_finds_the_snippet(self):
        text = (
            "import multiprocessing\n"
            "if __name__ == '__main__':\n"
            "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
            "        print(pool.map(far, [Point()]))"
        )
        self.assertEqual(self.run_after(text).out, "[1]\n")

    def test_names_of_the_module(self):
        text = (
            "import sys, __main__\n"
            "print(__name__, __main__ is sys.modules['__main__'], __main__.sys is sys)\n"
            "print(sys.argv == [__file__], __annotations__)\n"
            "print(sorted(name for name in dir() if 'verify' in name))"
        )
        ran = run_units(units(text))
        self.assertEqual(ran.out, "__main__ True True\nTrue {}\n[]\n")

    def test_the_file_holds_the_snippet_at_its_lines(self):
        ran = self.run_after("print(open(__file__).read().splitlines()[7])")
        self.assertEqual(ran.out, "def far(p):\n")

    def test_the_runner_leaves_no_mark_on_the_folder(self):
        ran = self.run_after("import os, sys\nprint(os.listdir('.'), sys.path[0] == os.getcwd())")
        self.assertEqual(ran.out, "[] True\n")


if __name__ == "__main__":
    unittest.main()
