"""What of a resource's records may land, derived from its model in `payloads/`.

A field that is read may hold a text of its kind's form, such as a word in small letters
where a status is read. A documented key that is not read may hold a word or a code, and
codes at any depth beneath, where nobody knows what may stand; a personal one nothing.
Not here: taking out what may not land (`landing/redaction.py`).
"""

from functools import cache

from pipeline.frames.shapes import Shape, shape
from pipeline.landing.redaction import NEVER, Permission
from pipeline.payloads.values import CODE, WORD_OR_CODE, Detail, Total
from pipeline.payloads.verdict import Model

_CODES = Permission(other=CODE)


@cache
def permission(model: Model) -> Permission:
    """The permission for records of a model; of a bare array, for its elements."""
    whole = _of(shape(model))
    key = getattr(model, "bare", None)
    return whole if key is None else whole.objects[key]


def _of(layout: Shape) -> Permission:
    parts = (*layout.objects, *layout.lists)
    objects = {name: _of(child) for name, child in parts}
    objects |= dict.fromkeys(layout.unread, _CODES)
    texts = {leaf.name: leaf.kind.form for leaf in layout.leaves}
    texts |= dict.fromkeys(layout.unread, WORD_OR_CODE)
    # A text in place of an object is no code, however it looks.
    texts |= {name: NEVER for name, _ in parts}
    for leaf in layout.leaves:
        match leaf.kind:
            case Detail():
                objects[leaf.name] = Permission(texts={"code": leaf.kind.form})
            case Total() as kind:
                objects[leaf.name] = Permission(other=kind.form)
    return Permission(texts, objects, layout.personal)
