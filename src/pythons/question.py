"""What an interpreter says of itself, a fact on each line. Python 2 understands it too, and is refused by name."""

import sys


def say(kind, fact):
    sys.stdout.write("%s %s\n" % (kind, fact))


say("version", "%d.%d.%d" % sys.version_info[:3])
say("implementation", sys.implementation.name if hasattr(sys, "implementation") else "cpython")
say("threads", "free" if "t" in getattr(sys, "abiflags", "") else "locked")
say("executable", sys.executable)
say("prefix", sys.prefix)
for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix"):
    say("file", getattr(sys, name, sys.prefix))
for place in sys.path:
    say("file", place)
for line in open("/proc/self/maps"):
    if "/libpython" in line:
        say("file", line[line.index("/"):].rstrip())
