"""Every documented shape of an error becomes the exception that says what to do."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mercadolibre import errors
from pipeline.mercadolibre.refusals import error_words, is_answer, refusal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "message": JSON,
        "error": JSON,
        "code": JSON,
        "error_description": JSON,
        "status": JSON,
        "cause": JSON,
    },
)


def refused(
    status: int, body: Any, path: str = "/orders/1"
) -> errors.MercadoLibreError:
    return refusal("GET", path, status, msgspec.json.encode(body))


# One row a documented shape (docs/mercado-libre-api.md, Errors): status, body,
# exception, code.
DOCUMENTED: list[tuple[int, Any, type[errors.MercadoLibreError], str | None]] = [
    (
        400,
        {"message": "Param not valid", "error": "bad_request", "cause": []},
        errors.BadRequest,
        "bad_request",
    ),
    (
        400,
        {"message": "Malformed access_token: APP_USR-1", "error": "bad_request"},
        errors.Unauthorised,
        "bad_request",
    ),
    (400, {"error": "invalid_grant"}, errors.ReauthorisationNeeded, "invalid_grant"),
    (400, {"error": "invalid_client"}, errors.Unauthorised, "invalid_client"),
    (400, {"error": "invalid_operator_user_id"}, errors.Unauthorised, None),
    (
        401,
        {"code": "unauthorized", "message": "invalid access token"},
        errors.Unauthorised,
        "unauthorized",
    ),
    (
        401,
        {"message": "invalid_token", "error": "not_found", "status": 401, "cause": []},
        errors.Unauthorised,
        "not_found",
    ),
    (
        403,
        {
            "status": 403,
            "code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
            "message": "At least one policy returned UNAUTHORIZED.",
            "blocked_by": "PolicyAgent",
        },
        errors.PolicyRefused,
        "PA_UNAUTHORIZED_RESULT_FROM_POLICIES",
    ),
    (
        403,
        {"message": "Invalid caller.id", "error": "forbidden"},
        errors.CallerMismatch,
        "forbidden",
    ),
    (403, {"error": "not_owned_order"}, errors.Forbidden, "not_owned_order"),
    (
        403,
        {"message": "The user has not access to the order", "error": "forbidden"},
        errors.Forbidden,
        "forbidden",
    ),
    (
        404,
        {
            "message": "Currency conversion not found",
            "error": "not_found",
            "cause": None,
        },
        errors.NotFound,
        "not_found",
    ),
    (409, {"message": "conflict"}, errors.BadRequest, None),
    (429, {"message": "local_rate_limited"}, errors.RateLimited, None),
    (429, {"message": "local_rate_limited", "status": 429}, errors.RateLimited, None),
    (
        451,
        {"error": "unavailable.for.legal.reasons"},
        errors.Forbidden,
        "unavailable.for.legal.reasons",
    ),
    (500, {"error": "internal_server_error"}, errors.ServerFault, None),
    (302, {}, errors.Redirected, None),
    (308, None, errors.Redirected, None),
    (100, {}, errors.BrokenBody, None),
    (204, {}, errors.BrokenBody, None),
]


@pytest.mark.parametrize(("status", "body", "kind", "code"), DOCUMENTED)
def test_a_documented_shape_becomes_its_exception(
    status: int, body: Any, kind: type[errors.MercadoLibreError], code: str | None
) -> None:
    fault = refused(status, body)
    assert type(fault) is kind
    assert (fault.status, fault.path) == (status, "/orders/1")
    assert code is None or fault.code == code


@pytest.mark.parametrize("body", [b"", b"<html>502 Bad Gateway</html>", b"\xff\xfe"])
def test_a_body_that_is_no_json_is_understood_by_its_status(body: bytes) -> None:
    fault = refusal("GET", "/packs/1", 502, body)
    assert type(fault) is errors.ServerFault
    assert str(fault) == (
        "GET /packs/1: 502 (Mercado Libre is in trouble: try again later)"
    )


def test_a_policys_refusal_says_what_to_do() -> None:
    fault = refused(403, {"code": "PA_UNAUTHORIZED_RESULT_FROM_POLICIES"})
    assert str(fault) == (
        "GET /orders/1: 403: PA_UNAUTHORIZED_RESULT_FROM_POLICIES (the application "
        "lacks the permission, or it, its user or this address is blocked; grant it "
        "in the developer panel; retrying will not help)"
    )


def test_an_unknown_owner_is_looked_up_elsewhere() -> None:
    fault = refused(403, {"error": "caller.id.invalid"})
    assert "the token's owner is shown by `meli-sales doctor`" in str(fault)


@pytest.mark.parametrize(
    ("message", "ceiling"),
    [
        ("Limit must be a lower or equal than 51", 51),
        ("Limit must be a lower or equal than 10000", 10_000),
        ("limit must be lower or equal to 50", 50),
        ("Limit too high", None),
    ],
)
def test_the_ceiling_is_read_out_of_the_message(
    message: str, ceiling: int | None
) -> None:
    fault = refused(400, {"message": message, "error": "limit.maximum_exceeded"})
    assert isinstance(fault, errors.LimitExceeded)
    assert fault.ceiling == ceiling


def test_a_ceiling_is_recognised_without_its_code() -> None:
    fault = refused(400, {"message": "Limit must be a lower or equal than 200"})
    assert isinstance(fault, errors.LimitExceeded)


@pytest.mark.parametrize(
    "secret",
    [
        "APP_USR-0000-030210-abcdef-700100200",
        "TG-0000000000-700100200",
        "buyer@example.com",
        "Bearer abc",
        "access_token=abc",
        'refresh_token: "abc"',
        "client_secret: abc",
        "a1b2c3d4e5f6a7b8c9d0e1f2",
    ],
)
def test_what_could_be_a_secret_is_not_told(secret: str) -> None:
    fault = refused(400, {"message": f"wrong {secret} here", "error": secret})
    for word in ("abc", "0000", "example", "a1b2"):
        assert word not in str(fault)
        assert word not in (fault.code or "")


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 429, 451, 500])
def test_the_apis_sentences_stay_out_of_what_is_said(status: int) -> None:
    for key in ("message", "error", "code", "error_description", "cause", "Ana"):
        for said in ("Ana Lopez, DNI 30111222, Calle 5", "Lopez", "lopez", "LOPEZ"):
            fault = refused(status, {key: said})
            for word in ("Ana", "Lopez", "lopez", "LOPEZ", "30111222", "Calle"):
                assert word not in f"{fault} {fault.code} {fault.args}"


def test_a_code_is_told_wherever_it_is_and_whatever_stands_beside_it() -> None:
    body = {"error": "Ana Lopez", "code": "not_owned_order", "message": "Ana Lopez"}
    assert refused(403, body).code == "not_owned_order"


def test_a_404_of_the_api_differs_from_one_of_a_stray_page() -> None:
    assert is_answer(b'{"message": "Order does not exist"}')
    assert is_answer(b'{"error": "Not Found"}')
    assert is_answer(b" ")
    assert not is_answer(b"<html></html>")
    assert not is_answer(b"[]")


@given(status=st.integers(100, 599), body=SHAPES | JSON)
def test_no_shape_of_json_is_beyond_reading(status: int, body: Any) -> None:
    fault = refusal("GET", "/x", status, msgspec.json.encode(body))
    assert str(fault).startswith(f"GET /x: {status}")
    assert "\n" not in str(fault)


@given(status=st.integers(100, 599), body=st.binary())
def test_no_bytes_are_beyond_reading(status: int, body: bytes) -> None:
    assert isinstance(refusal("GET", "/x", status, body), errors.MercadoLibreError)


def test_a_body_nested_too_deeply_is_beyond_nothing() -> None:
    assert error_words(b"[" * 100_000) == (None, None)


@pytest.mark.parametrize(
    ("status", "body", "cure"),
    [
        (407, b"<html>proxy</html>", "HTTPS_PROXY"),
        (404, b"<html>nginx</html>", "MELI_BASE_URL"),
        (405, b"<html>nginx</html>", "MELI_BASE_URL"),
        (302, b"", "MELI_BASE_URL"),
    ],
)
def test_an_answer_of_somebody_else_says_which_setting_to_look_at(
    status: int, body: bytes, cure: str
) -> None:
    assert cure in str(refusal("GET", "/orders/1", status, body))
