"""Takes names, contacts and addresses out of JSON text before it is written.

It works on text, so that every number stays exactly as it was sent. Which columns a
table has is not decided here: no personal field gets as far as a table to begin with.
"""

import msgspec
import polars as pl

# By key, at any depth: a name is a name wherever the API puts it next year. So no key
# may be here that also names something we read: the `receiver` of a shipment's costs
# holds what the buyer pays, a city's `name` is where a sale went.
PERSONAL_KEYS = (
    "address",
    "address_line",
    "agency",
    "alternative_phone",
    "apartment",
    "authorization_code",
    "bill_data",
    "billing_info",
    "brand_name",
    "business_name",
    "card_id",
    "cardholder",
    "cnpj",
    "comment",
    "comments",
    "company",
    "complement",
    "contact",
    "cpf",
    "curp",
    "delivery_instructions",
    "dni",
    "doc_number",
    "doc_type",
    "document",
    "document_number",
    "email",
    "first_name",
    "floor",
    "full_name",
    "identification",
    "identification_number",
    "intersection",
    "last_name",
    "latitude",
    "longitude",
    "message",
    "neighborhood",
    "nickname",
    "payer",
    "permalink",
    "phone",
    "phone_number",
    "receiver_name",
    "receiver_phone",
    "reference",
    "references",
    "registration_identifiers",
    "reply",
    "rfc",
    "rut",
    "secure_email",
    "seller_contact",
    "street",
    "street_name",
    "street_number",
    "tax_id",
    "tax_payer_id",
    "taxpayer_id",
    "zip_code",
)

PEOPLE_KEYS = ("buyer", "collector", "receiver", "seller", "sender", "user")
"""Objects with an id; where one is a text, the text could only be a name."""

_STRING = r'"(?:[^"\\]|\\.)*"'
_NESTING = 3  # a phone or an address is flat; deeper values take the slow way below


def _value_pattern() -> str:
    """Match one JSON value: an atom, or an object or array nested up to `_NESTING`."""
    body = rf'(?:{_STRING}|[^"{{}}\[\]])*'
    for _ in range(_NESTING):
        body = rf'(?:{_STRING}|[^"{{}}\[\]]|[\[{{]{body}[\]}}])*'
    return rf'(?:{_STRING}|[^\s"{{}}\[\],]+|[\[{{]{body}[\]}}])'


# An unescaped `"key":` cannot stand inside a JSON string, so a key found is a key.
_KEY = r'"(?:' + "|".join(PERSONAL_KEYS) + r')"\s*:\s*'
_NAMED = r'"(?:' + "|".join(PEOPLE_KEYS) + r')"\s*:\s*'
_PERSONAL = f"({_KEY}){_value_pattern()}|({_NAMED}){_STRING}"
# What needs the slow way: a value still there, or a key whose letters are written as
# escapes (only a key is followed by a colon).
_REMAINDER = _KEY + r'[^n\s]|\\u00[2-7][0-9A-Fa-f](?:[^"\\]|\\.)*"\s*:'
_UNREADABLE = '{"redacted": "not JSON"}'


def _is_personal(key: str, value: bytes) -> bool:
    return key in PERSONAL_KEYS or (key in PEOPLE_KEYS and value.startswith(b'"'))


def _redacted_tree(text: str) -> str:
    """Redact by taking the text apart level by level: slow, at any depth."""

    def walk(raw: bytes) -> bytes:
        if raw.startswith(b"{"):
            members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            return msgspec.json.encode(
                {
                    key: msgspec.Raw(
                        b"null"
                        if _is_personal(key, bytes(value))
                        else walk(bytes(value))
                    )
                    for key, value in members.items()
                }
            )
        if raw.startswith(b"["):
            elements = msgspec.json.decode(raw, type=list[msgspec.Raw])
            return msgspec.json.encode(
                [msgspec.Raw(walk(bytes(element))) for element in elements]
            )
        return raw

    try:
        return walk(text.strip().encode()).decode()
    except (msgspec.DecodeError, RecursionError):
        # Better no text than one that may hold a name.
        return _UNREADABLE


def redacted(payload: pl.Series) -> pl.Series:
    """Replace each personal value of a series of JSON texts with null.

    Rust's regular expressions do it for all texts at once; a text in which a personal
    key still carries a value afterwards is taken apart level by level.
    """
    quick = payload.str.replace_all(_PERSONAL, "${1}${2}null")
    rest = quick.str.contains(_REMAINDER).fill_null(value=False)
    if not rest.any():
        return quick
    return pl.Series(
        payload.name,
        [
            _redacted_tree(text) if deep else text
            for text, deep in zip(quick, rest, strict=True)
        ],
        dtype=pl.String,
    )
