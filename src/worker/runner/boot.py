"""Begins a run in an interpreter that was started for it, as a worker with an embedded one does before a fork.

Standard input is what the run is given. The snippet finds it empty.
"""

import importlib.util
import json
import marshal
import os
import sys
import traceback

NOT_STARTED = 71


def begin():
    """Runs the job and leaves the process. Without a job it gives back the runner, compiled for this Python."""
    with open(0, "rb", closefd=False) as file:
        common, job, compiled = file.read().split(b"\n", 2)
    common, job = json.loads(common.decode()), json.loads(job.decode())
    ends, folder = common["ends"], os.path.dirname(os.getcwd())
    _leave_no_trace(ends)
    scope = {}
    exec(common["loader"], scope)
    compiled = compiled or _compiled(common["sources"])
    runner = scope["load"](common["sources"], compiled)(
        ends, folder, common["sockets"], _resume, common["site"]
    )
    if job is not None:
        runner.run(job, folder)
    with open(ends[0], "wb", closefd=False) as file:
        file.write(compiled)
    os._exit(0)


def _compiled(sources):
    codes = {name: compile(source, "<verify {}.py>".format(name), "exec") for name, source in sources}
    return importlib.util.MAGIC_NUMBER + marshal.dumps(codes)


def _leave_no_trace(ends):
    """What the way here has left, a snippet does not see."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for end in ends:
        os.set_inheritable(end, False)
    os.environ.pop("PYTHONHASHSEED", None)
    # The folder in which `-c` would look for modules.
    sys.path.remove("")
    if hasattr(sys, "orig_argv"):
        del sys.orig_argv[1:]


def _resume():
    """Waiting is real: there is nothing to go on with in a copy of the run."""


try:
    begin()
except BaseException:
    os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
finally:
    os._exit(NOT_STARTED)
