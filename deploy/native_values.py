"""What the copy of a module says differently when it is compiled: its values become native classes.

mypyc knows ``dataclass`` and ``property``; it does not know ``value`` and ``once`` of ``gateway.values``, and the
``__init__`` that a dataclass writes for itself stays Python. So the copy has them written out. No line moves: an error
shows the line of the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_OURS = "from gateway.values import "
_DATACLASS = "from dataclasses import dataclass as value, field"
_APART = "field(init=False, repr=False, compare=False)"
"""Of an attribute that is no part of a value."""


def with_native_values(source: str) -> str:
    """Give a module with its values and what they keep written out; another module as it is."""
    if _OURS not in source:
        return source
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            _write_out(node, lines)
    return "\n".join(_DATACLASS if line.startswith(_OURS) else line for line in lines)


def _write_out(cls: ast.ClassDef, lines: list[str]) -> None:
    """Change the lines of one class, and use the empty ones after it."""
    is_value = False
    for decorator in cls.decorator_list:
        options = _options(decorator)
        if options is not None:
            _put(lines, decorator, f"value({', '.join(options)})")
            is_value = True
        elif ast.unparse(decorator) == "remembers":
            lines[decorator.lineno - 1] = ""
    kept = [
        _keep_what_is_worked_out(each, lines)
        for each in cls.body
        if isinstance(each, ast.FunctionDef) and [ast.unparse(one) for one in each.decorator_list] == ["once"]
    ]
    more: list[str] = []
    if kept:
        apart = f" = {_APART}" if is_value else ""
        more += ["; ".join(f"_kept_{name}: {of}{apart}; _keeps_{name}: bool{apart or ' = False'}" for name, of in kept)]
    if is_value:
        given, sets = zip(*_fields(cls), strict=True)
        sets += tuple(f"self._keeps_{name} = False" for name, _ in kept)
        more += [f"def __init__(self, {', '.join(given)}) -> None: {'; '.join(sets)}"]
    for place, text in enumerate(more, _last(cls)):
        assert not lines[place].strip(), f"line {place + 1} after {cls.name} is not empty"
        lines[place] = " " * (cls.col_offset + 4) + text


def _options(decorator: ast.expr) -> list[str] | None:
    """Give what ``dataclass`` must be told so that it does as this decorator; None: it makes no value."""
    call = decorator if isinstance(decorator, ast.Call) else None
    name = ast.unparse(call.func if call else decorator)
    given = {each.arg: ast.unparse(each.value) for each in call.keywords} if call else {}
    if name == "value":
        equal = given.get("eq", "True")
        return ["init=False", f"eq={equal}", f"unsafe_hash={equal}", f"order={given.get('order', 'False')}"]
    if name == "dataclass" and given == {"frozen": "True"}:  # so is a value that remembers
        return ["init=False", "unsafe_hash=True"]
    return None


def _fields(cls: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Give each field as the parameter it is, and how it is set."""
    for each in cls.body:
        if not isinstance(each, ast.AnnAssign):
            continue
        name, of = ast.unparse(each.target), ast.unparse(each.annotation)
        default, factory = _default(each.value)
        if factory:
            yield f"{name}: {of} | None = None", f"self.{name} = {factory}() if {name} is None else {name}"
        else:
            yield f"{name}: {of}{default}", f"self.{name} = {name}"


def _default(given: ast.expr | None) -> tuple[str, str]:
    """Give what stands behind a parameter, and what makes its value when none is given."""
    if given is None:
        return "", ""
    if isinstance(given, ast.Call) and ast.unparse(given.func) == "field":
        words = {each.arg: ast.unparse(each.value) for each in given.keywords}
        return f" = {words['default']}" if "default" in words else "", words.get("default_factory", "")
    return f" = {ast.unparse(given)}", ""


def _keep_what_is_worked_out(method: ast.FunctionDef, lines: list[str]) -> tuple[str, str]:
    """Make a property that keeps what it returns; gives its name and of what type that is."""
    kept, keeps = f"self._kept_{method.name}", f"self._keeps_{method.name}"
    _put(lines, method.decorator_list[0], "property")
    described = method.body[0]
    for number in range(described.lineno - 1, _last(described)):
        lines[number] = ""
    lines[described.lineno - 1] = f"{' ' * described.col_offset}if {keeps}: return {kept}"
    for node in ast.walk(method):
        if isinstance(node, ast.Return):
            first = node.lineno - 1
            lines[_last(node) - 1] += f"; {keeps} = True; return {kept}"
            lines[first] = lines[first].replace("return ", f"{kept} = ", 1)
    assert method.returns is not None
    return method.name, ast.unparse(method.returns)


def _put(lines: list[str], decorator: ast.expr, text: str) -> None:
    lines[decorator.lineno - 1] = " " * (decorator.col_offset - 1) + "@" + text


def _last(node: ast.stmt) -> int:
    """Give the number of the last line, which is the place of the next one in a list."""
    assert node.end_lineno is not None
    return node.end_lineno
