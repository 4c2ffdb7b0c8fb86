"""The fast decoder's structs, derived from the models in `payloads/`.

One schema drives both ways: a field added to a model is decoded, checked and given a
column without a second list. Not here: values (`columns.py`), batches (`decoding.py`).
"""

from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from pydantic import BaseModel

from pipeline.frames.columns import NULL, Leaf, wire
from pipeline.payloads.values import Amount, Flag, Kind, Presence, Whole


@dataclass(frozen=True)
class Shape:
    """What a model looks like to the fast decoder."""

    struct: type[msgspec.Struct]
    leaves: tuple[Leaf, ...]
    objects: tuple[tuple[str, "Shape"], ...]
    lists: tuple[tuple[str, "Shape"], ...]
    in_lists: frozenset[str]
    """Objects that may come in a list, of which the first counts."""
    empty: msgspec.Struct
    """Stands in for an object that is null, so that its leaves are null too."""
    known: frozenset[str]
    """Every documented key, read or not; an unread one is not looked into."""
    unread: frozenset[str]
    """Documented keys that are not read and hold no person."""
    personal: frozenset[str]
    """Documented keys of which nothing lands."""

    def from_model(self, record: BaseModel) -> msgspec.Struct:
        """Give the struct of a judged record, its values in the forms of the wire."""
        values: dict[str, Any] = {
            leaf.name: wire(getattr(record, leaf.name), leaf) for leaf in self.leaves
        }
        for name, child in self.objects:
            part = getattr(record, name)
            values[name] = None if part is None else child.from_model(part)
        for name, child in self.lists:
            parts = getattr(record, name)
            values[name] = (
                None if parts is None else [child.from_model(part) for part in parts]
            )
        return self.struct(**values)


@cache
def shape(model: type[BaseModel]) -> Shape:
    """Derive the shape of a model.

    Optional fields default to null; a required one that is missing or null fails the
    decoding of its record, which then goes to the judge.
    """
    leaves: list[Leaf] = []
    objects: list[tuple[str, Shape]] = []
    lists: list[tuple[str, Shape]] = []
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    in_lists: frozenset[str] = getattr(model, "in_lists", frozenset())
    for name, hint in get_type_hints(model, include_extras=True).items():
        if name not in model.model_fields:
            continue  # a class variable
        inner = _without_null(hint)
        required = model.model_fields[name].is_required()
        many = get_origin(inner) is list
        element = get_args(inner)[0] if many else inner
        if get_origin(element) is Annotated:
            derived = name in getattr(model, "derived", ())
            leaf = Leaf(name, _kind(element), required=required or derived, many=many)
            leaves.append(leaf)
            wire_type: Any = _wire_type(leaf.kind)
        else:
            child = shape(element)
            (lists if many else objects).append((name, child))
            wire_type = child.struct
        if many:
            wire_type = list[wire_type]
        elif name in in_lists:
            wire_type |= list[wire_type]
        if required:
            fields.append((name, wire_type))
        elif wire_type is msgspec.Raw:
            fields.append((name, wire_type, NULL))
        else:
            fields.append((name, wire_type | None, None))
    unread: frozenset[str] = getattr(model, "unread", frozenset())
    personal: frozenset[str] = getattr(model, "personal", frozenset())
    struct = msgspec.defstruct(model.__name__, fields, kw_only=True, gc=False)
    nothing = {leaf.name: wire(None, leaf) for leaf in leaves}
    nothing |= dict.fromkeys([name for name, _ in (*objects, *lists)])
    return Shape(
        struct=struct,
        leaves=tuple(leaves),
        objects=tuple(objects),
        lists=tuple(lists),
        in_lists=in_lists,
        empty=struct(**nothing),
        known=frozenset(model.model_fields) | unread | personal,
        unread=unread,
        personal=personal,
    )


def _without_null(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    return hint


def _kind(annotated: Any) -> Kind:
    (kind,) = (mark for mark in annotated.__metadata__ if isinstance(mark, Kind))
    return kind


def _wire_type(kind: Kind) -> Any:
    """Give the JSON type that the fast way takes; every other goes to the judge."""
    match kind:
        case Whole():
            return int | str
        case Amount() | Presence():
            return msgspec.Raw  # the text as sent
        case Flag():
            return bool
        case _:
            return str


def values(rows: list[Any], name: str) -> list[Any]:
    """Give one field of every struct."""
    return list(map(attrgetter(name), rows))


def firsts(parts: list[Any]) -> list[Any]:
    """Give the first of every list; what is not a list stays as it is."""
    return [
        (part[0] if part else None) if type(part) is list else part for part in parts
    ]
