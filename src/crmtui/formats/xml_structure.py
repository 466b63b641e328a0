"""Which elements of an XML file are records: the outermost that come again and again with content, under any name."""

from collections.abc import Iterator

from crmtui.formats.record_words import DETAILS, IDENTITY

_KINDS_KEPT = 10_000

Path = tuple[str, ...]


class Element:
    """A kind of element: how often it stands beside its like, and what kinds are inside."""

    __slots__ = ("content", "inside", "most", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.inside: dict[str, Element] = {}
        self.most = 0
        self.content = False

    def child(self, name: str, number: int, *, attributed: bool) -> "Element":
        """The kind inside called ``name``, of which the ``number``-th in its place begins."""
        found = self.inside.get(name)
        if found is None:
            found = Element(name)
            if len(self.inside) < _KINDS_KEPT:
                self.inside[name] = found
        self.content = True
        found.most = max(found.most, number)
        found.content = found.content or attributed
        return found


def record_paths(root: Element) -> list[Path]:
    """The paths of all sets of records; of a file with a single record the path of that."""
    tops = list(root.inside.values())
    if not tops:
        return []
    top = tops[0]
    if not _is_customer(top):
        found = list(_sets(top, (top.name,), details=False))
        if found:
            return found
    if not _is_customer(top):
        found = list(_sets(top, (top.name,), details=True))
        if found:
            return found
    path = [top]
    while len(path[-1].inside) == 1 and (only := next(iter(path[-1].inside.values()))).content:
        path.append(only)
    return [tuple(each.name for each in path)]


def _sets(above: Element, path: Path, *, details: bool) -> Iterator[Path]:
    for inner in above.inside.values():
        own = (*path, inner.name)
        if not inner.content or (not details and (DETAILS.match(inner.name) or DETAILS.match(above.name))):
            continue
        if inner.most > 1 or _plural(above.name, inner.name) or _is_customer(inner):
            yield own
        else:
            yield from _sets(inner, own, details=details)


def _plural(several: str, one: str) -> bool:
    several, one = several.casefold(), one.casefold()
    return several in (one + "s", one + "es", one.removesuffix("y") + "ies", one + "list", one + "_list", one + "-list")


def _is_customer(element: Element) -> bool:
    """Whether an element is a customer although there is only one: it has a name, an e-mail or a phone inside."""
    return any(
        IDENTITY.match(inner.name) and inner.most == 1 and not inner.content for inner in element.inside.values()
    )
