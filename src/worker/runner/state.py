"""The state of objects as plain facts, so that before and after can be compared elsewhere."""

import io
import types

from .describe import clean, safe_repr

MAX_FACTS = 300
MAX_ITEMS = 500
MAX_DEPTH = 4

_OPAQUE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


def snapshot(roots):
    """Facts ``[path, kind, items]`` about everything reachable from the named objects.

    Kinds: ``keys`` and ``values`` of a mapping, ``items`` of a sequence or set, ``value`` of anything plain, ``closed``
    of a file.
    """
    facts = []
    for name, value in roots.items():
        _walk(value, name, MAX_DEPTH, facts, set())
    return facts


def _walk(value, path, depth, facts, seen):
    if len(facts) >= MAX_FACTS or depth < 0 or id(value) in seen or isinstance(value, _OPAQUE):
        return
    if isinstance(value, dict):
        _mapping(value, path, depth, facts, seen | {id(value)})
    elif isinstance(value, (list, tuple, set, frozenset)) or _is_deque(value):
        _sequence(value, path, depth, facts, seen | {id(value)})
    elif isinstance(value, io.IOBase):
        facts.append([path, "closed", [repr(_closed(value))]])
    else:
        _object(value, path, depth, facts, seen | {id(value)})


def _is_deque(value):
    return type(value).__module__ == "collections" and type(value).__name__ == "deque"


def _closed(file):
    try:
        return bool(file.closed)
    except Exception:
        return False


def _mapping(value, path, depth, facts, seen):
    entries = list(dict.items(value))[:MAX_ITEMS]
    facts.append([path, "keys", [safe_repr(key) for key, _ in entries]])
    facts.append([path, "values", [safe_repr(item) for _, item in entries]])
    for key, item in entries:
        if not _plain(item):
            _walk(item, "{}[{}]".format(path, safe_repr(key)), depth - 1, facts, seen)


def _sequence(value, path, depth, facts, seen):
    items = list(value)[:MAX_ITEMS]
    facts.append([path, "items", [safe_repr(item) for item in items]])
    for index, item in enumerate(items):
        if not _plain(item):
            _walk(item, "{}[{}]".format(path, index), depth - 1, facts, seen)


def _object(value, path, depth, facts, seen):
    attributes = _attributes(value)
    if not attributes:
        facts.append([path, "value", [safe_repr(value)]])
    for name, item in attributes.items():
        _walk(item, "{}.{}".format(path, clean(name)), depth - 1, facts, seen)


def _attributes(value):
    """Instance attributes, from ``__dict__`` and ``__slots__``; no property is asked."""
    attributes = {}
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            member = cls.__dict__.get(name)
            if isinstance(member, types.MemberDescriptorType):
                try:
                    attributes[name] = member.__get__(value)
                except AttributeError:
                    pass
    own = getattr(value, "__dict__", None)
    if isinstance(own, dict):
        attributes.update((str(name), item) for name, item in own.items())
    return attributes


def _plain(value):
    return isinstance(value, (int, float, complex, str, bytes, type(None)))
