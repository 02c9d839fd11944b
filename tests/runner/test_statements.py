"""Units run one after the other; what leaves them is reported at the guide's lines."""

import os
import unittest

from running import run_text, run_units, unit, units


class AfterAnException(unittest.TestCase):
    def test_the_next_statement_still_runs(self):
        ran = run_units(units("a = 1\nb = a / 0\nprint('later', a)\nprint(b)"), names=["a", "b", "c"])
        self.assertEqual(ran.out, "later 1\n")
        self.assertEqual(ran.failure(1)["type"], "ZeroDivisionError")
        self.assertEqual(ran.failure(3)["name"] or "b", "b")
        self.assertIn("'b'", ran.failure(3)["message"])
        self.assertEqual((ran.failure(0), ran.failure(2)), (None, None))
        self.assertEqual(ran.one("done")["names"], ["a"])

    def test_events_come_in_order(self):
        ran = run_units(units("x = 1\nprint(x)"))
        self.assertEqual(
            [event["t"] for event in ran.events],
            ["ready", "unit", "unit_end", "unit", "mark", "unit_end", "done"],
        )
        ends = ran.all("unit_end")
        self.assertEqual([event["o"] for event in ends], [[0, 0], [2, 0]])

    def test_code_that_is_no_python_spoils_only_its_unit(self):
        ran = run_units([unit(5, "x = = 1"), unit(6, "print('fine')")])
        failure = ran.failure(0)
        self.assertEqual((failure["type"], failure["syntax_line"], failure["line"]), ("SyntaxError", 5, None))
        self.assertEqual(ran.out, "fine\n")

    def test_a_syntax_error_in_other_code_has_no_guide_line(self):
        failure = run_text("\ncompile('x = = 1', 'other.py', 'exec')").failure()
        self.assertEqual((failure["syntax_line"], failure["line"]), (None, 2))

    def test_an_exit_stops(self):
        ran = run_units(units("print(1)\nimport sys; sys.exit(3)\nprint(2)"))
        self.assertEqual(ran.out, "1\n")
        self.assertEqual(ran.failure(1)["type"], "SystemExit")
        self.assertEqual([event["i"] for event in ran.all("unit")], [0, 1])
        self.assertTrue(ran.all("done"))

    def test_the_message_of_an_exit_is_printed(self):
        self.assertEqual(run_text("raise SystemExit('no such thing')").err, "no such thing\n")
        self.assertEqual(run_text("raise SystemExit(4)").err, "")


class Failures(unittest.TestCase):
    def test_lines_go_from_the_statement_to_the_place(self):
        ran = run_units(
            [unit(3, "def half(x):\n    return x / 0\n"), unit(8, "y = (\n    half(\n        2))")]
        )
        failure = ran.failure(1)
        self.assertEqual(failure["lines"][-1], 4)
        self.assertIn(failure["line"], (8, 9))
        self.assertEqual(failure["lines"], [failure["line"], 4])

    def test_the_line_inside_a_comprehension_is_the_statements_own(self):
        failure = run_text("x = [\n    1 / n\n    for n in (1, 0)\n]").failure()
        self.assertEqual(failure["line"], 2)

    def test_facts_about_the_class_and_where_it_came_from(self):
        text = (
            "class Mine(KeyError): pass\n"
            "try:\n    open('gone.txt')\nexcept OSError as error:\n    raise Mine('so') from error\n"
        )
        failure = run_text(text).failure()
        self.assertEqual(failure["bases"][:3], ["Mine", "KeyError", "LookupError"])
        self.assertEqual(failure["chain"], ["Mine", "FileNotFoundError"])
        self.assertEqual(failure["message"], "'so'")

    def test_names_and_paths_are_given(self):
        import_failure = run_text("import no_such_module_here").failure()
        self.assertEqual(import_failure["name"], "no_such_module_here")
        self.assertEqual(run_text("open('gone.txt')").failure()["filename"], "gone.txt")
        path = run_text("import os, pathlib\nos.stat(pathlib.Path('gone.txt'))").failure()
        self.assertEqual(path["filename"], "gone.txt")

    def test_a_long_traceback_is_cut_from_the_outside(self):
        failure = run_text("def f():\n    f()\nf()").failure()
        self.assertEqual(failure["type"], "RecursionError")
        self.assertEqual(failure["lines"], [2] * 40)
        self.assertEqual(failure["line"], 3)

    def test_a_printed_traceback_shows_the_guides_lines(self):
        text = "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()"
        ran = run_units([unit(7, text)])
        self.assertIn('File "guide.md", line 9, in <module>\n    1 / 0', ran.err)
        self.assertNotIn("run.py", ran.err)

    def test_lines_stay_right_after_a_form_feed_in_a_text(self):
        text = (
            "import traceback\n"
            "x = '\x0c\x1c\u2028'\n"
            "try:\n    int('no')\n"
            "except ValueError:\n    traceback.print_exc()"
        )
        self.assertIn("line 4, in <module>\n    int('no')", run_text(text).err)


class TheEnd(unittest.TestCase):
    def test_exit_functions_and_threads_finish_before_done(self):
        text = (
            "import atexit, threading, time\n"
            "atexit.register(print, 'last')\n"
            "def work():\n    time.sleep(0.1)\n    print('worked')\n"
            "threading.Thread(target=work).start()\n"
            "print('main')"
        )
        ran = run_text(text)
        self.assertEqual(ran.out, "main\nworked\nlast\n")
        self.assertEqual(ran.events[-1]["t"], "done")
        self.assertEqual(ran.events[-1]["o"][0], len(ran.out))
        self.assertLess(ran.one("unit_end")["o"][0], len(ran.out))

    def test_a_failing_exit_function_is_told_once(self):
        ran = run_text("import atexit\n@atexit.register\ndef bad():\n    raise ValueError('at the end')")
        self.assertEqual(ran.err.count("ValueError: at the end"), 1)
        self.assertTrue(ran.all("done"))

    def test_hostile_hooks_do_not_keep_it_from_the_end(self):
        text = (
            "import sys\n"
            "class Broken:\n    def write(self, text=''): raise SystemExit\n    flush = write\n"
            "sys.excepthook = sys.stdout = sys.stderr = Broken()\n"
            "raise SystemExit('unheard')"
        )
        self.assertTrue(run_text(text).all("done"))

    def test_a_stream_without_flush_is_no_trouble(self):
        self.assertTrue(run_text("import sys\nsys.stdout = None").all("done"))

    def test_a_daemon_thread_does_not_hold_it_up(self):
        text = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
        self.assertTrue(run_text(text).all("done"))

    def test_a_crash_names_the_line(self):
        ran = run_text("import os, signal\n\nos.kill(os.getpid(), signal.SIGSEGV)")
        self.assertTrue(os.WIFSIGNALED(ran.status))
        self.assertIn('  File "guide.md", line 3 in <module>', ran.dumped)
        self.assertEqual(ran.all("done"), [])


if __name__ == "__main__":
    unittest.main()
