"""What the code of one file reaches for: what it imports, calls by any name, and says in SQL."""

import ast
from collections.abc import Iterator

SQL_CALLS = {"text", "execute", "exec_driver_sql", "executescript", "scalar", "scalars"}


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield every imported module and every name imported from one, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            if not node.level:
                yield from (f"{module}.{alias.name}" for alias in node.names)


def attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the last two parts of every dotted name, as written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield getattr(node.value, "id", getattr(node.value, "attr", "")), node.attr


def used(tree: ast.AST) -> Iterator[str]:
    """Yield every dotted name with its beginning spelled as it was imported."""
    meant = _meant(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            whole = ast.unparse(node)
            first, dot, rest = whole.partition(".")
            yield meant.get(first, first) + dot + rest


def _meant(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield every string, parts of f-strings among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def statements(tree: ast.AST) -> Iterator[str]:
    """Yield every string that is handed to a database as it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SQL_CALLS:
                for given in node.args:
                    yield from strings(given)
