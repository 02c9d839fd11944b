"""What a run is supplied with is there before its first statement."""

import base64
import unittest

from running import run_units, unit, units


def text(path, content, executable=False):
    return {"path": path, "text": content, "executable": executable}


class Supply(unittest.TestCase):
    def printed(self, source, **given):
        ran = run_units([unit(1, source)], **given)
        self.assertIsNone(ran.failure(), ran.err)
        return ran.out

    def test_files_of_all_kinds(self):
        data = {"path": "deep/down/data", "base64": base64.b64encode(b"\0\xff").decode(), "executable": False}
        source = (
            "import os, subprocess\n"
            "print(open('a.txt', encoding='utf-8').read(), open('deep/down/data', 'rb').read())\n"
            "print(subprocess.check_output(['./run.sh']).decode(), os.access('a.txt', os.X_OK))"
        )
        script = text("run.sh", "#!/bin/sh\necho ran\n", True)
        out = self.printed(source, files=[text("a.txt", "é\r\n"), data, script])
        self.assertEqual(out, "é\n b'\\x00\\xff'\nran\n False\n")

    def test_what_is_typed_comes_to_whoever_reads(self):
        source = (
            "import subprocess, sys\n"
            "print(repr(input('Name? ')), repr(next(sys.stdin)), repr(sys.stdin.read()))\n"
            "try:\n"
            "    input()\n"
            "except EOFError:\n"
            "    print('end', sys.stdin.isatty())"
        )
        self.assertEqual(self.printed(source, stdin="Ada\né\nlast"), "Name? 'Ada' 'é\\n' 'last'\nend False\n")
        source = "import subprocess; print(subprocess.check_output(['cat']))"
        self.assertEqual(self.printed(source, stdin="to a child"), "b'to a child'\n")

    def test_variables_count_for_the_run_and_its_children(self):
        source = (
            "import os, subprocess, time\n"
            "print(os.environ['MODE'], time.tzname[0], subprocess.check_output('echo $MODE', shell=True))"
        )
        out = self.printed(source, env={"MODE": "test", "TZ": "XYZ-3"})
        self.assertEqual(out, "test XYZ b'test\\n'\n")

    def test_a_database(self):
        sql = "CREATE TABLE t (x);\nINSERT INTO t VALUES (1), ('é');"
        source = "import sqlite3; print(sqlite3.connect('sub/a.db').execute('SELECT * FROM t').fetchall())"
        made = {"path": "sub/a.db", "sql": sql, "place": "verify.toml:3"}
        self.assertEqual(self.printed(source, sqlite=[made]), "[(1,), ('é',)]\n")


class Setup(unittest.TestCase):
    def run_after(self, *setups, source="print(x)", **given):
        setups = [{"code": code, "place": "verify.toml:{}".format(n)} for n, code in enumerate(setups, 7)]
        return run_units(units(source), setup=setups, **given)

    def test_it_runs_first_and_in_the_same_namespace(self):
        ran = self.run_after("x = 1\ndef f():\n    return x", "x += 1", source="x += 1\nprint(x, f())\n")
        self.assertEqual(ran.out, "3 3\n")
        self.assertEqual([event["e"] for event in ran.all("setup_end")], [None, None])

    def test_its_output_comes_before_the_first_unit(self):
        ran = self.run_after("print('early'); x = 1")
        start = ran.all("unit")[0]["o"][0]
        self.assertEqual((ran.out[:start], ran.out[start:]), ("early\n", "1\n"))

    def test_it_may_await_and_shows_its_source(self):
        ran = self.run_after(
            "import asyncio, inspect\nawait asyncio.sleep(0)\ndef f():\n    return 1\nx = inspect.getsource(f)"
        )
        self.assertEqual(ran.out, "def f():\n    return 1\n\n")

    def test_one_that_fails_names_its_line_and_nothing_else_runs(self):
        for code, line, kind in [
            ("\nx = 1\nx / 0", 3, "ZeroDivisionError"),
            ("x = 1\nif", 2, "SyntaxError"),
            ("def f():\n    g()\nf()", 2, "NameError"),
            ("raise SystemExit(3)", 1, "SystemExit"),
        ]:
            ran = self.run_after("x = 0", code)
            end = ran.all("setup_end")[-1]
            self.assertEqual((end["line"], end["e"]["type"]), (line, kind))
            self.assertEqual((ran.all("unit"), ran.out, len(ran.all("done"))), ([], "", 1))

    def test_sql_that_fails_names_its_database(self):
        made = {"path": "a.db", "sql": "CREATE TABL t", "place": "verify.toml:3"}
        ran = run_units(units("print(1)"), sqlite=[made])
        self.assertEqual((ran.one("setup")["database"], ran.one("setup")["place"]), ("a.db", "verify.toml:3"))
        self.assertIn("syntax error", ran.one("setup_end")["e"]["message"])
        self.assertEqual(ran.out, "")


if __name__ == "__main__":
    unittest.main()
