"""The state of objects as plain facts, so that before and after can be compared elsewhere."""

import collections
import io
import itertools
import types

from .describe import clean, safe_repr

MAX_FACTS = 300
MAX_ITEMS = 500
MAX_DEPTH = 4
MAX_TEXT = 2000

_OPAQUE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_SEQUENCES = (list, tuple, set, frozenset, collections.deque)
_KEYS = (int, str, bytes, float, bool, type(None))
_PLAIN_READERS = (object.__getattribute__, types.ModuleType.__getattribute__)


def snapshot(roots):
    """Facts ``[path, kind, items]`` about everything reachable from the named objects.

    Kinds: ``keys`` and ``values`` of a mapping, ``items`` of a sequence or set, ``value`` of anything
    plain, ``closed`` of a file.
    """
    facts = []
    for name, value in roots.items():
        _walk(value, name, MAX_DEPTH, facts, set())
    return facts


def _walk(value, path, depth, facts, seen):
    if len(facts) >= MAX_FACTS or depth < 0 or id(value) in seen or _is(value, _OPAQUE):
        return
    if _is(value, dict):
        _mapping(value, path, depth, facts, seen | {id(value)})
    elif _is(value, _SEQUENCES):
        _sequence(value, path, depth, facts, seen | {id(value)})
    elif _is(value, io.IOBase):
        facts.append([path, "closed", [repr(_closed(value))]])
    else:
        _object(value, path, depth, facts, seen | {id(value)})


def _is(value, kinds):
    """What it is, not what it says it is: a mock claims any class."""
    return issubclass(type(value), kinds)


def _closed(file):
    try:
        return bool(file.closed)
    except Exception:
        return False


def _mapping(value, path, depth, facts, seen):
    # An ordered mapping keeps its order beside the dict that it also is.
    base = collections.OrderedDict if _is(value, collections.OrderedDict) else dict
    entries = list(itertools.islice(base.items(value), MAX_ITEMS))
    facts.append([path, "keys", [_shown(key) for key, _ in entries]])
    facts.append([path, "values", [_shown(item) for _, item in entries]])
    for key, item in entries:
        if not _plain(item):
            _walk(item, "{}[{}]".format(path, _shown(key)), depth - 1, facts, seen)


def _sequence(value, path, depth, facts, seen):
    base = next(base for base in _SEQUENCES if _is(value, base))
    items = list(itertools.islice(base.__iter__(value), MAX_ITEMS))
    facts.append([path, "items", [_shown(item) for item in items]])
    for index, item in enumerate(items):
        if not _plain(item):
            _walk(item, "{}[{}]".format(path, index), depth - 1, facts, seen)


def _shown(value):
    return safe_repr(value)[:MAX_TEXT]


def _object(value, path, depth, facts, seen):
    attributes = _attributes(value)
    if not attributes:
        facts.append([path, "value", [_shown(value)]])
    for name, item in attributes.items():
        _walk(item, "{}.{}".format(path, clean(name)), depth - 1, facts, seen)


def _attributes(value):
    """Instance attributes, from ``__dict__`` and ``__slots__``; no property is asked."""
    attributes = {}
    for cls in type(value).__mro__:
        if "__slots__" in cls.__dict__:
            attributes.update(_slots(cls, value))
    try:
        own = object.__getattribute__(value, "__dict__")
    except Exception:
        return attributes
    if isinstance(own, dict):
        attributes.update((name, item) for name, item in own.items() if isinstance(name, str))
    return attributes


def _slots(cls, value):
    """The slots of a class that are filled."""
    for name, found in cls.__dict__.items():
        if isinstance(found, types.MemberDescriptorType):
            try:
                yield name, found.__get__(value)
            except AttributeError:
                pass


def _plain(value):
    return _is(value, (int, float, complex, str, bytes, type(None)))


class Unclear(Exception):
    """Only code of the snippet could tell."""


def follow(value, steps):
    """What a path of attributes and items leads to, each step as ``(is an item, key)``."""
    for is_item, key in steps:
        value = _item(value, key) if is_item else _attribute(value, key)
    return value


def _item(value, key):
    kind = type(value)
    ask = getattr(kind, "__getitem__", None)
    base = next((base for base in (dict, list, tuple, str) if ask is base.__getitem__), None)
    if base is None or type(key) not in _KEYS or hasattr(kind, "__missing__"):
        raise Unclear
    return ask(value, key)


def _attribute(value, name):
    """What the object itself holds, if no property of its class comes first."""
    kind = type(value)
    own = _attributes(value)
    in_class = next((cls.__dict__[name] for cls in kind.__mro__ if name in cls.__dict__), None)
    is_property = hasattr(type(in_class), "__set__") and not isinstance(in_class, types.MemberDescriptorType)
    if kind.__getattribute__ not in _PLAIN_READERS or name not in own or is_property:
        raise Unclear
    return own[name]
