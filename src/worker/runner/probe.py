"""What the rewritten code calls: values, exceptions and states at the places that claims are about."""

import itertools
import os
import signal
import sys
import time

from .describe import describe, safe_repr, safe_str
from .state import snapshot

MAX_CONTENTS = 1000
MAX_EVENTS = 2000
EVALUATION_SECONDS = 5.0


class Probes:
    """The object behind the hook's name."""

    def __init__(self, recorder, failure):
        self._recorder = recorder
        self._failure = failure
        self._sent = {}

    def begin(self, probe):
        if self._wanted(probe):
            self._recorder.emit(t="begin", p=probe)

    def end(self, probe):
        if self._wanted(probe):
            self._recorder.emit(t="close", p=probe)

    def value(self, probe, role, value):
        """Notes a value and hands it on."""
        if self._wanted(probe):
            shown, printed = safe_repr(value), safe_str(value)
            printed = None if printed == shown else printed
            contents = self._contents(value)
            self._recorder.emit(
                t="value", p=probe, role=role, v=describe(value), repr=shown, str=printed, contents=contents
            )
        return value

    def raised(self, probe):
        if self._wanted(probe):
            self._recorder.emit(t="caught", p=probe, e=self._failure(sys.exc_info()[1]))

    def state(self, probe, when, names):
        if self._wanted(probe):
            frame = sys._getframe(1)
            seen = {}
            for name in names:
                if name in frame.f_locals:
                    seen[name] = frame.f_locals[name]
                elif name in frame.f_globals:
                    seen[name] = frame.f_globals[name]
            self._recorder.emit(t="state", p=probe, when=when, facts=snapshot(seen))

    def evaluate(self, probe, code, thunk):
        """Evaluates a claim's expression in a fork, so that nothing after it sees its effects."""
        if self._wanted(probe):
            self._fork(lambda: self._evaluate(probe, code, thunk))

    def _evaluate(self, probe, code, thunk):
        recorder = self._recorder
        captured = os.memfd_create("evaluation")
        recorder.pid = os.getpid()
        before = sys.stdout, sys.stderr
        for number, stream in enumerate(before):
            os.dup2(captured, number + 1)
            os.dup2(captured, recorder.files[number])
        value = failure = None
        try:
            value = thunk()
        except BaseException as error:
            failure = self._failure(error)
        # Python's own streams write through; what else is buffered belongs to the run, not to this.
        size = os.fstat(captured).st_size
        text = os.pread(captured, min(size, 1 << 20), 0).decode("utf-8", "replace")
        fact = None if failure else {"v": describe(value), "repr": safe_repr(value), "str": safe_str(value)}
        recorder.emit(t="evaluated", p=probe, code=code, out=text, fact=fact, e=failure)

    def _contents(self, value):
        """The items of an iterator, read from a copy in a fork; ``None`` for anything else."""
        if not hasattr(type(value), "__next__") or hasattr(value, "fileno"):
            return None
        read, write = os.pipe()

        def send():
            items = [describe(item) for item in itertools.islice(value, MAX_CONTENTS)]
            data = self._recorder._dumps(items).encode()
            while data:
                data = data[os.write(write, data):]

        try:
            self._fork(send, lambda: os.close(write))
            with open(read, "rb", closefd=False) as pipe:
                data = pipe.read()
        finally:
            os.close(read)
        return self._recorder_loads(data)

    @staticmethod
    def _recorder_loads(data):
        import json

        try:
            return json.loads(data) if data else None
        except ValueError:
            return None

    def _fork(self, work, in_parent=lambda: None):
        """Runs ``work`` in a child that never returns; waits for it, but not for ever."""
        child = os.fork()
        if child == 0:
            try:
                # A child that writes more than a pipe holds must not wait for a reader that waits for it.
                work()
            except BaseException:
                pass
            finally:
                os._exit(0)
        in_parent()
        deadline = time.monotonic() + EVALUATION_SECONDS
        pause = 0.0002
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline and child > 1:
                os.kill(child, signal.SIGKILL)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.01)

    def _wanted(self, probe):
        """Not in processes that the snippet forked, and not for ever in a loop."""
        if os.getpid() != self._recorder.pid:
            return False
        sent = self._sent.get(probe, 0)
        self._sent[probe] = sent + 1
        return sent < MAX_EVENTS
