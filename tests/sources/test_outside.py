"""Truth: answers written byte by byte; each is bounded, kept as it was, or refused in one line."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
import tracemalloc
import zlib

import pytest

from entrepot import config
from entrepot.contracts import Request, Verdict
from entrepot.errors import AccessError, FetchError, QuotaError
from entrepot.sources import _answers, _body, _deadline, _fetch
from entrepot.sources.census.endpoints import API as CENSUS
from entrepot.sources.census.endpoints import URL as CENSUS_URL
from entrepot.sources.comtrade.endpoints import DATA, PREVIEW

URL = "https://comtradeapi.un.org/public/v1/preview/C/M/HS"
GOOD = json.dumps({"count": 1, "data": [{"period": "202301"}], "error": ""}).encode()
KEY = "k3y+of/a-user=="


@pytest.fixture
def serve(monkeypatch):
    """Serve the same answer to every call: bytes, or a function that writes to the socket."""
    door = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("ENTREPOT_PUBLISHER", f"http://127.0.0.1:{door.getsockname()[1]}")
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    asked = []

    def loop(write):
        while True:
            try:
                caller, _ = door.accept()
            except OSError:
                return
            with caller, contextlib.suppress(OSError):
                asked.append(caller.recv(65_536))
                write(caller)

    def start(answer):
        write = answer if callable(answer) else lambda caller: caller.sendall(answer)
        threading.Thread(target=loop, args=(write,), daemon=True).start()
        return asked

    yield start
    door.shutdown(socket.SHUT_RDWR)
    door.close()


@pytest.fixture
def ask(tmp_path):
    """Ask one request; give the verdict, the reason, the file and what was told."""

    def one(endpoint=PREVIEW, url=URL):
        told = []
        with _fetch.Fetcher(
            "comtrade", endpoint, sleep=lambda _s: None, told=told.append
        ) as fetcher:
            verdict, why = fetcher.get(Request(url, name="answer"), tmp_path / "answer")
        return verdict, why, (tmp_path / "answer").read_bytes(), told

    return one


def http(body=GOOD, status="200 OK", **headers):
    lines = {"Content-Length": len(body), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def stacked(size, times):
    packer = zlib.compressobj(9, wbits=31)
    body = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)) + packer.flush()
    for _ in range(times - 1):
        body = gzip.compress(body, 9, mtime=0)
    return body


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip, gzip", "br", "zstd", "deflate", "gzip,br", "x" * 9000]
)
def test_an_answer_packed_twice_or_otherwise_is_refused_unread(serve, ask, encoding):
    asked = serve(http(stacked(64 << 20, 3), Content_Encoding=encoding))
    tracemalloc.start()
    with pytest.raises(
        FetchError, match=r"packs its answer as '.*'; expected gzip, once"
    ) as caught:
        ask()
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
    assert len(str(caught.value)) < 300
    assert len(asked) == 1
    assert b"accept-encoding: gzip\r\n" in asked[0].lower()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_bomb_packed_once_is_stopped_in_little_memory(serve, ask, encoding):
    serve(http(stacked(256 << 20, 1), Content_Encoding=encoding))
    tracemalloc.start()
    with pytest.raises(FetchError, match="sends more than 20 MB"):
        ask()
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("encoding", [None, "identity", "gzip", "x-gzip"])
def test_an_answer_packed_once_or_not_is_kept_as_it_was(serve, ask, encoding):
    packed = "gzip" in (encoding or "")
    serve(http(gzip.compress(GOOD) if packed else GOOD, Content_Encoding=encoding))
    assert ask()[::2] == (Verdict.GOOD, GOOD)


@pytest.mark.parametrize(
    "body",
    [gzip.compress(GOOD)[:-9], gzip.compress(GOOD) + b"more", b"no gzip", b"\x1f"],
    ids=["cut", "goes on", "none", "one byte"],
)
def test_gzip_that_is_cut_or_goes_on_is_asked_for_again(serve, ask, body):
    asked = serve(http(body, Content_Encoding="gzip"))
    with pytest.raises(FetchError, match=r"6 attempts \(last: an answer that is cut or cannot"):
        ask()
    assert len(asked) == 6


def test_pieces_of_any_size_unpack_to_the_same():
    content = bytes(range(256)) * 4_000 + b" " * 300_000
    packed = gzip.compress(content)
    for size in (1, 7, 1000, len(packed)):
        chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
        found = list(_body.unpacked(chunks, "gzip"))
        assert b"".join(found) == content
        assert max(map(len, found)) <= _body.PIECE
    assert b"".join(_body.unpacked([], "gzip")) == b""


def drip_body(caller):
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n")
    while True:
        caller.sendall(b" ")
        time.sleep(0.02)


def drip_headers(caller):
    caller.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        caller.sendall(b"A")
        time.sleep(0.02)


def drip_whole(caller):
    """An answer whose end is the end of the connection: cut, it would look whole."""
    caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + GOOD)
    while True:
        caller.sendall(b" ")
        time.sleep(0.02)


@pytest.mark.parametrize("drip", [drip_body, drip_headers, drip_whole])
def test_an_answer_that_drips_for_ever_is_given_up(serve, ask, monkeypatch, drip):
    monkeypatch.setattr(_deadline, "PATIENCE", 0.1)
    monkeypatch.setattr(_deadline, "AGAIN", 0.05)
    monkeypatch.setattr(_fetch, "ATTEMPTS", 2)
    serve(drip)
    with pytest.raises(FetchError, match=r"\(last: no whole answer in time\)"):
        ask()


def test_an_answer_that_brings_enough_may_take_longer(serve, ask, monkeypatch):
    monkeypatch.setattr(_deadline, "PATIENCE", 0.1)

    def steady(caller):
        body = GOOD + b" " * 60_000
        caller.sendall(http(body)[: -len(body)])
        for at in range(0, len(body), 6_000):
            caller.sendall(body[at : at + 6_000])
            time.sleep(0.03)

    serve(steady)
    assert ask()[0] is Verdict.GOOD


@pytest.mark.parametrize(
    "where",
    [
        "http://comtradeapi.un.org/a",
        "https://comtradeapi.un.org:8443/a",
        "https://comtradeapi.un.org.evil.example/a",
        "https://evil.example/a",
        "//evil.example/a",
        "https://user:word@comtradeapi.un.org/a",
        "https://comtradeapi.un.org@evil.example/a",
        "ftp://comtradeapi.un.org/a",
        "https://xn--bcher-kva.example/",
    ],
)
def test_a_redirect_to_another_scheme_host_or_port_is_refused(serve, ask, where):
    asked = serve(http(b"", "302 Found", Location=where))
    with pytest.raises(FetchError, match=r"redirected to \w+://.*, which is not the publisher's"):
        ask()
    assert len(asked) == 1


@pytest.mark.parametrize(
    "where",
    [
        "https://[::1/a",
        "https://" + "a" * 70 + ".example/",
        "https://comtradeapi.un.org:99999/",
        "https://comtradeapi.un.org:http/",
        "https://xn--\x7f/",
        "https://xn--a/",
        "https://xn--0/",
        "https://a b.example/",
        "https://\u00ad.example/",
        "https://..example/",
        "https://" + "a." * 40_000 + "example/",
        "https:///a",
        "https://",
        "//",
    ],
)
def test_a_redirect_to_a_bad_host_name_is_one_line(serve, ask, where):
    answer = http(b"", "302 Found", Location="LOCATION").replace(b"LOCATION", where.encode())
    asked = serve(answer)
    with pytest.raises(FetchError) as caught:
        ask()
    assert str(caught.value).startswith("comtrade: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert len(asked) <= 6


def test_redirects_within_the_publisher_end_somewhere(serve, ask):
    asked = serve(http(b"", "302 Found", Location="/again"))
    with pytest.raises(FetchError, match="redirects for ever"):
        ask()
    assert len(asked) == _fetch.REDIRECTS


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("7", 7),
        ("²", 0),
        ("٣", 0),
        ("-5", 0),
        ("1e9", 0),
        ("nan", 0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0),
        ("Fri, 31 Dec 2026 23:59:59 +99999999999999", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("9" * 400, float("inf")),
        (", ,", 0),
    ],
)
def test_an_odd_pause_is_none(text, seconds):
    assert _answers.seconds(text) == seconds


@pytest.mark.parametrize("text", ["²", "Fri, 31 Dec 99999 23:59:59 GMT"])
def test_an_odd_pause_is_as_if_none_was_named(serve, ask, text):
    asked = serve(http(b"{}", "429 Slow", Retry_After="X").replace(b"X", text.encode("latin-1")))
    with pytest.raises(FetchError, match="no answer in 6 attempts"):
        ask()
    assert len(asked) == 6


@pytest.mark.parametrize("text", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_pause_of_ages_is_the_users_to_decide(serve, ask, text):
    serve(http(b"{}", "429 Slow", Retry_After=text))
    with pytest.raises(QuotaError, match="asks to wait"):
        ask()


@pytest.mark.parametrize("deep", ['{"data":' + "[" * 200_000, "[" * 200_000 + "]" * 200_000])
@pytest.mark.parametrize("status", ["200 OK", "400 Bad"])
def test_deep_json_is_no_answer(serve, ask, deep, status):
    serve(http(deep.encode(), status))
    with pytest.raises(FetchError) as caught:
        ask()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("key", ["schlüssel", "two words", "a\nHost: b", "k\x00ey", "ключ-ключ"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(monkeypatch, tmp_path, key):
    monkeypatch.delenv("ENTREPOT_COMTRADE_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "entrepot").mkdir()
    (tmp_path / "entrepot" / "keys.toml").write_text(f"comtrade = {json.dumps(key)}\n", "utf-8")
    with pytest.raises(AccessError, match="letter outside ASCII; expected it as the pub") as caught:
        config.key("comtrade")
    assert key not in str(caught.value)
    if "\x00" not in key:
        monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", key)
        with pytest.raises(AccessError, match="letter outside ASCII"):
            _fetch.Fetcher("comtrade", DATA)


ECHOES = {
    "plain": KEY,
    "address": "k3y%2Bof%2Fa-user%3D%3D",
    "small": "k3y%2bof%2fa-user%3d%3d",
    "capitals": KEY.upper(),
}


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "403 No", "413 Large", "500 Oh", "200 OK"])
@pytest.mark.parametrize("echo", ECHOES)
def test_a_key_that_is_echoed_is_neither_shown_nor_kept(serve, ask, monkeypatch, echo, status):
    monkeypatch.setenv("ENTREPOT_COMTRADE_KEY", KEY)
    said = ECHOES[echo]
    filler = "x" * 101  # where a cut of the words falls into the key
    serve(
        http(json.dumps({"message": f"{filler} {said} is wrong", "error": said}).encode(), status)
    )
    told = []
    try:
        _verdict, why, body, told = ask(DATA, URL)
    except (FetchError, AccessError, QuotaError) as error:
        why, body = str(error), b""
    for text in (why, body.decode(), *told):
        assert said[:6] not in text


def test_a_key_across_two_chunks_is_hidden_and_the_rest_is_as_it_was():
    body = b"before " + KEY.encode() + b" after " + KEY[:-1].encode()
    for size in range(1, len(body)):
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        found = b"".join(_body.Mask(KEY).stream(chunks))
        assert found == body.replace(KEY.encode(), b"*" * len(KEY))
    assert b"".join(_body.Mask("").stream([b"a", b"b"])) == b"ab"


def test_a_redirect_that_carries_the_key_is_not_shown_with_it(serve, ask, monkeypatch):
    monkeypatch.setenv("ENTREPOT_CENSUS_KEY", "abcdef0123")
    asked = serve(http(b"", "302 Found", Location="https://abcdef0123.example/?key=abcdef0123"))
    with pytest.raises(FetchError, match=r"redirected to https://\*{10}.example, which"):
        ask(CENSUS, CENSUS_URL)
    assert b"key=abcdef0123" in asked[0]
