"""The guard against requests that mean harm, and the protocol against those that never end."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
import uvicorn

from entrepot.api import protocol
from entrepot.api.app import create, here
from entrepot.api.guard import HEADERS, Guard
from support.web import Client

ODD = (
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "/etc/passwd", "~/secret.csv", "'; drop table x",
    "x' or 1=1 --", "{{7*7}}", "{% include 'brief.css' %}", "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>", "\r\nSet-Cookie: a=b", "%00", "\x00", "\u202e", "🙂",
    "9" * 400, "-1", "1e999", "NaN", "null", "[*?]", "read_csv('/etc/passwd')", "2023-13",
    "0000-00-00", "99999999999999999999", "a" * 3900, "$(id)", "`id`", "javascript:alert(1)",
    "%252e%252e%252fetc%252fpasswd", "....//....//etc/passwd", "\\\\evil.example\\share",
    "854232; attach '/etc/passwd' as x", "854232' union select * from duckdb_secrets() --",
    "${7*7}", "<%= 7*7 %>", "{{config.__class__.__init__.__globals__}}", "=HYPERLINK(\"x\")",
    "2022-02-30", "2022-01-01T00:00:00Z", "9999-99", "-2022", "\u0664\u0665", "\ufeff", "\ud7ff",
)  # fmt: skip
ROUTES = (
    "/ask?goods={}", "/ask?goods=854232&from={}", "/ask?goods=854232&from=DEU&months={}",
    "/ask?goods=854232&from=DEU&top={}", "/ask?goods=854232&from=DEU&as_of={}",
    "/ask?goods=854232&from=DEU&source={}", "/ask?{}=1", "/ask/words?said={}", "/search?q={}",
    "/country/{}", "/country/KGZ?goods={}", "/product/{}", "/corridor/DEU/{}", "/study/{}",
    "/vintage/{}", "/findings/{}", "/findings?destination={}", "/findings?since={}", "/{}",
    "/api/ask?goods={}&from=DEU", "/api/flows?goods=854232&from=DEU&limit={}",
    "/api/flows?goods=854232&from=DEU&offset={}", "/api/flows?goods=854232&from=DEU&format={}",
    "/api/measures/{}", "/api/measures/growth/rows?reporters={}", "/api/measures/growth/rows?{}=1",
    "/api/vintages/{}", "/api/vintages/{}/changes", "/api/goods/{}", "/api/products/{}",
    "/api/findings?destination={}&since=2022-03", "/api/studies/{}/brief", "/api/status?as_of={}",
    "/brief/{}", "/api/findings/{}/rows", "/api/sdmx/data/dataflow/ENTREPOT/FLOWS/1.0/{}",
    "/api/sdmx/data/dataflow/ENTREPOT/FLOWS/1.0/*?asOf={}",
)  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_a_hostile_word_is_refused_and_comes_back_harmless(client, route):
    from urllib.parse import quote

    for word in ODD:
        found = client.get(route.format(quote(word, safe="")))
        assert found.status_code < 500, (word, found.text)
        if not route.startswith(("/search", "/ask/words")):
            expected = (308,) if route == "/brief/{}" and found.is_redirect else ()
            assert found.status_code in (200, 400, 404, 413, 422, *expected), word
        where = found.headers.get("location", "/")
        assert where.startswith("/")
        assert not where.startswith("//")
        for name, value in HEADERS.items():
            assert found.headers[name] == value
        assert "set-cookie" not in found.headers
        if found.headers.get("content-type", "").startswith("text/html"):
            assert "<script" not in found.text
            assert "<img" not in found.text
            assert ">49<" not in found.text
        assert "root:" not in found.text


def test_the_name_of_a_file_is_refused_unread(client, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("code\n854232\n")
    for words in (f"goods={path}", f"goods={path} tier:1", f"goods={path}".upper()):
        for route in ("/ask?from=DEU&", "/api/ask?from=DEU&", "/api/flows?from=DEU&",
                      "/api/findings?destination=RUS&since=2022-03&",
                      "/api/measures/growth/rows?reporters=DEU&"):  # fmt: skip
            found = client.get(route + words.replace("GOODS", "goods"))
            assert found.status_code == 422
            assert "reads no files" in found.text


@pytest.mark.parametrize("size", [9_000, 30_000])
def test_a_parameter_without_end_is_refused(client, size):
    for path in ("/ask?goods=", "/api/ask?goods=", "/api/nothing?x=", "/" + "x" * size + "?y="):
        found = client.get(path + "1" * size)
        assert found.status_code == 414
    assert client.get("/api/ask?from=DEU&goods=" + "1" * 4001).status_code == 422


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::2]"]
)
def test_another_host_is_refused_and_never_repeated(client, host):
    found = client.get("/ask", headers={"host": host})
    assert found.status_code == 400
    assert "evil" not in found.text
    assert "location" not in found.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:99", "[::1]:8000"])
def test_this_machine_goes_by_its_own_names(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_a_name_that_is_allowed_is_answered(world):
    open_ = Client(create(world, run=here(world), hosts=("trade.example.org",)))
    host = {"host": "trade.example.org"}
    assert open_.get("/ask/words?said=854231", headers=host).headers["location"].startswith("/ask?")
    assert open_.get("/healthz").status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
                                    "CONNECT", "PROPFIND", "A" * 200])  # fmt: skip
def test_nothing_is_written(client, method):
    for path in ("/", "/api/ask", "/nothing"):
        found = client.ask(method, path)
        assert found.status_code == 405
        assert found.headers["allow"] == "GET, HEAD"


def test_a_head_is_answered_as_a_get(client):
    assert client.ask("HEAD", "/healthz").status_code == 200


def test_a_fault_is_an_answer_with_the_headers_and_without_the_trace():
    async def broken(_scope, _receive, _send):
        raise ZeroDivisionError("a secret")

    for path in ("/", "/api/x"):
        found = Client(Guard(broken)).get(path)
        assert found.status_code == 500
        assert "secret" not in found.text
        assert found.headers["content-security-policy"] == HEADERS["content-security-policy"]


@pytest.fixture
def port(world, monkeypatch):
    """The port of a server with a short patience."""
    monkeypatch.setattr(protocol, "SENDING", 0.5)
    app = create(world, run=here(world))
    config = protocol.settings(app, "127.0.0.1", 0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(5)


def spoken(port, *pieces, pause=0.0):
    """What a server says to bytes that come one after the other, and after how long it ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        begun, heard = time.monotonic(), b""
        try:
            for piece in pieces:
                line.sendall(piece)
                time.sleep(pause)
            while got := line.recv(65_536):
                heard += got
        except ConnectionError:
            pass
        return heard, time.monotonic() - begun


HOST = b"Host: localhost\r\n"


def test_half_a_request_is_cut_off(port):
    for pieces in ([b""], [b"GET / HTT"], [b"GET / HTTP/1.1\r\n" + HOST], [b"G"] * 40):
        heard, lasted = spoken(port, *pieces, pause=0.05)
        assert heard == b""
        assert lasted < 3


def test_a_body_that_never_comes_holds_nothing(port):
    heard, lasted = spoken(port, b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9999\r\n\r\nab")
    assert heard.startswith(b"HTTP/1.1 405")
    assert lasted < 3


def test_a_parameter_of_a_megabyte_is_answered_with_400(port):
    heard, _lasted = spoken(port, b"GET /ask?goods=" + b"1" * 1_000_000 + b" HTTP/1.1\r\n" + HOST)
    assert heard.startswith(b"HTTP/1.1 400")
    assert b"content-security-policy" in heard


@pytest.mark.parametrize("request_", [
    b"GET /healthz HTTP/1.1\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n",
    b"G\x00ET /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
])  # fmt: skip
def test_what_is_no_request_gets_4xx_and_no_more(port, request_):
    heard, lasted = spoken(port, request_)
    assert heard == b"" or heard.startswith(b"HTTP/1.1 4")
    assert b"evil" not in heard
    assert lasted < 3


def test_a_whole_request_is_answered_and_the_next_one_too(port):
    one = b"GET /healthz HTTP/1.1\r\n" + HOST
    heard, _lasted = spoken(port, one + b"\r\n", one + b"Connection: close\r\n\r\n", pause=0.1)
    assert heard.count(b'{"status":"ok"}') == 2
    assert b"server:" not in heard
