"""What lasts from unit to unit, and what a prompt does: futures, awaiting, showing values."""

import unittest

from running import probe, run_text, run_units, unit, units


class Futures(unittest.TestCase):
    def test_an_import_from_the_future_lasts(self):
        ran = run_units(
            units("from __future__ import annotations\ndef f(x: Nowhere): pass\nprint(f.__annotations__)")
        )
        self.assertEqual(ran.out, "{'x': 'Nowhere'}\n")

    def test_it_lasts_where_units_are_probed(self):
        ran = run_units(
            [
                unit(1, "from __future__ import annotations", [probe(1)]),
                unit(2, "def f(x: Nowhere): pass", [probe(2, number=1)]),
                unit(3, "print(f.__annotations__)"),
            ]
        )
        self.assertEqual([ran.failure(index) for index in range(3)], [None] * 3)
        self.assertEqual(ran.out, "{'x': 'Nowhere'}\n")
        self.assertEqual(len(ran.all("close", 0)), 1)

    def test_without_it_annotations_are_evaluated(self):
        ran = run_units(units("def f(x: Nowhere): pass\nprint(1 / 2)"))
        self.assertEqual(ran.failure(0)["type"], "NameError")
        self.assertEqual(ran.out, "0.5\n")


class Awaiting(unittest.TestCase):
    def test_top_level_await(self):
        text = (
            "import asyncio\n"
            "async def double(x): await asyncio.sleep(0); return 2 * x\n"
            "y = await double(4)\n"
            "print(y, [await double(n) for n in (1, 2)])\n"
            "await double(None)\n"
            "print('on')"
        )
        ran = run_units(units(text), names=["y"])
        self.assertEqual(ran.out, "8 [2, 4]\non\n")
        failure = ran.failure(4)
        self.assertEqual((failure["type"], failure["line"], failure["lines"]), ("TypeError", 5, [5, 2]))
        self.assertEqual(ran.one("done")["names"], ["y"])

    def test_one_loop_serves_all_units(self):
        text = (
            "import asyncio\n"
            "async def later(): await asyncio.sleep(0.01); return 'came'\n"
            "task = asyncio.create_task(later())\n"
            "print(await task)\n"
        )
        ran = run_units(units(text))
        self.assertEqual((ran.failure(2), ran.out), (None, "came\n"))

    def test_without_an_await_there_is_no_running_loop(self):
        text = "import asyncio\nasync def f(): return 5\nprint(asyncio.run(f()))\nasyncio.get_running_loop()"
        ran = run_units(units(text))
        self.assertEqual((ran.out, ran.failure(3)["type"]), ("5\n", "RuntimeError"))

    def test_a_closed_loop_is_replaced(self):
        text = (
            "import asyncio\n"
            "await asyncio.sleep(0)\n"
            "asyncio.get_event_loop_policy().get_event_loop().close()\n"
            "print(await asyncio.sleep(0, 'again'))\n"
        )
        self.assertEqual(run_units(units(text)).out, "again\n")


class Prompts(unittest.TestCase):
    def test_expressions_show_their_value(self):
        ran = run_units(
            [
                unit(line, text, interactive=True)
                for line, text in enumerate(["1 + 1", "None", "x = 5", "x; 'a'"], 1)
            ]
        )
        self.assertEqual(ran.out, "2\n5\n'a'\n")
        self.assertEqual(ran.lines_of("'a'"), [4])

    def test_the_last_value_has_its_name(self):
        ran = run_units([unit(1, "6 * 7", interactive=True), unit(2, "_ + 1", interactive=True)])
        self.assertEqual(ran.out, "42\n43\n")

    def test_in_a_block_too(self):
        ran = run_text("for x in 'ab':\n    x")
        self.assertEqual(ran.out, "")
        ran = run_units([unit(1, "for x in 'ab':\n    x", interactive=True)])
        self.assertEqual(ran.out, "'a'\n'b'\n")

    def test_a_probe_shows_nothing_of_its_own(self):
        watched = probe(1, after=["x", "x.real"], evaluate=["x + 1"], state=True)
        ran = run_units([unit(1, "x = 5", [watched], True), unit(2, "x", [probe(2, number=1)], True)])
        self.assertEqual(ran.out, "5\n")
        self.assertEqual(ran.values(0), [("assigned", "5"), ("after:x", "5"), ("after:x.real", "5")])
        self.assertEqual(ran.values(1), [("value", "5")])
        loop = run_units([unit(1, "for x in 'ab':\n    y = x", [probe(1)], True)])
        self.assertEqual((loop.out, loop.values()), ("", [("item", "'a'"), ("item", "'b'")]))

    def test_awaited_values_are_shown(self):
        ran = run_units(
            [unit(1, "import asyncio"), unit(2, "await asyncio.sleep(0, 'waited')", interactive=True)]
        )
        self.assertEqual(ran.out, "'waited'\n")


if __name__ == "__main__":
    unittest.main()
