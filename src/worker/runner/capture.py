"""What a snippet writes, and which guide line caused it.

Standard output and error are files in memory. Writes go there at once, so that nothing is lost in a
crash and C code and subprocesses keep their place in the order. Whenever the guide lines on the stack
change, an event says so together with how much had been written before.
"""

import io
import os
import sys
import threading

from .own import encode

MAX_OUTPUT = 1 << 20
MAX_FRAMES = 40
MAX_MARKS = 50_000


class Recorder:
    """Sends events, one JSON object a line, to the process that watches the run."""

    def __init__(self, events, out, err, resume):
        self.events = events
        self.files = (out, err)
        self.guide = None
        self.pid = None
        self._resume = resume
        self.is_copy = False
        self._stacks = [None, None]
        self._ends = [0, 0]
        self._marks = 0
        self._aside = set()
        # A snippet may replace what modules hold; what is kept here stays as it was.
        self._dumps = encode
        self._write = os.write
        self._seek = os.lseek
        self._getpid = os.getpid
        self._getframe = sys._getframe
        self._thread = threading.get_ident
        self._new_lock()
        os.register_at_fork(after_in_child=self._new_lock)

    def begin(self, guide):
        """Makes this process the run: its events are about a guide's lines."""
        self.guide = guide
        self.pid = self._getpid()

    def _new_lock(self):
        """Keeps threads from writing into each other's events. A fork has only one of its parent's."""
        self.lock = threading.RLock()
        self._aside &= {self._thread()}

    def emit(self, **event):
        """Sends an event, unless this is a process that the snippet forked. Returns its size."""
        return self.send(**event) if self.is_run() else 0

    def send(self, **event):
        """Sends an event, with the number of bytes written to each stream so far."""
        event["o"] = self.offsets()
        line = (self._dumps(event) + "\n").encode()
        size = len(line)
        with self.lock:
            while line:
                line = line[self._write(self.events, line):]
        return size

    def is_run(self):
        """Whether this is the run's own process."""
        return self._getpid() == self.pid

    def offsets(self):
        return [self.size(stream) for stream in (0, 1)]

    def become_copy(self):
        """Stops following the output in a fork that looks at something; what that prints is not the run's."""
        self.is_copy = True
        self._resume()
        offsets = self.offsets()
        self.offsets = lambda: offsets

    def size(self, stream):
        # What is written is appended, wherever this leaves the file; `fstat` takes four times as long.
        return self._seek(self.files[stream], 0, os.SEEK_END)

    def aside(self, work):
        """Does what the snippet must not notice: whatever it prints meanwhile is dropped."""
        me = self._thread()
        if me in self._aside:
            return work()
        self._aside.add(me)
        try:
            return work()
        finally:
            self._aside.discard(me)

    def is_aside(self):
        return self._thread() in self._aside

    def mark(self, stream, size, depth):
        """Notes which guide lines cause what is written to a stream (0 or 1) from now on."""
        if self.is_copy:
            return
        lines = self.guide_lines(self._getframe(depth + 1))
        # Another process may have written, and sent its lines, since this one did.
        moved = size != self._ends[stream]
        if (moved or lines != self._stacks[stream]) and self._marks < MAX_MARKS:
            self._stacks[stream] = lines
            self._marks += 1
            self.send(t="mark", s=stream, l=lines)

    def wrote(self, stream):
        self._ends[stream] = self.size(stream)

    def forget_marks(self):
        """Makes the next write of each stream send its lines again."""
        self._stacks = [None, None]

    def guide_lines(self, frame):
        """The guide's lines on the stack, innermost first."""
        lines = []
        while frame is not None:
            # Code that the compiler made up has no line.
            if frame.f_code.co_filename == self.guide and frame.f_lineno is not None:
                lines.append(frame.f_lineno)
            frame = frame.f_back
        if len(lines) > MAX_FRAMES:
            lines = lines[: MAX_FRAMES - 4] + lines[-4:]
        return lines


class Stream(io.TextIOWrapper):
    """``sys.stdout`` or ``sys.stderr`` of a snippet."""

    def __init__(self, recorder, number, name):
        super().__init__(
            io.FileIO(number + 1, "w", closefd=False),
            encoding="utf-8",
            errors="strict" if number == 0 else "backslashreplace",
            write_through=True,
        )
        self._recorder = recorder
        self._number = number
        self.mode = "w"
        self._name = name

    @property
    def name(self):
        return self._name

    def fileno(self):
        return self._number + 1

    def write(self, text):
        recorder = self._recorder
        if recorder.is_aside():
            return len(text)
        with recorder.lock:
            size = recorder.size(self._number)
            if size > MAX_OUTPUT:
                return len(text)
            recorder.mark(self._number, size, 1)
            count = super().write(text)
            recorder.wrote(self._number)
            return count
