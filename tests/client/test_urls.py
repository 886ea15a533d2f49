from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionstream.client import ClientSettings, ConnectError, connect
from sessionstream.client.urls import problem_of_url, without_secrets
from sessionstream.client.wire import dial
from tests.client.model_server import make_registry

UNUSABLE = {
    "": "the URL is empty",
    "chat.example/ws": "no scheme",
    "localhost:8080/ws": "no scheme",
    "http://chat.example/ws": "'http'; write ws",
    "https://chat.example/ws": "'https'; write wss",
    "ftp://chat.example/ws": "'ftp'",
    "ws://": "no host",
    "ws:///ws": "no host",
    "ws://:8080/ws": "no host",
    "ws://chat.example:99999/": "port is no number from 1 to 65535",
    "ws://chat.example:abc/": "port is no number",
    "ws://chat.example:0/": "port is no number",
    "ws://chat.example:-1/": "port is no number",
    "ws://[::1/ws": "host is not valid",
    "ws://chat..example/ws": "host is not valid",
    "ws://" + "x" * 64 + "/ws": "host is not valid",
    "ws://chat.example/ws#part": "holds a '#'",
    "ws://chat.example/ws#": "holds a '#'",
    "ws://me:secret@chat.example/ws": "user name; give a token",
    "ws://chat.example/a b": "a space or a control character",
    "ws://chat.example/\nX: y": "a space or a control character",
}


class TestUnusableUrls:
    @pytest.mark.parametrize("url", UNUSABLE, ids=repr)
    async def test_each_is_one_line_that_says_what_is_wrong(self, url: str) -> None:
        with pytest.raises(ConnectError) as caught:
            async with connect(url, make_registry()):
                pass
        assert UNUSABLE[url] in str(caught.value)
        assert "secret" not in str(caught.value)

    async def test_another_type_is_refused(self) -> None:
        with pytest.raises(TypeError, match="url is a str; got b'ws://x'"):
            async with connect(b"ws://x", make_registry()):  # type: ignore[arg-type]
                pass

    @given(url=st.text() | st.from_regex(r"wss?://[^\n]{0,20}", fullmatch=True))
    def test_no_text_raises(self, url: str) -> None:
        problem_of_url(url)
        without_secrets(url)


class TestUsableUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "ws://chat.example",
            "wss://chat.example:65535/a/b?c=d",
            "ws://[::1]:8080/ws",
            "ws://127.0.0.1/ws",
            "ws://bücher.example/ws",
            "WSS://CHAT.example/ws",
        ],
    )
    def test_have_no_problem(self, url: str) -> None:
        assert problem_of_url(url) is None

    async def test_an_ipv6_address_is_dialled(self) -> None:
        with pytest.raises(OSError, match=r".") as caught:
            await dial("ws://[::1]:9/ws", None, ClientSettings())
        assert not isinstance(caught.value, ConnectError)


class TestShownUrls:
    def test_lack_what_may_be_secret(self) -> None:
        error = ConnectError("wss://me:pw@chat.example:1/ws?token=abc", "why")
        assert str(error) == "no connection to wss://chat.example:1/ws?…: why"
        assert "abc" not in repr(error)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
