"""Rewrites a statement so that its values pass through a probe; everything else stays as it is."""

import ast

HOOK = "__verify__"


def instrument(tree, probes):
    """Wraps the nodes that the probes name by place. Returns the probes whose node was not found."""
    statements, expressions = _by_place(tree)
    missing = []
    for probe in probes:
        if probe["part"] == "expression":
            found = expressions.get((probe["line"], probe["column"], probe["end_line"], probe["end_column"]))
            if found is None:
                missing.append(probe)
                continue
            parent, field, index, node = found
            call = ast.copy_location(_call("value", probe, "value", node), node)
            _replace(parent, field, index, ast.fix_missing_locations(call))
        else:
            found = statements.get((probe["line"], probe["column"]))
            if found is None:
                missing.append(probe)
                continue
            _wrap_statement(found, probe)
    for node in ast.walk(tree):
        for statement in _wrapped(node):
            statement.body_and_hooks()
    return missing


class _Holder:
    """A statement's place in its parent, and the probes that were put on it."""

    def __init__(self, body, node):
        self.body = body
        self.node = node
        self.probes = []

    def body_and_hooks(self):
        node = self.node
        for probe in self.probes:
            if probe["value"]:
                _wrap_values(node, probe)
        wrapped = [node]
        for probe in self.probes:
            wrapped = _guarded(wrapped, probe, self.node)
        for statement in wrapped:
            ast.fix_missing_locations(statement if statement is node else ast.copy_location(statement, node))
        at = next(index for index, item in enumerate(self.body) if item is node)
        self.body[at:at + 1] = wrapped
        self.probes = []


def _wrapped(node):
    return getattr(node, "_verify_holders", ())


def _wrap_statement(found, probe):
    parent, holder = found
    holder.probes.append(probe)
    holders = parent.__dict__.setdefault("_verify_holders", [])
    if holder not in holders:
        holders.append(holder)


def _by_place(tree):
    """Statements by their start, expressions by their range."""
    statements, expressions = {}, {}
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            items = value if isinstance(value, list) else [value]
            for index, node in enumerate(items):
                if isinstance(node, ast.stmt):
                    statements.setdefault((node.lineno, node.col_offset), (parent, _Holder(items, node)))
                elif isinstance(node, ast.expr):
                    place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
                    position = index if isinstance(value, list) else None
                    expressions.setdefault(place, (parent, field, position, node))
    return statements, expressions


def _replace(parent, field, index, node):
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _hook(method):
    return ast.Attribute(value=ast.Name(id=HOOK, ctx=ast.Load()), attr=method, ctx=ast.Load())


def _call(method, probe, *arguments):
    arguments = [item if isinstance(item, ast.AST) else ast.Constant(value=item) for item in arguments]
    return ast.Call(func=_hook(method), args=[ast.Constant(value=probe["id"]), *arguments], keywords=[])


def _do(method, probe, *arguments):
    return ast.Expr(value=_call(method, probe, *arguments))


def _wrap_values(node, probe):
    """Passes what the statement yields through the probe."""
    if isinstance(node, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)):
        if isinstance(node.value, (ast.Yield, ast.Await)) and node.value.value is not None:
            inner = node.value
            if isinstance(inner, ast.Yield):
                inner.value = _call("value", probe, "yielded", inner.value)
                return
        if node.value is not None:
            role = {ast.Expr: "value", ast.Return: "returned"}.get(type(node), "assigned")
            node.value = _call("value", probe, role, node.value)
    elif isinstance(node, (ast.If, ast.While, ast.Assert)):
        node.test = _call("value", probe, "test", node.test)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        target = _as_load(node.target)
        node.body.insert(0, _do("value", probe, "item", target))


def _as_load(target):
    """A copy of an assignment's target that reads instead of binding."""
    return ast.parse(ast.unparse(target), mode="eval").body if hasattr(ast, "unparse") else ast.Constant(value=None)


def _guarded(body, probe, node):
    """``body`` between the probe's begin and end, with what is to be looked at afterwards."""
    names = sorted({item.id for item in ast.walk(node) if isinstance(item, ast.Name)}) if probe["state"] else []
    state = ast.Tuple(elts=[ast.Constant(value=name) for name in names if name != HOOK], ctx=ast.Load())
    after = [_look(probe, _expression(code, node), code) for code in probe["after"]]
    after += [_evaluation(probe, _expression(code, node), code) for code in probe["evaluate"]]
    if probe["state"]:
        after.append(_do("state", probe, "after", state))
    handler = ast.ExceptHandler(
        type=ast.Name(id="BaseException", ctx=ast.Load()), name=None, body=[_do("raised", probe), ast.Raise()]
    )
    before = [_do("state", probe, "before", state)] if probe["state"] else []
    guarded = ast.Try(
        body=body, handlers=[handler], orelse=after or [ast.Pass()], finalbody=[_do("end", probe)]
    )
    return [_do("begin", probe), *before, guarded]


def _expression(code, node):
    """A claim's expression, standing where the statement stands."""
    tree = ast.parse(code, mode="eval").body
    for item in ast.walk(tree):
        ast.copy_location(item, node)
    return tree


def _look(probe, expression, code):
    """Reads a name or an attribute after the statement; one that is not there is no fact."""
    read = _do("value", probe, "after:" + code, expression)
    handler = ast.ExceptHandler(type=ast.Name(id="Exception", ctx=ast.Load()), name=None, body=[ast.Pass()])
    return ast.Try(body=[read], handlers=[handler], orelse=[], finalbody=[])


def _evaluation(probe, expression, code):
    """Evaluates an expression of a claim, in a process of its own."""
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    thunk = ast.Lambda(args=nothing, body=expression)
    return _do("evaluate", probe, code, thunk)
