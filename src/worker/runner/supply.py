"""What a run is supplied with before its first statement: files, what is typed, databases, a setup."""

import ast
import linecache
import os
import sys


def files(given):
    """Makes the files that the snippet finds where it works."""
    for file in given:
        os.makedirs(os.path.dirname(file["path"]) or ".", exist_ok=True)
        if "base64" in file:
            import binascii

            data = binascii.a2b_base64(file["base64"])
        else:
            data = file["text"].encode("utf-8")
        # Not `chmod`, which the sandbox may refuse.
        mode = 0o777 if file["executable"] else 0o666
        with open(os.open(file["path"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as copy:
            copy.write(data)


def environment(variables):
    """Sets environment variables."""
    os.environ.update(variables)
    if "TZ" in variables:
        import time

        time.tzset()


def typed(text, folder):
    """Makes a text what is typed, for this process and those that it starts."""
    path = os.path.join(folder, ".stdin")
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    file = os.open(path, os.O_RDONLY)
    os.dup2(file, 0)
    os.close(file)
    os.unlink(path)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)
    sys.stdin.buffer.raw.name = "<stdin>"


def database(path, sql):
    """Makes a SQLite database."""
    import sqlite3

    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.executescript(sql)
        connection.commit()
    finally:
        connection.close()


def code(text, place):
    """Compiles the code of a setup, whose lines are known by the place where it is written."""
    linecache.cache[place] = (len(text), None, text.splitlines(True), place)
    return compile(text, place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def line_of(error, file):
    """The line of a file at which it failed."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
