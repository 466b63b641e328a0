"""``NamedTuple``, ``TypedDict`` and ``TYPE_CHECKING`` for modules on the way of every look-up from the shell.

They are used and behave like those of ``typing``, and a type checker takes them for those. But a look-up has 40 ms: importing
``typing`` would take 3 of them, and each class 0.1 more, as it compiles a constructor even for classes that nobody uses.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING or sys.version_info >= (
    3,
    14,
):  # from 3.14 on, only typing can read annotations without evaluating them
    from typing import NamedTuple as NamedTuple
    from typing import TypedDict as TypedDict
else:
    TypedDict = dict

    try:
        from _collections import _tuplegetter  # as collections does: the quickest way to a field
    except ImportError:
        from operator import itemgetter

        def _tuplegetter(index, doc):
            return property(itemgetter(index), doc=doc)

    class _NamedTupleType(type):
        """Makes a tuple of a class body: its annotations are the fields, their values the defaults."""

        def __new__(mcs, name, bases, body):
            body.setdefault("__slots__", ())
            if tuple not in bases and not hasattr(bases[0], "_fields"):  # not for a class below one with fields
                fields = tuple(body.get("__annotations__", ()))
                body["_fields"] = body["__match_args__"] = fields
                body["_field_defaults"] = {field: body[field] for field in fields if field in body}
                body |= {field: _tuplegetter(index, None) for index, field in enumerate(fields)}
            return super().__new__(mcs, name, bases, body)

    class NamedTuple(tuple, metaclass=_NamedTupleType):
        def __new__(cls, *values, **named):
            if named or len(values) != len(cls._fields):
                values = cls._complete(values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _complete(cls, values, named):
            """The values of all fields; TypeError when one is missing, unknown or given twice."""
            given = {**cls._field_defaults, **dict(zip(cls._fields, values, strict=False)), **named}
            wrong = [field for field in cls._fields if field not in given]
            wrong += [name for name in named if name not in cls._fields or name in cls._fields[: len(values)]]
            if wrong or len(values) > len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}: {wrong or values}")
            return [given[field] for field in cls._fields]

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} takes {len(cls._fields)} values, not {len(made)}")
            return made

        def _replace(self, **changed):
            kept = {name: value for name, value in self._asdict().items() if name not in changed}
            return type(self)(**kept, **changed)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def __getnewargs__(self):
            return tuple(self)
