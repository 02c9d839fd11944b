"""What a snippet writes, and which guide line caused it.

Standard output and error are files in memory. Writes go there at once, so that nothing is lost in a
crash and C code and subprocesses keep their place in the order. Whenever the guide lines on the stack
change, an event says so together with how much had been written before.
"""

import io
import json
import os
import sys

MAX_OUTPUT = 1 << 20
MAX_FRAMES = 40


class Recorder:
    """Sends events, one JSON object a line, to the process that watches the run."""

    def __init__(self, events, out, err, guide):
        self.events = events
        self.files = (out, err)
        self.guide = guide
        self.pid = os.getpid()
        self._stacks = [None, None]
        self._dumps = json.dumps
        self._write = os.write
        self._fstat = os.fstat
        self._getframe = sys._getframe

    def emit(self, **event):
        """Sends an event, with the number of bytes written to each stream so far."""
        event["o"] = self.offsets()
        line = (self._dumps(event) + "\n").encode()
        while line:
            line = line[self._write(self.events, line):]

    def offsets(self):
        return [self._fstat(file).st_size for file in self.files]

    def mark(self, stream, depth):
        """Notes which guide lines cause what is written to a stream (0 or 1) from now on."""
        lines = self.guide_lines(self._getframe(depth + 1))
        if lines != self._stacks[stream]:
            self._stacks[stream] = lines
            self.emit(t="mark", s=stream, l=lines)

    def forget_marks(self):
        """Makes the next write of each stream send its lines again."""
        self._stacks = [None, None]

    def guide_lines(self, frame):
        """The guide's lines on the stack, innermost first."""
        lines = []
        while frame is not None:
            if frame.f_code.co_filename == self.guide:
                lines.append(frame.f_lineno)
            frame = frame.f_back
        if len(lines) > MAX_FRAMES:
            lines = lines[: MAX_FRAMES - 4] + lines[-4:]
        return lines


class Stream(io.TextIOWrapper):
    """``sys.stdout`` or ``sys.stderr`` of a snippet."""

    def __init__(self, recorder, number, name):
        super().__init__(
            io.FileIO(recorder.files[number], "w", closefd=False),
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
        if recorder.offsets()[self._number] > MAX_OUTPUT:
            return len(text)
        recorder.mark(self._number, 1)
        return super().write(text)
