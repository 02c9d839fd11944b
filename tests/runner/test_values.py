"""Probes give the values of the places that they stand on, with the right roles."""

import sys
import unittest

from running import probe, run_text, run_units, unit


class Statements(unittest.TestCase):
    def expect(self, text, watched, *values):
        ran = run_text(text, watched)
        self.assertIsNone(ran.failure())
        self.assertEqual(ran.values(), list(values))
        self.assertEqual(len(ran.all("begin")), len(ran.all("close")))
        self.assertEqual(ran.all("unprobed"), [])
        return ran

    def test_expression(self):
        self.expect("len('abc')", probe(1), ("value", "3"))

    def test_assignment(self):
        self.expect(
            "a = b = [1, 2]",
            probe(1, after=["a", "b"]),
            ("assigned", "[1, 2]"),
            ("after:a", "[1, 2]"),
            ("after:b", "[1, 2]"),
        )

    def test_tuple_assignment(self):
        self.expect(
            "a, *b = 1, 2, 3",
            probe(1, after=["a", "b"]),
            ("assigned", "(1, 2, 3)"),
            ("after:a", "1"),
            ("after:b", "[2, 3]"),
        )

    def test_annotated_assignment(self):
        self.expect("a: int = 5", probe(1), ("assigned", "5"))
        self.expect("a: int", probe(1, after=["a"]))

    def test_augmented_assignment(self):
        self.expect("a = [1]\na += [2]", probe(2, after=["a"]), ("after:a", "[1, 2]"))
        self.expect("a = {'k': 1}\na['k'] += 2", probe(2, after=["a['k']"]), ("after:a['k']", "3"))

    def test_named_expression(self):
        self.expect("(n := 5)", probe(1, after=["n"]), ("value", "5"), ("after:n", "5"))

    def test_return(self):
        self.expect(
            "def f(x):\n    return x * 2\nf(2), f('a')", probe(2, 4), ("returned", "4"), ("returned", "'aa'")
        )
        self.expect("def f():\n    return\nf()", probe(2, 4))

    def test_yield(self):
        text = "def f():\n    got = yield 1\n    yield got\ng = f()\nnext(g), g.send(5), next(g, 0)"
        self.expect(text, probe(3, 4), ("yielded", "5"))
        ran = run_text(text, probe(2, 4, after=["got"]))
        self.assertEqual(ran.values(), [("yielded", "1"), ("after:got", "5")])

    def test_yield_without_a_value_and_yield_from(self):
        self.expect(
            "def f():\n    got = yield\ng = f()\nnext(g); g.send(5) if 0 else next(g, 0)",
            probe(2, 4),
            ("assigned", "None"),
        )
        self.expect(
            "def f():\n    x = yield from g()\ndef g():\n    yield 1\n    return 7\nlist(f())",
            probe(2, 4),
            ("assigned", "7"),
        )

    def test_tests(self):
        self.expect("if [] or 'x': pass", probe(1), ("test", "'x'"))
        self.expect("n = 2\nwhile n: n -= 1", probe(2), ("test", "2"), ("test", "1"), ("test", "0"))
        self.expect("assert 1 < 2, 'no'", probe(1), ("test", "True"))

    def test_a_test_that_fails(self):
        ran = run_text("assert 1 > 2, 'no'", probe(1))
        self.assertEqual(ran.values(), [("test", "False")])
        self.assertEqual(ran.one("caught")["e"]["message"], "no")
        self.assertEqual(ran.failure()["type"], "AssertionError")

    def test_for_items(self):
        self.expect("for x in 'ab': pass", probe(1), ("item", "'a'"), ("item", "'b'"))
        self.expect(
            "for k, (v, *_) in {'a': 'bcd'}.items(): pass", probe(1), ("item", "('a', ('b', 'c', 'd'))")
        )
        self.expect("d = {}\nfor d['k'] in 'a': pass", probe(2))

    def test_awaiting(self):
        text = (
            "import asyncio\n"
            "async def f():\n"
            "    x = await asyncio.sleep(0, 'w')\n"
            "    return await asyncio.sleep(0, x * 2)\n"
            "asyncio.run(f())"
        )
        self.expect(text, probe(3, 4), ("assigned", "'w'"))
        self.expect(text, probe(4, 4), ("returned", "'ww'"))

    def test_async_for_and_with(self):
        text = (
            "import asyncio, contextlib\n"
            "async def count():\n    yield 1\n    yield 2\n"
            "@contextlib.asynccontextmanager\nasync def held():\n    yield 'h'\n"
            "async def f():\n"
            "    async for n in count(): pass\n"
            "    async with held() as h: h * 2\n"
            "asyncio.run(f())"
        )
        self.expect(text, probe(9, 4), ("item", "1"), ("item", "2"))
        self.expect(text, probe(10, 28), ("value", "'hh'"))

    def test_statements_without_a_value(self):
        for text in (
            "import os",
            "def f(): pass",
            "class A: pass",
            "del []",
            "global x",
            "with open('/dev/null'): pass",
            "try: pass\nfinally: pass",
        ):
            with self.subTest(text):
                ran = self.expect(text, probe(1))
                self.assertEqual(len(ran.all("begin")), 1)

    @unittest.skipIf(sys.version_info < (3, 10), "match is of Python 3.10")
    def test_in_a_case(self):
        self.expect("match (1, 2):\n    case (a, b):\n        c = a + b", probe(3, 8), ("assigned", "3"))


class Places(unittest.TestCase):
    def test_in_loops_classes_and_functions(self):
        text = (
            "class A:\n"
            "    size = 3\n"
            "    def f(self):\n"
            "        for n in range(2):\n"
            "            x = n * self.size\n"
            "A().f()"
        )
        ran = run_text(text, probe(2, 4, 0), probe(5, 12, 1, after=["x", "self.size"]))
        self.assertEqual(ran.values(0), [("assigned", "3")])
        self.assertEqual([value for role, value in ran.values(1) if role == "assigned"], ["0", "3"])
        self.assertEqual([value for role, value in ran.values(1) if role == "after:self.size"], ["3", "3"])
        self.assertEqual(len(ran.all("close", 1)), 2)

    def test_statements_on_one_line_are_told_apart_by_bytes(self):
        ran = run_text("é = 1; x = 2; y = 3", probe(1, 8), probe(1, 15, 1))
        self.assertEqual((ran.values(0), ran.values(1)), ([("assigned", "2")], [("assigned", "3")]))

    def test_a_unit_further_down(self):
        ran = run_units([unit(40, "def f():\n    x = 1\n    return x\nf()", [probe(42, 4)])])
        self.assertEqual(ran.values(), [("returned", "1")])

    def test_decorated_definitions_by_their_keyword(self):
        ran = run_text("@staticmethod\ndef f(): pass", probe(2))
        self.assertEqual(len(ran.all("close")), 1)

    def test_parts_of_an_expression(self):
        text = "x = [\n    1 + 1,\n    len('abc'),\n]\nprint(*x, sep='-')"
        first, second = probe(2, 4, 0, end=(2, 9)), probe(3, 4, 1, end=(3, 14))
        ran = run_text(text, first, second, probe(5, 6, 2, end=(5, 8)))
        self.assertEqual((ran.values(0), ran.values(1)), ([("value", "2")], [("value", "3")]))
        self.assertEqual((ran.values(2), ran.out), ([("value", "[2, 3]")], "2-3\n"))

    def test_several_probes_on_one_place(self):
        part, again = probe(1, 4, 0, end=(1, 9)), probe(1, 4, 1, end=(1, 9))
        ran = run_text("x = 1 + 1", part, again, probe(1, 0, 2), probe(1, 0, 3))
        self.assertEqual(
            [ran.values(n) for n in range(4)], [[("value", "2")]] * 2 + [[("assigned", "2")]] * 2
        )

    def test_a_place_that_is_none_is_told(self):
        ran = run_text("x = 1", probe(1, 2), probe(1, 0, 1, end=(1, 1)), probe(9, 0, 2))
        self.assertEqual(sorted(event["p"] for event in ran.all("unprobed")), [0, 1, 2])
        self.assertIsNone(ran.failure())

    def test_a_binding_is_not_wrapped(self):
        ran = run_text("x = [n for n in 'a']\ndel x", probe(1, 0, 0, end=(1, 1)), probe(2, 4, 1, end=(2, 5)))
        self.assertEqual((ran.failure(), ran.values(0)), (None, []))

    def test_recursion_closes_what_it_opens(self):
        ran = run_text("def f(n):\n    return n and n * f(n - 1) or 1\nf(3)", probe(2, 4))
        self.assertEqual([event["t"] for event in ran.events if event.get("p") == 0][:4], ["begin"] * 4)
        self.assertEqual([value for _, value in ran.values()], ["1", "1", "2", "6"])

    def test_the_output_of_each_execution_lies_between(self):
        ran = run_text("for n in 'ab':\n    print(n)", probe(2, 4))
        spans = [(begin["o"][0], close["o"][0]) for begin, close in zip(ran.all("begin"), ran.all("close"))]
        self.assertEqual(spans, [(0, 2), (2, 4)])


if __name__ == "__main__":
    unittest.main()
