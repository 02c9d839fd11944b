"""States of objects before and after a statement."""

import unittest

from running import probe, run_text


class States(unittest.TestCase):
    def facts(self, text, line, column=0):
        """The facts before and after as ``{(path, kind): items}``."""
        self.ran = run_text(text, probe(line, column, state=True))
        events = {event["when"]: event["facts"] for event in self.ran.all("state")}
        return tuple(
            {(path, kind): items for path, kind, items in events[when]} for when in ("before", "after")
        )

    def test_a_dict(self):
        before, after = self.facts("d = {1: 'a', 2: 'b'}\ndel d[2]", 2)
        self.assertEqual((before["d", "keys"], after["d", "keys"]), (["1", "2"], ["1"]))
        self.assertEqual((before["d", "values"], after["d", "values"]), (["'a'", "'b'"], ["'a'"]))

    def test_a_list_a_set_and_a_deque(self):
        text = (
            "import collections\n"
            "x, s, q = [1], {1}, collections.deque([1, 2, 3], maxlen=3)\n"
            "x.append(s.pop()), q.append(4)"
        )
        before, after = self.facts(text, 3)
        self.assertEqual((before["x", "items"], after["x", "items"]), (["1"], ["1", "1"]))
        self.assertEqual((before["s", "items"], after["s", "items"]), (["1"], []))
        self.assertEqual((before["q", "items"], after["q", "items"]), (["1", "2", "3"], ["2", "3", "4"]))

    def test_an_ordered_dict_in_its_order(self):
        before, after = self.facts(
            "import collections\nd = collections.OrderedDict(a=1, b=2)\nd.move_to_end('a')", 3
        )
        self.assertEqual((before["d", "keys"], after["d", "keys"]), (["'a'", "'b'"], ["'b'", "'a'"]))

    def test_attributes_and_slots(self):
        text = (
            "class A:\n    def __init__(self): self.n, self.sub = 1, {'k': [1]}\n"
            "class B:\n"
            "    __slots__ = ('m', '__own', 'empty')\n"
            "    def __init__(self): self.m = self.__own = 1\n"
            "    def more(self): self.__own += 1\n"
            "a, b = A(), B()\n"
            "a.n += 1; b.m -= 1; b.more(); a.sub['k'].append(2)"
        )
        ran = run_text(
            text, *(probe(8, column, number, state=True) for number, column in enumerate((0, 10, 20, 30)))
        )
        facts = [event["facts"] for event in ran.all("state")]
        changes = [
            [fact for fact in after if fact not in before] for before, after in zip(facts[::2], facts[1::2])
        ]
        self.assertEqual(changes[0], [["a.n", "value", ["2"]]])
        self.assertEqual(changes[1], [["b.m", "value", ["0"]]])
        self.assertEqual(changes[2], [["b._B__own", "value", ["2"]]])
        self.assertIn(["a.sub['k']", "items", ["1", "2"]], changes[3])

    def test_a_file(self):
        before, after = self.facts("f = open('f', 'w')\nf.close()", 2)
        self.assertEqual((before["f", "closed"], after["f", "closed"]), (["False"], ["True"]))
        text = "with open('f', 'w') as f:\n    f.write('x')"
        self.assertEqual(self.facts(text, 1)[1]["f", "closed"], ["True"])

    def test_locals_before_globals(self):
        before, after = self.facts("x = [0]\ndef f(x):\n    x.append(2)\nf([1])", 3, 4)
        self.assertEqual((before["x", "items"], after["x", "items"]), (["1"], ["1", "2"]))

    def test_after_a_return_and_after_an_exception(self):
        text = (
            "class A:\n"
            "    def __init__(self): self.d = {1: 2}\n"
            "    def f(self):\n"
            "        return self.d.pop(1)\n"
            "A().f()"
        )
        before, after = self.facts(text, 4, 8)
        self.assertEqual((before["self.d", "keys"], after["self.d", "keys"]), (["1"], []))
        before, after = self.facts("x = [1]\nx.remove(5)", 2)
        self.assertEqual((before, self.ran.failure()["type"]), (after, "ValueError"))
        self.assertEqual(after["x", "items"], ["1"])

    def test_no_code_of_the_snippet_is_asked(self):
        text = (
            "from unittest import mock\n"
            "class A(list):\n"
            "    def __iter__(self): print('asked'); return iter([])\n"
            "    def __getattr__(self, name): print('asked'); raise KeyError(name)\n"
            "    @property\n"
            "    def size(self): print('asked')\n"
            "class C:\n"
            "    @property\n"
            "    def __class__(self): raise ValueError\n"
            "a, m, c = A([1]), mock.Mock(spec=dict), C()\n"
            "a, m, c\n"
        )
        before, after = self.facts(text, 11)
        self.assertEqual((self.ran.out, self.ran.failure()), ("", None))
        self.assertEqual(after["a", "items"], ["1"])
        self.assertTrue([path for path, _ in after if path.startswith("c")])

    def test_cycles_and_large_things_end(self):
        text = "x = [[n] * 400 for n in range(2000)]\nx.append(x)\nx[0] = {'k': x}"
        before, after = self.facts(text, 3)
        self.assertEqual(len(before["x", "items"]), 500)
        self.assertIn(("x[0]", "keys"), after)
        self.assertNotIn(("x[0]['k']", "items"), after)


if __name__ == "__main__":
    unittest.main()
