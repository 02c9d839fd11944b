"""Runs a job: its units one after the other, whatever happens to any of them."""

import ast
import atexit
import builtins
import faulthandler
import inspect
import linecache
import os
import signal
import sys
import threading
import types

from . import rewrite
from .capture import Recorder, Stream
from .describe import clean, safe_str
from .probe import Probes

COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>", "<module>"}


def run(job, events, out, err):
    """Runs a job in this process and leaves it. The arguments are file descriptors of the watcher."""
    recorder = Recorder(events, out, err, job["guide"])
    os.chdir(job["folder"])
    _like_a_fresh_python(events)
    sys.stdout = sys.__stdout__ = Stream(recorder, 0, "<stdout>")
    sys.stderr = sys.__stderr__ = Stream(recorder, 1, "<stderr>")
    runner = Runner(job, recorder)
    recorder.emit(t="ready")
    for index, unit in enumerate(job["units"]):
        if not runner.unit(index, unit):
            break
    runner.finish()
    if os.getpid() == recorder.pid:
        recorder.emit(t="done", names=[name for name in job["names"] if name in runner.namespace])
    os._exit(0)


def _like_a_fresh_python(events):
    """Signals as the interpreter sets them when it is started as a program; tracebacks at a crash."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    faulthandler.enable(events)
    faulthandler.register(signal.SIGUSR2, events, all_threads=False, chain=False)


class Runner:
    """The state of a run that lasts from unit to unit."""

    def __init__(self, job, recorder):
        self.guide = job["guide"]
        self.recorder = recorder
        self.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self.loop = None
        self.current = 0
        self.lines = (0, 0)
        self.namespace = self._main_module(job).__dict__
        setattr(builtins, rewrite.HOOK, Probes(recorder, self.failure))
        sys.addaudithook(self._watch_network)

    def _main_module(self, job):
        """``__main__`` as a real module with a real file, whose lines are the guide's."""
        text = _aligned(job["units"])
        with open(job["main"], "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        lines = text.splitlines(True)
        linecache.cache[self.guide] = (len(text), None, lines, self.guide)
        main = types.ModuleType("__main__")
        main.__file__ = job["main"]
        main.__builtins__ = builtins
        sys.modules["__main__"] = main
        sys.argv[:] = [job["main"]]
        sys.path.insert(0, job["folder"])
        return main

    def unit(self, index, unit):
        """Runs one top-level statement. False when the snippet has ended itself."""
        self.current = index
        self.lines = (unit["line"], unit["line"] + unit["source"].count("\n"))
        self.recorder.forget_marks()
        self.recorder.emit(t="unit", i=index)
        failure, stop = None, False
        try:
            self._execute(unit)
        except SystemExit as exit:
            failure, stop = self.failure(exit), True
        except BaseException as error:
            failure = self.failure(error)
        if os.getpid() != self.recorder.pid:
            return not stop
        self.recorder.emit(t="unit_end", i=index, e=failure)
        return not stop

    def _execute(self, unit):
        code = self._compile(unit)
        if code.co_flags & inspect.CO_COROUTINE:
            self._await(types.FunctionType(code, self.namespace)())
        else:
            exec(code, self.namespace)

    def _compile(self, unit):
        source = "\n" * (unit["line"] - 1) + unit["source"]
        mode = "single" if unit["interactive"] else "exec"
        # A runner's own __future__ imports must not leak in, the snippet's must last.
        if unit["probes"] or unit["interactive"]:
            tree = compile(source, self.guide, "exec", self.flags | ast.PyCF_ONLY_AST, dont_inherit=True)
            for probe in rewrite.instrument(tree, unit["probes"]):
                self.recorder.emit(t="unprobed", p=probe["id"])
            if mode == "single":
                tree = ast.Interactive(body=tree.body)
        else:
            tree = source
        code = compile(tree, self.guide, mode, self.flags, dont_inherit=True)
        if "__future__" in unit["source"]:
            self.flags |= _future_flags(code)
        return code

    def _await(self, coroutine):
        import asyncio

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(coroutine)

    def finish(self):
        """What the interpreter does at its end: waits for threads, runs exit functions, flushes."""
        for step in (threading._shutdown, atexit._run_exitfuncs):
            try:
                step()
            except BaseException:
                sys.excepthook(*sys.exc_info())
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:
                pass

    def failure(self, error):
        """An exception as plain facts."""
        chain, link = [], error
        while link is not None and len(chain) < 20:
            chain.append(type(link).__name__)
            link = link.__cause__ or link.__context__
        return {
            "type": clean(type(error).__name__),
            "bases": [clean(base.__name__) for base in type(error).__mro__],
            "message": safe_str(error),
            "name": _text(getattr(error, "name", None)),
            "filename": _text(getattr(error, "filename", None)),
            "syntax_line": getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None,
            "chain": chain,
            "lines": self._traceback_lines(error.__traceback__),
            "line": self._own_line(error.__traceback__),
            "unit": self.current,
        }

    def _traceback_lines(self, trace):
        """Guide lines of the traceback, outermost first."""
        lines = []
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.guide:
                lines.append(trace.tb_lineno)
            trace = trace.tb_next
        return lines[-40:]

    def _own_line(self, trace):
        """The line of the running statement at which it failed; a comprehension's line is its own."""
        line = None
        while trace is not None:
            code = trace.tb_frame.f_code
            inside = self.lines[0] <= trace.tb_lineno <= self.lines[1]
            if code.co_filename == self.guide and inside and code.co_name in COMPREHENSIONS:
                line = trace.tb_lineno
            elif line is not None:
                break
            trace = trace.tb_next
        return line

    def _watch_network(self, event, arguments):
        """Snippets are offline. Says so where one would go further than this machine."""
        if event in ("socket.getaddrinfo", "socket.gethostbyname"):
            host = arguments[0]
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if host is None or _is_local(host):
            return
        self.recorder.emit(t="network", i=self.current, host=clean(str(host)))
        import socket

        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def _is_local(host):
    return host in ("", "localhost", "::1", "0.0.0.0", "::") or str(host).startswith("127.")


def _aligned(units):
    """The units' sources, each at its own line."""
    lines = []
    for unit in sorted(units, key=lambda unit: unit["line"]):
        lines.extend([""] * (unit["line"] - 1 - len(lines)))
        del lines[unit["line"] - 1:]
        lines.extend(unit["source"].split("\n"))
    return "\n".join(lines) + "\n"


def _future_flags(code):
    import __future__

    flags = 0
    for name in __future__.all_feature_names:
        flags |= code.co_flags & getattr(__future__, name).compiler_flag
    return flags


def _text(value):
    return clean(value) if isinstance(value, str) else None
