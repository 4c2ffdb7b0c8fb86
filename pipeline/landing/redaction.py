"""Removes names, contacts and addresses from JSON text before it is written.

It works on text, so that every number stays exactly as it was sent. One regular
expression, run by polars on all texts of a batch at once, replaces flat values; the few
texts with deeper or escaped ones are parsed level by level. Not here: which columns a
table has; none of them is personal anyway.
"""

import msgspec
import polars as pl

# By key, at any depth, wherever the API may put a name next year. So a key that also
# names something we read cannot be here: the `receiver` of a shipment's costs holds
# what the buyer pays, and the `name` of a city is where a sale went.
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
"""Objects with an id; a text in their place can only be a name."""

_STRING = r'"(?:[^"\\]|\\.)*"'
_NESTING = 3  # phones and addresses are flat; deeper values take the slow way below


def _value_pattern() -> str:
    """A pattern of one JSON value: atom, or object or array nested up to `_NESTING`."""
    body = rf'(?:{_STRING}|[^"{{}}\[\]])*'
    for _ in range(_NESTING):
        body = rf'(?:{_STRING}|[^"{{}}\[\]]|[\[{{]{body}[\]}}])*'
    return rf'(?:{_STRING}|[^\s"{{}}\[\],]+|[\[{{]{body}[\]}}])'


# An unescaped `"key":` cannot be part of a JSON string, so a match is a key.
_KEY = r'"(?:' + "|".join(PERSONAL_KEYS) + r')"\s*:\s*'
_NAMED = r'"(?:' + "|".join(PEOPLE_KEYS) + r')"\s*:\s*'
_PERSONAL = f"({_KEY}){_value_pattern()}|({_NAMED}){_STRING}"
# These need the slow way: a value still there, or a key with letters written as escapes
# (only a key is followed by a colon).
_REMAINDER = _KEY + r'[^n\s]|\\u00[2-7][0-9A-Fa-f](?:[^"\\]|\\.)*"\s*:'
_UNREADABLE = '{"redacted": "not JSON"}'


def _is_personal(key: str, value: bytes) -> bool:
    return key in PERSONAL_KEYS or (key in PEOPLE_KEYS and value.startswith(b'"'))


def _redacted_tree(text: str) -> str:
    """Redact by parsing the text level by level: slow, but at any depth."""

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
        # No text is better than one that may hold a name.
        return _UNREADABLE


def redacted(payload: pl.Series) -> pl.Series:
    """Replace each personal value of a series of JSON texts with null.

    A text in which a personal key still has a value after the regular expression is
    parsed level by level.
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
