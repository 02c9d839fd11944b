"""Python values as plain data.

Only exact builtin types are taken apart, so that no code of the snippet runs beyond its ``__repr__``.
"""

from itertools import islice

MAX_NODES = 5000
MAX_TEXT = 100_000
MAX_DEPTH = 30
TEXT_PER_NODE = 64

EXCERPT = 1000

_BRACKETS = {list: "[]", tuple: "()", set: "{}", frozenset: "{}"}
_SEQUENCES = {list: "list", tuple: "tuple", set: "set", frozenset: "frozenset"}


def describe(value):
    """The value as nested ``{"t": type, "v": content}``; whatever is too large is kept as its repr."""
    described = _describe(value, [MAX_NODES], MAX_DEPTH)
    return described if described is not None else other(value)


def _describe(value, budget, depth):
    budget[0] -= 1
    if budget[0] < 0 or depth < 0:
        return None
    kind = type(value)
    if kind in _SEQUENCES:
        items = _all(value, budget, depth)
        return None if items is None else {"t": _SEQUENCES[kind], "v": items}
    if kind is dict:
        keys, values = _all(value, budget, depth), _all(value.values(), budget, depth)
        return None if keys is None or values is None else {"t": "dict", "v": list(zip(keys, values))}
    described = _SCALARS.get(kind, other)(value)
    budget[0] -= _weight(described)
    return described


def _weight(described):
    """A few very long texts count as many short ones."""
    content = described.get("v")
    parts = content if isinstance(content, list) else [content]
    return sum(len(part) if isinstance(part, str) else 8 for part in parts) // TEXT_PER_NODE


def _all(values, budget, depth):
    described = []
    for value in values:
        item = _describe(value, budget, depth - 1)
        if item is None:
            return None
        described.append(item)
    return described


def _int(value):
    # Python refuses to write very long integers in decimal; nobody claims one either. A snippet may
    # have lowered the limit.
    try:
        if value.bit_length() <= 10_000:
            return {"t": "int", "v": str(value)}
    except ValueError:
        pass
    return {"t": "other", "v": ["int", "<int of {} bits>".format(value.bit_length())]}


_SCALARS = {
    type(None): lambda value: {"t": "none"},
    type(...): lambda value: {"t": "ellipsis"},
    bool: lambda value: {"t": "bool", "v": value},
    int: _int,
    float: lambda value: {"t": "float", "v": repr(value)},
    complex: lambda value: {"t": "complex", "v": [repr(value.real), repr(value.imag)]},
    str: lambda value: {"t": "str", "v": clean(value)},
    bytes: lambda value: {"t": "bytes", "v": list(value)} if len(value) <= MAX_NODES else other(value),
}


def other(value):
    """Any object by its type's name and its repr."""
    return {"t": "other", "v": [name_of(type(value), "__qualname__"), safe_repr(value)]}


def name_of(kind, which="__name__"):
    """A class's name, whatever its metaclass says."""
    return clean(type.__dict__[which].__get__(kind))


def safe_repr(value):
    """``repr(value)``, or what is wrong with it; of a very large container its ends."""
    if type(value) in _BRACKETS and len(value) > MAX_NODES:
        return _safe(_ends, value)
    return _safe(repr, value)


def _ends(value):
    """A container without its middle: nobody shows a million items, and writing them takes long."""
    first, last = _BRACKETS[type(value)]
    items = [repr(item) for item in islice(value, EXCERPT)]
    if type(value) in (list, tuple):
        items += [repr(item) for item in value[-3:]]
    return first + ", ".join(items) + last


def safe_str(value):
    """``str(value)``, or what is wrong with it."""
    return _safe(str, value)


def _safe(write, value):
    # Even an exit is no more than a failure here: the snippet did not ask for its own repr.
    try:
        return clean(write(value))
    except BaseException as error:
        return "<{} raised {}>".format(write.__name__, name_of(type(error)))


def clean(text):
    """Text that survives the way as UTF-8, cut where nobody would read on."""
    text = str.__str__(text)
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + "…"
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
