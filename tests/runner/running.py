"""Runs jobs as a worker does, in a fork with a time limit, and gives back what they left."""

import fcntl
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src" / "worker"))

from runner import run  # noqa: E402

GUIDE = "guide.md"
# A bound for what hangs, not a measure: a busy machine may take long.
SECONDS = 90.0


class Ran:
    """What a run left: its events, its output, how it ended, and lines that are no events."""

    def __init__(self, data, out, err, status):
        lines = data.split(b"\n")
        self.events = [_event(line) for line in lines if line.startswith(b"{")]
        self.dumped = [line.decode() for line in lines if line and not line.startswith(b"{")]
        self.out = out
        self.err = err
        self.status = status

    def all(self, kind, number=None):
        """The events of a kind, of one probe if it is given."""
        return [event for event in self.events if event["t"] == kind and number in (None, event.get("p"))]

    def one(self, kind, number=None):
        """The only event of a kind."""
        (event,) = self.all(kind, number)
        return event

    def failure(self, index=0):
        """The exception that left a unit, or ``None``."""
        (event,) = [event for event in self.all("unit_end") if event["i"] == index]
        return event["e"]

    def values(self, number=0):
        """The values of a probe as ``(role, repr)``."""
        return [(event["role"], event["repr"]) for event in self.all("value", number)]

    def lines_of(self, text, stream=0):
        """The guide lines that caused a text in the output, innermost first."""
        place = (self.out, self.err)[stream].encode().index(text.encode())
        marks = [mark for mark in self.all("mark") if mark["s"] == stream and mark["o"][stream] <= place]
        return marks[-1]["l"]


def unit(line, source, probes=(), interactive=False):
    """A unit of a job."""
    return {"line": line, "source": source, "interactive": interactive, "probes": list(probes)}


def units(text):
    """Each line of a text as a unit of its own."""
    return [unit(line, source) for line, source in enumerate(text.splitlines(), 1) if source]


def probe(line, column=0, number=0, end=None, value=True, after=(), evaluate=(), state=False):
    """A probe on a statement, or with an end on an expression."""
    end_line, end_column = end or (line, column)
    return {
        "id": number,
        "part": "expression" if end else "statement",
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "value": value,
        "after": list(after),
        "evaluate": list(evaluate),
        "state": state,
    }


def run_text(text, *probes, **more):
    """Runs a text as one unit that starts on line 1."""
    return run_units([unit(1, text.rstrip("\n"), probes)], **more)


def run_units(job_units, names=(), seconds=SECONDS, **given):
    """Runs units in a process of their own, supplied with what is given; fails if that takes too long."""
    place = tempfile.mkdtemp(prefix="runner-")
    try:
        job = {"guide": GUIDE, "units": job_units, "before": 0, "names": list(names)}
        job.update({"files": [], "env": {}, "stdin": None, "sqlite": [], "setup": []})
        job.update(given)
        return _watch(job, place, seconds)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _watch(job, place, seconds):
    out, err = _output("out"), _output("err")
    read, write = os.pipe()
    try:
        child = os.fork()
        if child == 0:
            _become_a_run(job, place, write, out, err)
        os.close(write)
        try:
            data = _read(read, time.monotonic() + seconds)
        finally:
            status = _end(child)
        return Ran(data, _text(out), _text(err), status)
    finally:
        for file in (read, out, err):
            os.close(file)


def _output(name):
    file = os.memfd_create(name)
    fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
    return file


def _become_a_run(job, place, events, out, err):
    """What the worker does in its fork before it hands over. Never returns."""
    try:
        os.setsid()
        sys.stdin = open(os.devnull)
        for file, standard in ((sys.stdin.fileno(), 0), (out, 1), (err, 2)):
            os.dup2(file, standard)
        for folder in (".shm", "work"):
            os.mkdir(os.path.join(place, folder))
        os.chdir(os.path.join(place, "work"))
        run.Runner([events, out, err], place, True, lambda: None).run(json.loads(json.dumps(job)), place)
    except BaseException:
        os.write(err, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(70)


def _read(file, deadline):
    """All that is written to a pipe until its last writer closes it."""
    data = b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([file], [], [], left)[0]:
            raise AssertionError("the run did not end; its last events: {!r}".format(data[-500:]))
        piece = os.read(file, 1 << 16)
        if not piece:
            return data
        data += piece


def _end(child):
    """Ends the run, with all that it started. Returns its wait status."""
    assert child > 1
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return os.waitpid(child, 0)[1]


def _event(line):
    """An event as the Rust side reads it: JSON in UTF-8 without lone surrogates."""
    event = json.loads(line.decode("utf-8"))
    json.dumps(event, ensure_ascii=False).encode("utf-8")
    return event


def _text(file):
    return os.pread(file, os.fstat(file).st_size, 0).decode("utf-8", "replace")
