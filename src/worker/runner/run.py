"""Runs a job: its units one after the other, whatever happens to any of them."""

import atexit
import builtins
import faulthandler
import os
import signal
import sys
import threading
import time
import types

from . import program, rewrite, supply
from .capture import Recorder, Stream
from .describe import clean, name_of, safe_str
from .own import BUILTINS
from .probe import Probes
from .translate import CO_COROUTINE, Translator

COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>", "<module>"}
# Functions that work only inside a running event loop.
LOOP_NAMES = {"create_task", "ensure_future", "gather", "shield", "get_running_loop", "current_task"}
RESOLVES = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
# Sockets of that family lead to no network. The module is imported only by who needs it.
_UNIX = 1
# The ports of servers that can be supplied.
SERVERS = (5432, 6379)
CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class Runner:
    """Runs one job. It is made before the fork in which it does so, since every page of memory that the fork
    has to change is copied first: what is the same for all runs of a worker is ready by then.

    The ends are file descriptors of the run: where its events go, and its output and error once more. The
    folder is where runs have their files, if each has the same.
    Whether there are ``sockets`` depends on the sandbox, and a copy of the process calls ``resume`` to go
    on waiting as the run does. The ``site`` is where packages come from: the interpreter's "own", or an
    "environment" that is still to be looked through, or an "empty" one.
    """

    def __init__(self, ends, folder, sockets, resume, site="own"):
        events, out, err = ends
        program.place(folder)
        self._steps = program.find_packages(site)
        self.sockets = sockets
        self.recorder = Recorder(events, out, err, resume)
        self.translator = Translator()
        self.loop = None
        self.status = 0
        self.current = 0
        self.lines = (0, 0)
        self.guide = None
        self.units = []
        self.namespace = {}
        self._today = _today(), _this_day()
        _like_a_fresh_python(events)
        sys.stdout = sys.__stdout__ = Stream(self.recorder, 0, "<stdout>")
        sys.stderr = sys.__stderr__ = Stream(self.recorder, 1, "<stderr>")
        setattr(builtins, rewrite.HOOK, Probes(self.recorder, self.failure))
        sys.addaudithook(self._watch_network)

    def run(self, job, folder):
        """Runs a job in this process and leaves it. The run's files lie in the folder."""
        program.begin(folder)
        for step in self._steps:
            step()
        self.recorder.begin(job["guide"])
        self.guide = self.translator.guide = job["guide"]
        self.units = job["units"]
        supply.files(job["files"])
        supply.environment(job["env"])
        if job["stdin"] is not None:
            supply.typed(job["stdin"], folder)
        self.namespace = program.main_module(self.guide, self.units, folder).__dict__
        self.recorder.emit(t="ready", today=self._days())
        for index, unit in enumerate(self.units if self._set_up(job) else ()):
            # Nothing of the guide has run before the first unit.
            if 0 < index == job["before"] and self.is_tampered():
                self.recorder.emit(t="tampered")
            if not self.unit(index, unit):
                break
        self.finish()
        self.recorder.emit(t="done", names=[name for name in job["names"] if name in self.namespace])
        os._exit(self.status)

    def _set_up(self, job):
        """Does what is to be done before the first unit. False where it fails."""
        steps = [(made, self._make) for made in job["sqlite"]] + [(code, self._prepare) for code in job["setup"]]
        return all(self._step(given, work) for given, work in steps)

    def _step(self, given, work):
        self.recorder.emit(t="setup", place=given["place"], database=given.get("path"))
        failure, line = None, None
        try:
            work(given)
        except BaseException as error:
            failure = self._aside_failure(error)
            line = self.recorder.aside(lambda: supply.line_of(error, given["place"]))
        self.recorder.emit(t="setup_end", e=failure, line=line)
        return failure is None

    def _make(self, database):
        supply.database(database["path"], database["sql"])

    def _prepare(self, setup):
        self._execute_code(supply.code(setup["code"], setup["place"]))

    def _days(self):
        words, day = self._today
        return words if day == _this_day() else _today()

    def unit(self, index, unit):
        """Runs one top-level statement. False when the snippet has ended itself."""
        self.current = index
        self.lines = (unit["line"], unit["line"] + unit["source"].count("\n"))
        self.recorder.forget_marks()
        self.recorder.emit(t="unit", i=index)
        failure, goes_on = None, True
        try:
            self._execute(unit)
        except SystemExit as exit:
            failure, goes_on = self._aside_failure(exit), False
            self.status = _status(exit)
        except BaseException as error:
            failure = self._aside_failure(error)
            if not self.recorder.is_run():
                # A process that the snippet forked has nobody who would run its next statement.
                goes_on, self.status = False, 1
                self._report(error)
        self.recorder.emit(t="unit_end", i=index, e=failure)
        return goes_on

    def is_tampered(self):
        """Whether what has run so far has changed what every snippet takes for granted."""
        now = vars(builtins)
        kept = all(now.get(name, self) is value for name, value in BUILTINS.items())
        streams = isinstance(sys.stdout, Stream) and sys.stdout is sys.__stdout__
        return not (kept and streams) or sys.gettrace() is not None or sys.getprofile() is not None

    def _aside_failure(self, error):
        return self.recorder.aside(lambda: self.failure(error))

    def _report(self, error):
        """Prints a traceback as at the end of a program."""
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename != self.guide:
            trace = trace.tb_next
        _quietly(lambda: sys.excepthook(type(error), error.with_traceback(trace), trace))

    def _execute(self, unit):
        self._execute_code(self._compile(unit))

    def _execute_code(self, code):
        if code.co_flags & CO_COROUTINE:
            self._await(types.FunctionType(code, self.namespace)())
        elif LOOP_NAMES.intersection(code.co_names) and self.recorder.aside(self._awaits):
            self._await(_inside_a_loop(code, self.namespace))
        else:
            exec(code, self.namespace)

    def _awaits(self):
        """Whether the job has a top-level ``await``: then it is meant for a prompt with a running loop."""
        return any(self.translator.awaits(unit) for unit in self.units)

    def _compile(self, unit):
        def left(probe):
            self.recorder.emit(t="unprobed", p=probe["id"])

        try:
            return self.translator.code(unit, unit["probes"], left)
        except Exception:
            if not unit["probes"]:
                raise
        # Where something cannot be looked at, the statement runs all the same.
        for probe in unit["probes"]:
            left(probe)
        return self.translator.code(unit, [], left)

    def _await(self, coroutine):
        import asyncio

        if self.loop is None or self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(coroutine)

    def finish(self):
        """What the interpreter does at its end: waits for threads, runs exit functions, flushes."""
        for step in (threading._shutdown, atexit._run_exitfuncs):
            _quietly(step)
        _quietly(lambda: sys.stdout.flush())
        _quietly(lambda: sys.stderr.flush())

    def failure(self, error):
        """An exception as plain facts."""
        chain, link = [], error
        while link is not None and len(chain) < 20:
            chain.append(name_of(type(link)))
            link = link.__context__ if link.__cause__ is None else link.__cause__
        return {
            "type": name_of(type(error)),
            "bases": [name_of(base) for base in type(error).__mro__],
            "message": safe_str(error),
            "name": _text(error, "name"),
            "filename": _text(error, "filename"),
            "syntax_line": self._syntax_line(error),
            "chain": chain,
            "lines": self._traceback_lines(error.__traceback__),
            "line": self._own_line(error.__traceback__),
            "importing": self._importing(error.__traceback__),
            "lacking": _lacking(error),
            "unit": self.current,
        }

    def _syntax_line(self, error):
        """The line of the guide that is not Python."""
        line = error.lineno if isinstance(error, SyntaxError) and error.filename == self.guide else None
        return line if type(line) is int and 0 < line < 1 << 31 else None

    def _traceback_lines(self, trace):
        """Guide lines of the traceback, outermost first."""
        return [line for code, line in _frames(trace) if code.co_filename == self.guide][-40:]

    def _importing(self, trace):
        """The files of packages that were being imported, outermost first."""
        files = []
        for code, _ in _frames(trace):
            if code.co_filename == self.guide:
                files = []
            elif code.co_name == "<module>" and "-packages" + os.sep in code.co_filename:
                files.append(clean(code.co_filename))
        return files[-20:]

    def _own_line(self, trace):
        """The line of the running statement at which it failed; a comprehension's line is its own."""
        found = None
        for code, line in _frames(trace):
            inside = self.lines[0] <= line <= self.lines[1]
            if code.co_filename == self.guide and inside and code.co_name in COMPREHENSIONS:
                found = line
            elif found is not None:
                break
        return found

    def _watch_network(self, event, arguments):
        """Snippets are offline. Says so where one would go further than this machine."""
        if not self.sockets and (event == "socket.connect" or event == "socket.__new__" and arguments[1] != _UNIX):
            # The sandbox refuses it; this only says why.
            return self._note_network("this machine")
        if event in RESOLVES:
            host = arguments[0]
        elif event in CONNECTS and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if not isinstance(host, str):
            return
        if _is_local(host):
            port = arguments[1][1] if event in CONNECTS else None
            if type(port) is int and port in SERVERS and not self.recorder.is_copy:
                self.recorder.send(t="server", i=self.current, port=port)
            return
        self._note_network(clean(host))
        import socket

        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    def _note_network(self, host):
        # Also from a process that the snippet forked, whose failure is the snippet's.
        if not self.recorder.is_copy:
            self.recorder.send(t="network", i=self.current, host=host)


def _this_day():
    return [clock()[:3] for clock in (time.localtime, time.gmtime)]


def _today():
    """This day in the ways that programs write it, so that a clock's reading is known for one."""
    forms = ("%Y-%m-%d", "%d %b %Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y")
    days = []
    for clock in (time.localtime(), time.gmtime()):
        days += [time.strftime(form, clock) for form in forms]
        days += ["{}, {}, {}".format(*clock[:3]), time.strftime("%a %b ", clock) + "{:2d}".format(clock[2])]
    return sorted(set(days))


def _like_a_fresh_python(events):
    """Signals as the interpreter sets them when it is started as a program; tracebacks at a crash."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    faulthandler.enable(events)
    faulthandler.register(signal.SIGUSR2, events, all_threads=False, chain=False)


async def _inside_a_loop(code, namespace):
    exec(code, namespace)


def _status(exit):
    """The code of an exit; its message is printed."""
    if exit.code is None or isinstance(exit.code, int):
        return (exit.code or 0) & 0xFF
    _quietly(lambda: print(exit.code, file=sys.stderr))
    return 1


def _quietly(step):
    """Takes a step of a program's end; the next one follows whatever becomes of it."""
    try:
        step()
    except BaseException:
        pass


def _frames(trace):
    """Code and line of each entry of a traceback; code that the compiler made up has no line."""
    while trace is not None:
        if trace.tb_lineno is not None:
            yield trace.tb_frame.f_code, trace.tb_lineno
        trace = trace.tb_next


def _is_local(host):
    host = host.lower()
    if host in ("", "localhost", "::1", "0.0.0.0", "::", os.uname().nodename.lower()):
        return True
    return host.startswith("127.") and host.replace(".", "").isdigit() or host in _hosts()


def _hosts():
    """The names that lead to this machine here, one after the other; there may be more than usual."""
    try:
        with open("/etc/hosts", errors="replace") as file:
            lines = [line.partition("#")[0].lower().split() for line in file]
    except OSError:
        return []
    return [name for line in lines if line and line[0].startswith(("127.", "::1")) for name in line[1:]]


def _lacking(error):
    """The module that was not found, where another exception says so in its own words."""
    for _ in range(20):
        error = error.__context__ if error.__cause__ is None else error.__cause__
        if error is None or isinstance(error, ModuleNotFoundError):
            break
    return _text(error, "name") if isinstance(error, ModuleNotFoundError) else None


def _text(error, attribute):
    """An attribute of an exception that is a text or a path."""
    try:
        return clean(os.fsdecode(getattr(error, attribute)))
    except BaseException:
        return None
