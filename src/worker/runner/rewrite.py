"""Rewrites a statement so that its values pass through a probe; everything else stays as it is."""

import ast
import copy

HOOK = "__verify__"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)
_ROLES = {ast.Expr: "value", ast.Return: "returned", ast.Assign: "assigned", ast.AnnAssign: "assigned"}


def instrument(tree, probes):
    """Wraps what the probes name by place. Returns the probes whose place was not found."""
    wrapper = _Wrapper(tree, probes)
    wrapper.visit(tree)
    ast.fix_missing_locations(tree)
    return wrapper.left()


class _Wrapper(ast.NodeTransformer):
    """Puts each probe where it belongs: on a statement by its start, on an expression by its range."""

    def __init__(self, tree, probes):
        self._scope = tree
        self._places = {}
        for probe in probes:
            self._places.setdefault(_place(probe), []).append(probe)

    def left(self):
        return [probe for probes in self._places.values() for probe in probes]

    def visit(self, node):
        if isinstance(node, ast.stmt):
            return self._statement(node)
        if isinstance(node, ast.expr):
            return self._expression(node)
        return self.generic_visit(node)

    def _statement(self, node):
        probes = self._places.pop((node.lineno, node.col_offset), None)
        names = _names(node) if probes else []
        self._visit_inside(node)
        if probes is None:
            return node
        probed = self._stand_in(node)
        for probe in probes:
            if probe["value"]:
                _wrap_values(probed, probe)
        body = [probed]
        for probe in probes:
            body = _guarded(body, probe, names, self._scope)
        body = [ast.copy_location(statement, node) for statement in body]
        return body if probed is node else [node, *body]

    def _visit_inside(self, node):
        outer = self._scope
        if isinstance(node, _SCOPES):
            self._scope = node
        self.generic_visit(node)
        self._scope = outer

    def _stand_in(self, node):
        """What is probed in the place of a statement that would lose its meaning inside another."""
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return ast.copy_location(ast.Pass(), node)
        if isinstance(self._scope, _SCOPES) and node is self._scope.body[0] and _is_docstring(node):
            return copy.deepcopy(node)
        return node

    def _expression(self, node):
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        is_bound = isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
        probes = () if is_bound else self._places.pop(place, ())
        # The parts of an f-string have places that are not theirs before Python 3.12.
        if not isinstance(node, ast.JoinedStr):
            self.generic_visit(node)
        for probe in probes:
            if isinstance(node, ast.Starred):
                node.value = _passed(probe, "value", node.value)
            else:
                node = _passed(probe, "value", node)
        return node


def _place(probe):
    start = probe["line"], probe["column"]
    return start if probe["part"] == "statement" else (*start, probe["end_line"], probe["end_column"])


def _names(node):
    return sorted({item.id for item in ast.walk(node) if isinstance(item, ast.Name)})


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def _call(method, probe, *arguments):
    hook = ast.Attribute(value=ast.Name(id=HOOK, ctx=ast.Load()), attr=method, ctx=ast.Load())
    arguments = [item if isinstance(item, ast.AST) else ast.Constant(value=item) for item in arguments]
    return ast.Call(func=hook, args=[ast.Constant(value=probe["id"]), *arguments], keywords=[])


def _do(method, probe, *arguments):
    return ast.Expr(value=_call(method, probe, *arguments))


def _passed(probe, role, node):
    """An expression whose value passes through the probe on its way."""
    return ast.copy_location(_call("value", probe, role, node), node)


def _wrap_values(node, probe):
    """Passes what the statement yields through the probe."""
    if type(node) in _ROLES and node.value is not None:
        if isinstance(node.value, ast.Yield) and node.value.value is not None:
            node.value.value = _passed(probe, "yielded", node.value.value)
        else:
            node.value = _passed(probe, _ROLES[type(node)], node.value)
    elif isinstance(node, (ast.If, ast.While, ast.Assert)):
        node.test = _passed(probe, "test", node.test)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        target = _as_load(node.target)
        if target is not None:
            node.body.insert(0, _do("look", probe, "item", target))


def _as_load(target):
    """A copy of a loop's target that reads instead of binding; ``None`` if it is more than names."""
    target = copy.deepcopy(target)
    for node in ast.walk(target):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return None
        if isinstance(node, (ast.Name, ast.Tuple, ast.List, ast.Starred)):
            node.ctx = ast.Load()
    return target


def _guarded(body, probe, names, scope):
    """``body`` between the probe's begin and end, with what is to be looked at afterwards."""
    after = [_look(probe, code) for code in probe["after"]]
    # A claim's own expression is about this place, whatever became of the statement.
    anyway = [_evaluation(probe, code, scope) for code in probe["evaluate"]]
    handler = _otherwise(_do("raised", probe), ast.Raise())
    guarded = ast.Try(
        body=body,
        handlers=[handler],
        orelse=[statement for statement in after if statement is not None],
        finalbody=[
            *_state(probe, "after", names),
            *[statement for statement in anyway if statement is not None],
            _do("end", probe),
        ],
    )
    return [_do("begin", probe), *_state(probe, "before", names), guarded]


def _state(probe, when, names):
    names = ast.Tuple(elts=[ast.Constant(value=name) for name in names], ctx=ast.Load())
    return [_do("state", probe, when, names)] if probe["state"] else []


def _otherwise(*body):
    # Without a name: the snippet may have given `Exception` another meaning.
    return ast.ExceptHandler(type=None, name=None, body=list(body))


def _look(probe, code):
    """Reads a name, an attribute or an item after the statement; one that is not there is no fact."""
    tree = _parsed(code)
    if tree is None:
        return None
    role = "after:" + code
    path = _path(tree)
    test = _call("branch", probe) if path is None else _call("needs_copy", probe, role, *path)
    return _in_copy(test, _do("noted", probe, role, tree), _do("leave", probe))


def _path(tree):
    """A name and the steps from there as ``(is an item, key)``; ``None`` for any other expression."""
    steps = []
    while not isinstance(tree, ast.Name):
        # Python gives names that start so another spelling in a class.
        if isinstance(tree, ast.Attribute) and not tree.attr.startswith("__"):
            step = ast.Constant(value=False), ast.Constant(value=tree.attr)
        elif isinstance(tree, ast.Subscript) and _key(tree) is not None:
            step = ast.Constant(value=True), _key(tree)
        else:
            return None
        steps.insert(0, ast.Tuple(elts=list(step), ctx=ast.Load()))
        tree = tree.value
    return copy.copy(tree), ast.Tuple(elts=steps, ctx=ast.Load())


def _key(subscript):
    key = subscript.slice
    if not isinstance(key, ast.expr):
        # Python 3.8 has another node around it.
        key = getattr(key, "value", None)
    return copy.copy(key) if isinstance(key, (ast.Name, ast.Constant)) else None


def _evaluation(probe, code, scope):
    """Evaluates an expression of a claim, or executes its statements."""
    tree = _parsed(code)
    if tree is not None and _fits(tree, scope):
        work = [_do("evaluated", probe, code, tree)]
    else:
        work = _executed(probe, code, scope)
    return work and _in_copy(_call("branch", probe), work, _do("failed", probe, code))


def _executed(probe, code, scope):
    """Statements, with the value of the last one. They may bind names, hence only outside functions."""
    if isinstance(scope, _SCOPES):
        return None
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    _without_places(*body)
    if not body or not all(_fits(statement, scope) for statement in body):
        return None
    last = body.pop() if isinstance(body[-1], ast.Expr) else ast.Expr(value=ast.Constant(value=None))
    return [*body, _do("evaluated", probe, code, last.value)]


def _in_copy(test, work, failed):
    """``work`` right here but in the fork where the test is true, so that nothing sees its effects."""
    branch = ast.If(test=test, body=work if isinstance(work, list) else [work], orelse=[])
    return ast.Try(body=[branch], handlers=[_otherwise(failed)], orelse=[], finalbody=[])


def _parsed(code):
    """A claim's expression without places, so that it takes those of its statement."""
    try:
        tree = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    _without_places(tree)
    return tree


def _without_places(*trees):
    for tree in trees:
        for item in ast.walk(tree):
            for place in item._attributes:
                item.__dict__.pop(place, None)


def _fits(tree, scope):
    """Whether an expression may stand in the scope without making it another kind of scope."""
    for item in ast.walk(tree):
        waits = isinstance(item, ast.Await) or getattr(item, "is_async", 0)
        if isinstance(item, (ast.Yield, ast.YieldFrom)):
            return False
        if waits and not isinstance(scope, ast.AsyncFunctionDef):
            return False
        if isinstance(item, ast.NamedExpr) and isinstance(scope, _FUNCTIONS):
            return False
    return True
