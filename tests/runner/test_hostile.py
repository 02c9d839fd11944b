"""Whatever a snippet makes, every event can be read and the run goes on."""

import unittest

from running import probe, run_text, run_units, unit, units


class Values(unittest.TestCase):
    def value(self, text, line=1):
        ran = run_text(text, probe(line))
        self.assertIsNone(ran.failure())
        self.assertTrue(ran.all("done"))
        return ran.one("value")

    def test_lone_surrogates(self):
        seen = self.value("{'\\ud800': ['\\udfff']}")
        self.assertEqual(seen["v"]["v"][0][0], {"t": "str", "v": "\\ud800"})
        self.assertEqual(seen["str"], None)

    def test_huge_integers(self):
        seen = self.value("x = 7 ** 100_000")
        self.assertEqual(seen["v"], {"t": "other", "v": ["int", "<int of 280736 bits>"]})
        self.assertEqual(self.value("x = 2 ** 70")["v"], {"t": "int", "v": str(2**70)})

    def test_a_lowered_limit_of_digits(self):
        text = "import sys\ngetattr(sys, 'set_int_max_str_digits', id)(640)\nx = 10 ** 1000"
        self.assertIn(self.value(text, 3)["v"]["t"], ("int", "other"))

    def test_reprs_that_fail(self):
        for body in (
            "raise ValueError",
            "return 5",
            "return '\\ud800'",
            "raise SystemExit",
            "return self.__repr__()",
        ):
            with self.subTest(body):
                seen = self.value("class A:\n    def __repr__(self): {}\nx = A()".format(body), 3)
                self.assertEqual(seen["v"], {"t": "other", "v": ["A", seen["repr"]]})
                self.assertTrue(seen["repr"].startswith(("<repr raised ", "\\ud800")))

    def test_a_text_that_is_no_plain_text(self):
        text = (
            "class S(str):\n"
            "    def __len__(self): raise ValueError\n"
            "    __str__ = encode = __getitem__ = __len__\n"
            "x = S('ab')"
        )
        self.assertEqual(self.value(text, 4)["repr"], "'ab'")

    def test_a_metaclass_that_lies(self):
        text = (
            "class M(type):\n"
            "    def __getattribute__(self, name): raise ValueError\n"
            "class A(metaclass=M): pass\n"
            "x = A()\n"
            "print('on')"
        )
        ran = run_text(text, probe(5, state=True))
        self.assertEqual((ran.out, ran.failure()), ("on\n", None))

    def test_very_long_and_very_deep_values(self):
        self.assertLess(len(self.value("x = 'y' * 10 ** 6")["repr"]), 110_000)
        self.assertEqual(self.value("x = [1] * 10 ** 5")["v"]["t"], "other")
        self.assertEqual(self.value("x = ['y' * 10 ** 5] * 100")["v"]["t"], "other")
        self.assertEqual(self.value("x = []\nfor _ in range(200): x = [x]\ny = x", 3)["v"]["t"], "other")

    def test_plain_values_are_taken_apart(self):
        seen = self.value("x = (1, 2.5, None, ..., True, 1j, b'a', {'k': {1}}, frozenset())")
        self.assertEqual(
            [item["t"] for item in seen["v"]["v"]],
            "int float none ellipsis bool complex bytes dict frozenset".split(),
        )

    def test_a_probe_does_not_stop_what_a_handler_raises(self):
        text = (
            "import signal\n"
            "def late(*_): raise KeyboardInterrupt\n"
            "signal.signal(signal.SIGALRM, late)\n"
            "signal.setitimer(signal.ITIMER_REAL, 0.05)\n"
            "while True: pass"
        )
        self.assertEqual(run_text(text, probe(5)).failure()["type"], "KeyboardInterrupt")


class Exceptions(unittest.TestCase):
    def failure(self, text):
        ran = run_units([unit(1, text), unit(50, "print('on')")])
        self.assertEqual(ran.out, "on\n")
        return ran.failure(0)

    def test_messages_that_fail_print_or_cannot_be_encoded(self):
        text = "class E(Exception):\n    def __str__(self): {}\nraise E"
        self.assertEqual(self.failure(text.format("raise ValueError"))["message"], "<str raised ValueError>")
        self.assertEqual(self.failure(text.format("print('asked'); return 'm'"))["message"], "m")
        self.assertEqual(self.failure("raise ValueError('\\ud800')")["message"], "\\ud800")

    def test_attributes_that_fail_or_are_no_text(self):
        text = (
            "class E(Exception):\n"
            "    filename = 5\n"
            "    @property\n"
            "    def name(self): raise ValueError\n"
            "raise E"
        )
        failure = self.failure(text)
        self.assertEqual((failure["name"], failure["filename"]), (None, None))

    def test_a_syntax_error_with_a_strange_line(self):
        self.assertIsNone(self.failure("raise SyntaxError('m', ('guide.md', 'x', 1, ''))")["syntax_line"])
        self.assertIsNone(self.failure("raise SyntaxError('m', ('guide.md', -5, 1, ''))")["syntax_line"])

    def test_a_chain_that_never_ends(self):
        text = "e, f = ValueError(), KeyError()\ne.__cause__ = f\nf.__cause__ = e\nraise e"
        self.assertEqual(len(self.failure(text)["chain"]), 20)

    def test_one_that_is_false(self):
        text = (
            "class E(Exception):\n"
            "    def __len__(self): return 0\n"
            "try:\n"
            "    raise E\n"
            "except E:\n"
            "    raise ValueError"
        )
        self.assertEqual(self.failure(text)["chain"], ["ValueError", "E"])


class Tampering(unittest.TestCase):
    def test_replaced_functions(self):
        text = (
            "import json, os, sys, threading, time\n"
            "json.dumps = os.write = os.fstat = os.getpid = sys._getframe = time.sleep = None\n"
            "threading.get_ident = None\n"
            "x = iter([1])\n"
            "print('on')"
        )
        ran = run_units([unit(1, text, [probe(4, evaluate=["x"])])])
        self.assertEqual((ran.out, ran.values()[0][0]), ("on\n", "assigned"))
        self.assertTrue(ran.all("done"))

    def test_events_of_threads_do_not_mix(self):
        text = (
            "import threading\n"
            "def work(letter):\n"
            "    for _ in range(20):\n"
            "        x = letter * 60_000\n"
            "threads = [threading.Thread(target=work, args=(letter,)) for letter in 'abcd']\n"
            "for thread in threads: thread.start()\n"
            "for thread in threads: thread.join()\n"
        )
        ran = run_text(text, probe(4, 8))
        self.assertEqual(len(ran.values()), 80)
        self.assertEqual(ran.dumped, [])

    def test_a_shallow_stack(self):
        ran = run_units(units("import sys; sys.setrecursionlimit(120)\ndef f(): f()\nf()\nprint('on')"))
        self.assertEqual((ran.failure(2)["type"], ran.out), ("RecursionError", "on\n"))


if __name__ == "__main__":
    unittest.main()
