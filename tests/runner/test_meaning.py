"""A probe changes nothing but what is sent."""

import unittest

from running import probe, run_text


class Meaning(unittest.TestCase):
    def test_docstrings_stay(self):
        ran = run_text("def f():\n    'About f.'\n    return 1\nprint(f.__doc__, f())", probe(2, 4))
        self.assertEqual((ran.out, ran.values()), ("About f. 1\n", [("value", "'About f.'")]))

    def test_tracebacks_are_the_same(self):
        text = (
            "import traceback\n"
            "def f():\n"
            "    x = (\n"
            "        1 / 0)\n"
            "try:\n"
            "    f()\n"
            "except ZeroDivisionError:\n"
            "    traceback.print_exc()"
        )
        plain = run_text(text).err
        self.assertIn("line 4, in f", plain)
        self.assertEqual(run_text(text, probe(3, 4, state=True, evaluate=["x"]), probe(6, 4, 1)).err, plain)

    def test_a_reraised_exception_is_the_same(self):
        text = (
            "try:\n"
            "    try:\n"
            "        1 / 0\n"
            "    except ZeroDivisionError:\n"
            "        raise\n"
            "except ArithmeticError as e:\n"
            "    print(type(e), e.__context__)"
        )
        ran = run_text(text, probe(5, 8), probe(3, 8, 1))
        self.assertEqual(ran.out, "<class 'ZeroDivisionError'> None\n")
        self.assertEqual([event["p"] for event in ran.all("caught")], [1, 0])

    def test_other_meanings_of_exception(self):
        text = (
            "class Exception: pass\n"
            "BaseException = None\n"
            "try:\n"
            "    int('x')\n"
            "except ValueError:\n"
            "    print('caught')"
        )
        self.assertEqual(
            run_text(text, probe(4, 4, after=["nowhere", "a.b"], evaluate=["int('y')"])).out, "caught\n"
        )

    def test_leaving_loops_and_functions(self):
        text = (
            "def f():\n"
            "    for n in range(9):\n"
            "        if n == 1:\n"
            "            continue\n"
            "        if n == 3:\n"
            "            break\n"
            "        print(n)\n"
            "    return 'end'\n"
            "print(f())"
        )
        ran = run_text(
            text, *(probe(line, column, line) for line, column in ((2, 4), (4, 12), (6, 12), (7, 8), (8, 4)))
        )
        self.assertEqual(ran.out, "0\n2\nend\n")

    def test_locals_are_the_same(self):
        text = (
            "def f(a):\n"
            "    b = a\n"
            "    return sorted(locals())\n"
            "print(f(1), f.__code__.co_freevars, f.__code__.co_cellvars)"
        )
        ran = run_text(
            text, probe(2, 4, after=["b"], evaluate=["a == b", "(c := a)", "(yield)", "await a"], state=True)
        )
        self.assertEqual(ran.out, "['a', 'b'] () ()\n")
        self.assertEqual([event["code"] for event in ran.all("evaluated")], ["a == b"])

    def test_what_cannot_be_compiled_is_left_out(self):
        ran = run_text("x = 1", probe(1, after=["x x"], evaluate=["x ==", ""]))
        self.assertEqual((ran.failure(), ran.values(), ran.all("evaluated")), (None, [("assigned", "1")], []))

    def test_a_statement_runs_even_if_its_probe_cannot(self):
        nested = "".join("  " * depth + "for _ in 'x':\n" for depth in range(19))
        ran = run_text(nested + "  " * 19 + "print('deep')", *(probe(n + 1, 2 * n, n) for n in range(20)))
        self.assertEqual((ran.failure(), ran.out), (None, "deep\n"))
        self.assertEqual(len(ran.all("unprobed")), 20)

    def test_a_loop_is_not_followed_for_ever(self):
        ran = run_text("for n in range(5000):\n    x = n\nprint('end')", probe(2, 4), probe(3, 0, 1))
        self.assertGreater(len(ran.values(0)), 500)
        self.assertLessEqual(len(ran.values(0)), 2000)
        self.assertEqual(len(ran.all("begin", 0)), len(ran.all("close", 0)))
        self.assertEqual(len(ran.all("begin", 0)), len(ran.values(0)))
        self.assertEqual((ran.values(1), ran.out), ([("value", "None")], "end\n"))

    def test_large_values_in_a_loop_stay_in_bounds(self):
        ran = run_text("x = []\nfor n in range(1500):\n    x = x + ['y' * 60]", probe(3, 4, after=["x"]))
        self.assertLess(sum(len(event["repr"]) for event in ran.all("value")), 32 << 20)
        self.assertTrue(ran.all("done"))


if __name__ == "__main__":
    unittest.main()
