"""What the rewritten code calls: values, exceptions and states at the places that claims are about.

Nothing that goes wrong here may reach the snippet, and nothing that a look at a value sets off may show.
"""

import os
import signal
import sys
from collections import ChainMap
from itertools import islice
from json import loads
from os import _exit
from select import POLLIN, poll
from time import monotonic

from .describe import describe, safe_repr, safe_str
from .own import encode
from .state import Unclear, follow, snapshot

MAX_CONTENTS = 1000
MAX_EVENTS = 2000
MAX_COPIES = 100
MAX_SENT = 16 << 20
# How many events an execution must have room for when it begins.
ROOM = 100
EVALUATION_SECONDS = 5.0
CONTENTS_SECONDS = 2.0
# How long to wait for the end of a copy before the next look at it, in milliseconds.
LOOK = 2
# Builtin types whose `str` is their `repr`.
ALIKE = (list, tuple, set, frozenset, dict, int, float, bool, type(None))
# Types that a guide shows by what is in them, and that can be read any number of times.
VIEWS = (range, type({}.keys()), type({}.values()), type({}.items()))


class Probes:
    """The object behind the hook's name."""

    def __init__(self, recorder, failure):
        self._recorder = recorder
        self._failure = failure
        self._seen = {}
        self._open = {}
        self._copies = {}
        self._sent = 0
        self._patience = EVALUATION_SECONDS
        self._output = None

    def begin(self, probe):
        self._open.setdefault(probe, 0)
        if self._may_send() and self._seen.get(probe, 0) < MAX_EVENTS - ROOM:
            self._open[probe] += 1
            self._note(lambda: {"t": "begin", "p": probe})

    def end(self, probe):
        # What was begun is ended, even where nothing else is wanted any more.
        if self._open.get(probe) and not self._recorder.is_aside():
            self._open[probe] -= 1
            self._note(lambda: {"t": "close", "p": probe})

    def value(self, probe, role, value):
        """Notes a value and hands it on."""
        if self._wanted(probe):
            self._note(lambda: self._value(probe, role, value))
        return value

    def look(self, probe, role, value):
        """Notes a value and gives nothing, since a prompt would show it."""
        self.value(probe, role, value)

    def raised(self, probe):
        error = sys.exc_info()[1]
        if self._wanted(probe):
            self._note(lambda: {"t": "caught", "p": probe, "e": self._failure(error)})

    def state(self, probe, when, names):
        frame = sys._getframe(1)
        event = {"t": "state", "p": probe, "when": when}
        if self._wanted(probe):
            self._note(lambda: {**event, "facts": snapshot(_named(frame, names))})

    def needs_copy(self, probe, role, value, steps):
        """Notes what the steps lead to. Where that takes code of the snippet, it is left to a copy."""
        try:
            found = follow(value, steps)
        except Unclear:
            return self.branch(probe)
        except Exception:
            return False
        return self.look(probe, role, found)

    def branch(self, probe):
        """Whether this is a copy of the run, in which one of the next four is called and ends it."""
        if not self._wanted(probe) or self._copies.get(probe, 0) >= MAX_COPIES:
            return False
        self._copies[probe] = self._copies.get(probe, 0) + 1
        return self._is_copy(EVALUATION_SECONDS)

    def noted(self, probe, role, value):
        """The value of an attribute or an item."""
        self._last_words(lambda: self._value(probe, role, value))

    def evaluated(self, probe, code, value):
        """The value of a claim's expression."""
        found = {"t": "evaluated", "p": probe, "code": code, "out": self._printed(), "e": None}
        self._last_words(lambda: {**found, "fact": self._facts(value)})

    def failed(self, probe, code):
        """The exception that a claim's expression raised."""
        found = {"t": "evaluated", "p": probe, "code": code, "out": self._printed(), "fact": None}
        error = sys.exc_info()[1]
        self._last_words(lambda: {**found, "e": self._failure(error)})

    def leave(self, probe):
        """Nothing: it is not there."""
        if self._recorder.is_copy:
            _exit(0)

    def _last_words(self, event):
        try:
            self._recorder.send(**self._recorder.aside(event))
        finally:
            _exit(0)

    def _printed(self):
        # Python's own streams write through; what else is buffered belongs to the run, not to this.
        return os.pread(self._output, 1 << 20, 0).decode("utf-8", "replace")

    def _note(self, event):
        try:
            self._sent += self._recorder.emit(**self._recorder.aside(event))
        except Exception:
            pass

    def _may_send(self):
        """Not in processes that the snippet forked, and not for the sake of a look at something else."""
        return self._recorder.is_run() and not self._recorder.is_aside() and self._sent < MAX_SENT

    def _wanted(self, probe):
        """Not outside of an execution that was begun, and not for ever in a loop."""
        if not self._may_send() or not self._open.get(probe, 1):
            return False
        self._seen[probe] = self._seen.get(probe, 0) + 1
        return self._seen[probe] <= MAX_EVENTS

    def _value(self, probe, role, value):
        return {"t": "value", "p": probe, "role": role, **self._facts(value)}

    def _facts(self, value):
        shown = safe_repr(value)
        printed = shown if type(value) in ALIKE else safe_str(value)
        printed = None if printed == shown else printed
        try:
            contents = self._contents(value)
        except Exception:
            contents = None
        return {"v": describe(value), "repr": shown, "str": printed, "contents": contents}

    def _contents(self, value):
        """The items of an iterator, read in a copy of the run; ``None`` for anything else."""
        kind = type(value)
        if kind in VIEWS:
            items = describe(list(islice(value, MAX_CONTENTS)))
            return items["v"] if items["t"] == "list" else None
        if not hasattr(kind, "__next__") or hasattr(kind, "fileno"):
            return None
        file = _scratch()
        try:
            if self._is_copy(CONTENTS_SECONDS):
                _write_items(value, file)
            data = os.pread(file, os.fstat(file).st_size, 0)
        finally:
            os.close(file)
        return loads(data) if data else None

    def _is_copy(self, seconds):
        """True in a fork, which has to leave by itself; then False here."""
        if self._patience <= 0:
            return False
        # The copy's event must not get into that of another thread.
        with self._recorder.lock:
            try:
                places = _places_in_files()
                # Aside, since Python 3.12 warns of a fork where there are threads.
                child = self._recorder.aside(os.fork)
            except Exception:
                return False
            if child == 0:
                self._turn_aside()
                return True
            self._patience -= 0 if _ends_in_time(child, seconds) else seconds
            _put_back(places)
        return False

    def _turn_aside(self):
        """Keeps what a copy prints away from the run's output."""
        try:
            self._recorder.become_copy()
            self._output = _scratch()
            for file in (1, 2):
                os.dup2(self._output, file)
        except BaseException:
            _exit(1)


def _scratch():
    """A file without a name. Those in memory are not to be had: nothing would limit them."""
    return os.open(os.environ["TMPDIR"], os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)


def _named(frame, names):
    """The objects that the names stand for in a frame."""
    known = ChainMap(frame.f_locals, frame.f_globals)
    return {name: known[name] for name in names if name in known}


def _write_items(value, file):
    try:
        items = describe(list(islice(value, MAX_CONTENTS)))
        if items["t"] == "list":
            os.write(file, encode(items["v"]).encode())
    finally:
        _exit(0)


def _places_in_files():
    """Where the open files stand, as ``(file, place)``: a copy shares them and moves them on."""
    places = []
    for file in map(int, os.listdir("/proc/self/fd")):
        try:
            places.append((file, os.lseek(file, 0, os.SEEK_CUR)))
        except OSError:
            pass
    return places


def _put_back(places):
    for file, place in places:
        try:
            os.lseek(file, place, os.SEEK_SET)
        except OSError:
            pass


def _ends_in_time(child, seconds):
    """Waits for a copy, which is killed when its time is up."""
    deadline = monotonic() + seconds
    watch = poll()
    try:
        end = os.pidfd_open(child)
        watch.register(end, POLLIN)
    except (AttributeError, OSError):
        # Not to be had here, or the copy is gone already: it is looked at now and then.
        end = None
    try:
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
            watch.poll(LOOK)
    except ChildProcessError:
        # The snippet itself waits for children, whichever, or for none.
        pass
    finally:
        if end is not None:
            os.close(end)
    return monotonic() <= deadline
