"""Looking leaves no trace: expressions of claims, contents of iterators, attributes, states."""

import unittest

from running import probe, run_text


class Evaluating(unittest.TestCase):
    def evaluated(self, text, *codes, line, column=0):
        ran = run_text(text, probe(line, column, evaluate=codes))
        self.assertIsNone(ran.failure())
        return ran, {event["code"]: event for event in ran.all("evaluated")}

    def test_values_and_output_come_apart(self):
        ran, seen = self.evaluated(
            "x = [1]\nprint('own')\nprint(x)", "x.append(2) or x", "print(x, 'theirs')", line=2
        )
        self.assertEqual(seen["x.append(2) or x"]["fact"]["repr"], "[1, 2]")
        self.assertEqual(seen["print(x, 'theirs')"]["out"], "[1] theirs\n")
        self.assertEqual(seen["print(x, 'theirs')"]["fact"]["v"], {"t": "none"})
        self.assertEqual((ran.out, ran.err), ("own\n[1]\n", ""))
        self.assertEqual([mark["l"] for mark in ran.all("mark")], [[2], [3]])

    def test_every_kind_of_output_is_captured(self):
        code = "(os.write(1, b'raw '), os.system('echo shell >&2'), print('py'))"
        ran, seen = self.evaluated("import os\nx = 1", code, line=2)
        self.assertEqual(sorted(seen[code]["out"].split()), ["py", "raw", "shell"])
        self.assertEqual((ran.out, ran.err), ("", ""))

    def test_exceptions(self):
        ran, seen = self.evaluated("d = {}", "d['k']", "exit()", line=1)
        self.assertEqual((seen["d['k']"]["e"]["type"], seen["d['k']"]["fact"]), ("KeyError", None))
        self.assertEqual(seen["exit()"]["e"]["type"], "SystemExit")
        self.assertTrue(ran.all("done"))

    def test_it_stands_where_the_statement_stands(self):
        text = (
            "class A:\n"
            "    size = 2\n"
            "    def f(self, n):\n"
            "        m = n\n"
            "        return m\n"
            "class B(A):\n"
            "    def f(self, n):\n"
            "        k = n + 1\n"
            "        return k\n"
            "B().f(5)"
        )
        _, seen = self.evaluated(text, "super().f(k)", "k + self.size", line=8, column=8)
        self.assertEqual(
            [seen[code]["fact"]["repr"] for code in ("super().f(k)", "k + self.size")], ["6", "8"]
        )
        _, seen = self.evaluated(text, "size + 1", line=2, column=4)
        self.assertEqual(seen["size + 1"]["fact"]["repr"], "3")

    def test_after_a_return_and_after_an_exception(self):
        _, seen = self.evaluated("def f(x):\n    return x\nf(2)", "x + 1", line=2, column=4)
        self.assertEqual(seen["x + 1"]["fact"]["repr"], "3")
        ran = run_text("x = 5\nx / 0", probe(2, evaluate=["x + 1", "x / 0"]))
        first, second = ran.all("evaluated")
        self.assertEqual((first["fact"]["repr"], second["e"]["type"]), ("6", "ZeroDivisionError"))
        self.assertEqual(ran.failure()["type"], "ZeroDivisionError")

    def test_awaiting_where_one_can(self):
        text = (
            "import asyncio\n"
            "async def f(x): return x\n"
            "async def g():\n"
            "    y = 1\n"
            "    return y\n"
            "asyncio.run(g())"
        )
        _, seen = self.evaluated(text, "await f(y) + 1", line=4, column=4)
        self.assertEqual(seen["await f(y) + 1"]["fact"]["repr"], "2")
        ran, seen = self.evaluated(text, "await f(3)", "2 + 3", line=2)
        self.assertEqual(list(seen), ["2 + 3"])

    def test_files_are_where_they_were(self):
        text = "open('f', 'w').write('one\\ntwo\\n')\nfile = open('f')\nprint(file.read())"
        ran, seen = self.evaluated(text, "file.read()", line=2)
        self.assertEqual(seen["file.read()"]["fact"]["repr"], repr("one\ntwo\n"))
        self.assertEqual(ran.out, "one\ntwo\n\n")

    def test_probes_inside_it_do_not_count(self):
        text = "def f():\n    return 5\nx = 1"
        ran = run_text(text, probe(2, 4), probe(3, 0, 1, evaluate=["f()"]))
        self.assertEqual(ran.one("evaluated")["fact"]["repr"], "5")
        self.assertEqual(ran.all("begin", 0) + ran.all("value", 0), [])

    def test_one_that_does_not_end_is_given_up(self):
        text = "import time\nfor n in range(9):\n    x = n\nprint('on')"
        ran = run_text(text, probe(3, 4, evaluate=["time.sleep(600)"]))
        self.assertEqual((ran.all("evaluated"), ran.out), ([], "on\n"))

    def test_snippets_that_wait_for_children_themselves(self):
        for wait in ("signal.SIG_IGN", "lambda *_: os.waitpid(-1, 0)"):
            with self.subTest(wait):
                text = "import os, signal\nsignal.signal(signal.SIGCHLD, {})\nx = 1\n".format(wait)
                ran, seen = self.evaluated(text, "x + 1", line=3)
                self.assertEqual(seen["x + 1"]["fact"]["repr"], "2")

    def test_a_thread_that_prints_meanwhile_breaks_no_event(self):
        text = (
            "import threading, warnings; warnings.simplefilter('always')\n"
            "def work():\n    for n in range(300): print('x')\n"
            "thread = threading.Thread(target=work)\nthread.start()\n"
            "for n in range(20):\n    y = n\n"
            "thread.join()"
        )
        ran, seen = self.evaluated(text, "'z' * 90_000", line=7, column=4)
        self.assertEqual(len(ran.all("evaluated")), 20)
        self.assertEqual((ran.out, ran.err), ("x\n" * 300, ""))


class Contents(unittest.TestCase):
    def contents(self, text, line):
        ran = run_text(text, probe(line))
        self.assertIsNone(ran.failure())
        return ran, [item["v"] for item in ran.one("value")["contents"] or [{"v": None}]]

    def test_items_are_seen_and_stay(self):
        ran, items = self.contents("m = map(abs, [-1, 2])\nprint(list(m))", 1)
        self.assertEqual((items, ran.out), (["1", "2"], "[1, 2]\n"))

    def test_a_generator_prints_only_when_the_snippet_asks(self):
        ran, items = self.contents(
            "def g():\n    print('go')\n    yield 1\nx = g()\nprint('made')\nnext(x)", 4
        )
        self.assertEqual((items, ran.out), (["1"], "made\ngo\n"))

    def test_a_file_behind_it_stays_where_it_is(self):
        text = (
            "import csv\n"
            "open('f', 'w').write('a,b\\n"
            "' * 4000)\n"
            "file = open('f', newline='')\n"
            "rows = csv.reader(file)\n"
            "print(len(list(rows)))"
        )
        ran, items = self.contents(text, 4)
        self.assertEqual((len(items), ran.out), (1000, "4000\n"))

    def test_more_than_a_pipe_holds(self):
        ran, items = self.contents("x = iter(['y' * 200] * 900)", 1)
        self.assertEqual((len(items), set(items)), (900, {"y" * 200}))

    def test_only_iterators_and_views_have_contents(self):
        for text in ("[1]", "open('/dev/null')", "len"):
            with self.subTest(text):
                self.assertIsNone(run_text(text, probe(1)).one("value")["contents"])
        for text in ("range(1)", "{0: 1}.keys()", "{1: 0}.values()"):
            with self.subTest(text):
                self.assertEqual(run_text(text, probe(1)).one("value")["contents"], [{"t": "int", "v": "0"}])

    def test_of_a_very_large_list_only_the_ends_are_written(self):
        shown = run_text("list(range(1000000))", probe(1)).one("value")["repr"]
        self.assertTrue(shown.startswith("[0, 1, 2,") and shown.endswith(", 999998, 999999]"), shown[-50:])
        self.assertLess(len(shown), 10_000)

    def test_one_that_never_ends_or_waits(self):
        _, items = self.contents("import itertools\nx = itertools.count()", 2)
        self.assertEqual(len(items), 1000)
        text = "import queue, time\nx = iter(queue.Queue().get, None)\nprint('on')"
        ran, items = self.contents(text, 2)
        self.assertEqual((items, ran.out), ([None], "on\n"))


class Attributes(unittest.TestCase):
    def test_reading_them_has_no_effect(self):
        text = (
            "import collections\n"
            "class A:\n"
            "    reads = 0\n"
            "    @property\n"
            "    def size(self):\n"
            "        A.reads += 1\n"
            "        print('asked')\n"
            "        return A.reads\n"
            "a, d = A(), collections.defaultdict(list)\n"
            "x = 1\n"
            "print(A.reads, dict(d))"
        )
        ran = run_text(text, probe(10, after=["a.size", "d['k']", "a.none", "nobody"]))
        self.assertEqual(ran.values(), [("assigned", "1"), ("after:a.size", "1"), ("after:d['k']", "[]")])
        self.assertEqual(ran.out, "0 {}\n")

    def test_plain_ones_are_read_every_time(self):
        text = (
            "class A:\n    __slots__ = 's'\n"
            "class B:\n    c = 1\n"
            "a, b = A(), B()\n"
            "a.s = b.d = {'k': [0]}\n"
            "for n in range(300):\n    a.s['k'][0] = n"
        )
        names = ["a.s['k'][0]", "b.d['k']", "b.c", "b.d['none']", "a.none"]
        ran = run_text(text, probe(8, 4, after=names))
        self.assertEqual(ran.values().count(("after:a.s['k'][0]", "299")), 1)
        self.assertEqual(ran.values().count(("after:b.d['k']", "[299]")), 1)
        self.assertEqual(ran.values()[3], ("after:b.c", "1"))
        self.assertEqual(
            {role for role, _ in ran.values()} - {"after:" + name for name in names}, {"assigned"}
        )
        self.assertLess(len([role for role, _ in ran.values() if role == "after:b.c"]), 300)

    def test_private_names_mean_what_they_mean_there(self):
        ran = run_text(
            "class A:\n    def f(self):\n        self.__x = 1\nA().f()", probe(3, 8, after=["self.__x"])
        )
        self.assertEqual(ran.values(), [("assigned", "1"), ("after:self.__x", "1")])

    def test_what_a_repr_prints_is_not_the_snippets(self):
        text = (
            "class A:\n"
            "    def __repr__(self):\n"
            "        print('asked')\n"
            "        return 'A()'\n"
            "a = A()\n"
            "print(a)"
        )
        ran = run_text(text, probe(5, state=True, after=["a"]), probe(4, 8, 1))
        self.assertEqual(ran.values(0), [("assigned", "A()"), ("after:a", "A()")])
        self.assertEqual((ran.out, ran.values(1)), ("asked\nA()\n", [("returned", "'A()'")]))


if __name__ == "__main__":
    unittest.main()
