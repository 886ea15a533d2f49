"""Which web pages may connect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.transport.origins import is_allowed, origins_of


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8080", "localhost:8080"),
        ("http://LocalHost:8080", "localhost:8080"),
        ("https://app.example", "app.example"),
        ("https://app.example", "app.example:443"),
        ("http://app.example:80", "app.example"),
        ("http://[::1]:8080", "[::1]:8080"),
    ],
)
def test_a_page_of_the_same_host_and_port_may(origin: str, host: str) -> None:
    assert is_allowed([origin], [host], ())


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "localhost:8080"),
        ("http://localhost:8081", "localhost:8080"),
        ("http://localhost", "localhost:8080"),
        ("http://localhost:8080.evil.example", "localhost:8080"),
        ("http://evil.example/localhost:8080", "localhost:8080"),
        ("http://localhost:8080@evil.example", "localhost:8080"),
        ("http://app.example", "app.example:443"),
        ("null", "localhost:8080"),
        ("null", "null"),
        ("ftp://localhost:8080", "localhost:8080"),
        ("file://localhost:8080", "localhost:8080"),
        ("chrome-extension://localhost:8080", "localhost:8080"),
        ("//localhost:8080", "localhost:8080"),
        ("localhost:8080", "localhost:8080"),
        ("http://me@localhost:8080", "localhost:8080"),
        ("http://me@localhost:8080", "me@localhost:8080"),
        ("http://localhost:8080/", "localhost:8080"),
        ("http://localhost:8080/page", "localhost:8080"),
        ("http://localhost:8080?", "localhost:8080"),
        (" http://localhost:8080", "localhost:8080"),
        ("", "localhost:8080"),
        ("", ""),
        ("null", ""),
        ("http://", ""),
        ("http://localhost:port", "localhost:port"),
        ("http://[::1", "[::1"),
    ],
)
def test_any_other_page_may_not(origin: str, host: str) -> None:
    assert not is_allowed([origin], [host], ())


def test_what_is_no_browser_sends_no_origin_and_may() -> None:
    assert is_allowed([], ["localhost"], ())
    assert is_allowed([], [], ())


LISTED = [
    "https://app.example",
    "https://App.example/",
    "https://app.example:443",
]


@pytest.mark.parametrize("listed", LISTED)
def test_a_page_on_the_list_may(listed: str) -> None:
    allowed = origins_of([listed])
    assert is_allowed(["https://app.example"], ["api.example"], allowed)
    assert not is_allowed(["http://app.example"], ["api.example"], allowed)
    assert not is_allowed(["https://app.example:8443"], ["api.example"], allowed)


def test_a_page_of_another_kind_may_when_it_is_listed() -> None:
    allowed = origins_of(["chrome-extension://abc"])
    assert is_allowed(["chrome-extension://abc"], ["api.example"], allowed)


@pytest.mark.parametrize("origin", ["null", "NULL", ""])
def test_what_every_sandboxed_page_sends_may_not_even_then(origin: str) -> None:
    assert not is_allowed([origin], ["api.example"], ["null", "NULL", "", "/"])


@pytest.mark.parametrize(
    "listed",
    [
        "",
        "*",
        "null",
        "app.example",
        "https://",
        "https://a b",
        "https://app.example/page",
        "https://me@app.example",
        "https://*.app.example",
        "https://bücher.example",
    ],
)
def test_what_no_page_can_have_is_refused_where_it_is_listed(listed: str) -> None:
    with pytest.raises(ValueError, match="an origin is like "):
        origins_of([listed])


def test_one_text_is_not_taken_for_several() -> None:
    with pytest.raises(TypeError, match="origins are several; got the one"):
        origins_of("https://app.example")


def test_headers_that_occur_twice_are_refused() -> None:
    twice = ["http://localhost:8080", "http://localhost:8080"]
    assert not is_allowed(twice, ["localhost:8080"], ())
    assert not is_allowed(twice[:1], ["localhost:8080", "localhost:8080"], ())


@given(st.text(), st.text())
def test_no_header_makes_it_raise(origin: str, host: str) -> None:
    assert is_allowed([origin], [host], ()) in (True, False)
