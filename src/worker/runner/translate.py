"""From a unit to code, with the guide's own lines in it.

The compiler gets a unit alone; lines are moved afterwards. Empty lines in front of it would do the same, but
reading them takes longer than all else where a guide is long.
"""

import ast
import sys
import types
import warnings

from . import rewrite

# Where a class has its line among its constants, where no other number can be told from it.
NAMES_ITS_LINE = sys.version_info >= (3, 13)
# From `inspect`, which takes long to import.
CO_COROUTINE = 0x80


class Translator:
    """Compiles the units of one run."""

    def __init__(self):
        self.guide = None
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._shift = 0
        # What the compiler warns of is about the guide's lines, too.
        self._show = warnings._showwarnmsg
        warnings._showwarnmsg = self._show_at_line

    def awaits(self, unit):
        """Whether a unit has a top-level ``await``."""
        try:
            return bool(self._compiled(unit["source"], "exec").co_flags & CO_COROUTINE)
        except (SyntaxError, ValueError):
            return False

    def code(self, unit, probes, left):
        """The code of a unit with probes in it; ``left`` is called for each whose place is not found."""
        self._shift = unit["line"] - 1
        try:
            code = self._code(unit, probes, left)
        except SyntaxError as error:
            if error.filename == self.guide:
                _move_error(error, self._shift)
            raise
        finally:
            self._shift = 0
        if "__future__" in unit["source"]:
            self._flags |= _future_flags(code)
        return code

    def _code(self, unit, probes, left):
        if not probes and not unit["interactive"]:
            if NAMES_ITS_LINE and "class" in unit["source"]:
                lines, self._shift = "\n" * self._shift, 0
                return self._compiled(lines + unit["source"], "exec")
            return _moved(self._compiled(unit["source"], "exec"), self._shift)
        tree = self._compiled(unit["source"], "exec", ast.PyCF_ONLY_AST)
        ast.increment_lineno(tree, self._shift)
        # By now its lines are the guide's.
        self._shift = 0
        for probe in rewrite.instrument(tree, probes):
            left(probe)
        if unit["interactive"]:
            return self._compiled(ast.Interactive(body=tree.body), "single")
        return self._compiled(tree, "exec")

    def _compiled(self, source, mode, flags=0):
        # A runner's own __future__ imports must not leak in, the snippet's must last.
        return compile(source, self.guide, mode, self._flags | flags, dont_inherit=True)

    def _show_at_line(self, message):
        if self._shift and message.filename == self.guide:
            message.lineno += self._shift
        self._show(message)


def _moved(code, by):
    """The same code so many lines further down, with all functions and classes in it."""
    constants = [_moved(it, by) if isinstance(it, types.CodeType) else it for it in code.co_consts]
    return code.replace(co_firstlineno=code.co_firstlineno + by, co_consts=tuple(constants))


def _move_error(error, by):
    for line in ("lineno", "end_lineno"):
        if getattr(error, line, None):
            setattr(error, line, getattr(error, line) + by)


def _future_flags(code):
    import __future__

    flags = 0
    for name in __future__.all_feature_names:
        flags |= code.co_flags & getattr(__future__, name).compiler_flag
    return flags
