"""A JSON object of the API as Python has it, before it is printed."""

from typing import Any

Object = dict[str, Any]
