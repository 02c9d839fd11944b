"""Output with the guide lines that caused it, in the order in which it was written."""

import unittest

from running import run_text, run_units, unit, units

LIMIT = 1 << 20


class Lines(unittest.TestCase):
    def test_a_plain_print(self):
        ran = run_units(units("print('a')\n\nprint('b')"))
        self.assertEqual((ran.lines_of("a"), ran.lines_of("b")), ([1], [3]))

    def test_nested_calls_innermost_first(self):
        ran = run_units(
            [unit(4, "def inner():\n    print('x')\ndef outer():\n    inner()"), unit(10, "outer()")]
        )
        self.assertEqual(ran.lines_of("x"), [5, 7, 10])

    def test_each_line_of_a_statement_over_several(self):
        ran = run_text("def f(): print('x'); return 1\ny = [\n    f(),\n    2,\n]")
        self.assertEqual(ran.lines_of("x"), [1, 3])

    def test_comprehensions(self):
        ran = run_text("[\n    print(n)\n    for n in (1, 2)\n]")
        self.assertEqual(set(ran.lines_of("1")) - {1}, {2})
        self.assertEqual(ran.out, "1\n2\n")

    def test_threads(self):
        text = (
            "import threading\n"
            "def work(n):\n"
            "    for _ in range(50):\n"
            "        print('one') if n else print('two')\n"
            "threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]\n"
            "for thread in threads: thread.start()\n"
            "for thread in threads: thread.join()\n"
            "print('joined')"
        )
        ran = run_text(text)
        self.assertEqual(ran.lines_of("one"), [4])
        self.assertEqual(ran.lines_of("joined"), [8])
        self.assertEqual((ran.out.count("one"), ran.out.count("two")), (50, 50))

    def test_threads_on_different_lines_keep_them_apart(self):
        text = (
            "import threading\n"
            "def a():\n    for n in range(200): print('a')\n"
            "def b():\n    for n in range(200): print('b')\n"
            "threads = [threading.Thread(target=f) for f in (a, b)]\n"
            "for thread in threads: thread.start()"
        )
        ran = run_text(text)
        wanted = {"a": [3], "b": [5]}
        for place, letter in enumerate(ran.out):
            if letter in wanted:
                marks = [mark for mark in ran.all("mark") if mark["o"][0] <= place]
                self.assertEqual(marks[-1]["l"], wanted[letter])

    def test_logging_and_warnings(self):
        text = "import logging, warnings\nlogging.warning('careful')\nwarnings.warn('well')\n"
        ran = run_text(text)
        self.assertEqual(ran.lines_of("careful", 1), [2])
        self.assertEqual(ran.lines_of("well", 1), [3])
        self.assertIn("guide.md:3: UserWarning: well", ran.err)

    def test_a_deep_stack_keeps_both_ends(self):
        ran = run_text("def f(n):\n    if n:\n        f(n - 1)\n    else:\n        print('x')\nf(100)")
        lines = ran.lines_of("x")
        self.assertEqual((len(lines), lines[0], lines[-1]), (40, 5, 6))

    def test_a_mark_only_where_the_lines_change(self):
        ran = run_text("for n in range(100): print(n)\nprint('x')")
        self.assertEqual(len(ran.all("mark")), 2)


class Order(unittest.TestCase):
    def test_raw_writes_keep_their_place(self):
        text = (
            "import os, subprocess, sys\n"
            "print('1 print')\n"
            "os.write(1, b'2 raw\\n')\n"
            "os.system('echo 3 shell')\n"
            "print('4 print', end='\\n')\n"
            "subprocess.run(['echo', '5 program'])\n"
            "sys.stdout.buffer.write(b'6 buffer\\n')\n"
            "sys.__stdout__.write('7 write\\n')\n"
            "sys.stdout.writelines(['8 lines\\n'])\n"
            "open(1, 'w', closefd=False).write('9 file\\n')"
        )
        ran = run_text(text)
        self.assertEqual([line[0] for line in ran.out.splitlines()], list("123456789"))
        self.assertEqual(ran.lines_of("4 print"), [5])
        self.assertEqual(ran.lines_of("7 write"), [8])

    def test_streams_are_apart_and_measured_at_each_unit(self):
        ran = run_units(units("import sys\nprint('é')\nprint('oh', file=sys.stderr)"))
        self.assertEqual((ran.out, ran.err), ("é\n", "oh\n"))
        self.assertEqual([event["o"] for event in ran.all("unit_end")], [[0, 0], [3, 0], [3, 3]])

    def test_nothing_is_lost_in_a_crash(self):
        ran = run_text("import os\nprint('before', end='')\nos._exit(5)")
        self.assertEqual((ran.out, ran.all("unit_end")), ("before", []))

    def test_standard_output_looks_as_usual(self):
        ran = run_text(
            "import sys\nprint(sys.stdout.name, sys.stderr.name, sys.stdout.fileno(), sys.stdout.encoding)"
        )
        self.assertEqual(ran.out, "<stdout> <stderr> 1 utf-8\n")


class Limit(unittest.TestCase):
    def test_writing_stops_a_little_beyond(self):
        ran = run_text("for n in range(3000): print('x' * 999)\nprint('end')")
        self.assertGreater(len(ran.out), LIMIT)
        self.assertLess(len(ran.out), LIMIT + 2000)
        self.assertNotIn("end", ran.out)
        self.assertIsNone(ran.failure())

    def test_the_other_stream_is_still_heard(self):
        ran = run_text("import sys\nprint('x' * 2 ** 20)\nprint('y')\nprint('here', file=sys.stderr)")
        self.assertEqual(ran.err, "here\n")


class Forks(unittest.TestCase):
    def test_a_fork_that_goes_on_sends_no_event_twice(self):
        text = (
            "import os\n"
            "child = os.fork()\n"
            "if child: os.waitpid(child, 0)\n"
            "print('child' if not child else 'run')"
        )
        ran = run_units(units(text))
        self.assertEqual(ran.out, "child\nrun\n")
        for kind in ("unit", "unit_end"):
            self.assertEqual([event["i"] for event in ran.all(kind)], [0, 1, 2, 3])
        self.assertEqual(len(ran.all("done")), 1)
        self.assertEqual((ran.lines_of("child"), ran.lines_of("run")), ([4], [4]))

    def test_the_lines_of_forks_do_not_stick_to_the_run(self):
        text = (
            "import os\n"
            "def say(what): print(what)\n"
            "for n in range(2):\n"
            "    print('run', n)\n"
            "    if not os.fork(): say('child %d' % n); os._exit(0)\n"
            "    os.wait()\n"
        )
        ran = run_text(text)
        self.assertEqual(ran.lines_of("child 1"), [2, 5])
        self.assertEqual(ran.lines_of("run 1"), [4])

    def test_exits_of_forks_have_their_code(self):
        text = (
            "import os, sys\n"
            "child = os.fork()\n"
            "if not child: {}\n"
            "print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))"
        )
        self.assertEqual(run_units(units(text.format("sys.exit(7)"))).out, "7\n")
        failed = run_units(units(text.format("1 / 0")))
        self.assertEqual(failed.out, "1\n")
        self.assertIn("ZeroDivisionError", failed.err)
        self.assertNotIn("run.py", failed.err)


if __name__ == "__main__":
    unittest.main()
