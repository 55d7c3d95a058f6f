"""Fetch: one request to a publisher, politely, until it is answered or refused for a reason.

The only file that reaches the network. TLS is always checked; a redirect may not leave the
publisher; a secret goes into a request at the last moment and into nothing else.
"""

from __future__ import annotations

import logging
import ssl
import time
import zlib
from typing import TYPE_CHECKING

import httpx
import tenacity

from entrepot import __version__, config
from entrepot.contracts import Response, Verdict
from entrepot.errors import AccessError, FetchError, QuotaError, UnpublishedError
from entrepot.sources import _answers, _body
from entrepot.sources._deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from entrepot.contracts import Endpoint, Request

ATTEMPTS = 6
"""By hand: with the pauses below, half a minute in all."""
PATIENCE = 120.0
"""Seconds we wait when a publisher says "later"; a longer wait is the user's to decide."""
FIRST_PAUSE = 1.0
"""Seconds before the second attempt; each further pause is twice as long."""
REDIRECTS = 5  # by hand; a circle is told soon
# By hand; the time of a whole answer is `_deadline`'s.
TIMEOUT = httpx.Timeout(connect=20, read=120, write=20, pool=20)
ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1)
AGENT = f"entrepot/{__version__} (open trade statistics; one connection, throttled)"

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, which can hold a key


class NoAnswerError(Exception):
    """Not an answer: worth another attempt, not before `after` seconds."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.after = after


class Fetcher:
    """One connection to one endpoint of a publisher.

    Args:
        name: The source, for messages.
        endpoint: The endpoint.
        sleep: What waits; tests pass their own.
        told: Told about every pause before another attempt.
    """

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        *,
        sleep: Callable[[float], None] = time.sleep,
        told: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self.sleep = sleep
        self.told = told
        self.calls = 0
        self._through = config.publisher()
        self._secret = config.key(endpoint.key.name) if endpoint.key else ""
        self._mask = _body.Mask(self._secret)
        self._deadline = Deadline()
        self._next = 0.0

    def __enter__(self) -> Fetcher:
        """Open the connection."""
        self._client = httpx.Client(
            timeout=TIMEOUT,
            limits=ONE,
            headers={"user-agent": AGENT, "accept-encoding": "gzip"},
            trust_env=not self._through,
        )
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self._client.close()

    def get(self, request: Request, target: Path) -> tuple[Verdict, str]:
        """Ask until there is an answer; keep it in `target`.

        Returns:
            Good, empty or too large, and why. Pauses double from one second; a `Retry-After` of
            the publisher is kept to.

        Raises:
            AccessError: The key is missing or refused.
            QuotaError: No more calls for now.
            UnpublishedError: The publisher does not have it yet.
            FetchError: No answer after six attempts, or one that asking again cannot mend.
        """
        attempt = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_pause,
            retry=tenacity.retry_if_exception_type(NoAnswerError),
            before_sleep=self._tell,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return attempt(self._ask, request, target)
        except NoAnswerError as last:
            raise FetchError(
                f"{self.name}: {_host(request)} gave no answer in {ATTEMPTS} attempts "
                f"(last: {last.why}); what was answered before is kept: run the same command later"
            ) from None

    def _tell(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        if isinstance(error, NoAnswerError):
            self.told(f"{self.name}: {error.why}; asking again in {wait:.0f} s")

    def _ask(self, request: Request, target: Path) -> tuple[Verdict, str]:
        response = self._download(request, target)
        verdict, why = self.endpoint.judge(request, response)
        if verdict is Verdict.BUSY:
            raise NoAnswerError(why, self._later(response))
        self._refuse(request, verdict, why)
        return verdict, why

    def _refuse(self, request: Request, verdict: Verdict, why: str) -> None:
        if verdict is Verdict.BAD_KEY:
            raise AccessError(f"{self.name}: {self._key_trouble(why)}")
        if verdict is Verdict.QUOTA:
            raise QuotaError(
                f"{self.name}: the publisher allows no more calls for now ({why}); what was "
                "answered is kept: run the same command again tomorrow and it goes on from here"
            )
        if verdict is Verdict.UNPUBLISHED:
            raise UnpublishedError(
                f"{self.name}: {request.name} is not published yet ({why}); ask again later, or "
                "ask for earlier periods"
            )
        if verdict is Verdict.WRONG:
            raise FetchError(
                f"{self.name}: {_host(request)} does not understand the request ({why}); "
                "update entrepot, or report the change"
            )

    def _key_trouble(self, why: str) -> str:
        key = self.endpoint.key
        if key is None:
            return f"refused without asking for a key ({why}); wait, or take another endpoint"
        where = f"{config.key_variable(key.name)} or {config.keys_path()}"
        if not self._secret:
            return f"needs a key; get one at {key.register} and put it in {where}"
        return f"the key is refused ({why}); check it in {where}, or get one at {key.register}"

    def _later(self, response: Response) -> float:
        """Seconds the publisher asks us to wait; 0 if it does not say."""
        wait = _answers.seconds(response.headers.get("retry-after", ""))
        if wait > PATIENCE:
            raise QuotaError(
                f"{self.name}: the publisher asks to wait {wait:,.0f} s; what was answered is "
                "kept: run the same command again after that and it goes on from here"
            )
        return wait

    def _download(self, request: Request, target: Path) -> Response:
        try:
            url = httpx.URL(request.url, params=dict(request.params) or None)
            for _ in range(REDIRECTS):
                self._check_host(url)
                self._wait_turn()
                with self._deadline.running():
                    got = self._hop(url, target)
                if isinstance(got, Response):
                    return got
                url = url.join(got)
        except (httpx.InvalidURL, UnicodeError):
            raise FetchError(
                f"{self.name}: redirected to an address that is none; expected one at "
                f"https://{self.endpoint.hosts[0]}; nothing was sent there: report the change"
            ) from None
        raise FetchError(f"{self.name}: {_host(request)} redirects for ever; report it")

    def _hop(self, url: httpx.URL, target: Path) -> Response | str:
        """Ask one address; return its answer, or where it sends us."""
        try:
            with self._client.stream(
                "GET",
                self._route(url),
                headers=self._headers(url),
                extensions={"trace": self._deadline.trace},
            ) as response:
                if response.has_redirect_location:
                    return str(response.headers["location"])
                self._save(response, target)
                headers = {name.lower(): value for name, value in response.headers.items()}
        except httpx.TransportError as error:
            raise self._transport(error, url) from None
        except zlib.error:
            raise NoAnswerError("an answer that is cut or cannot be unpacked") from None
        if self._deadline.passed:
            raise NoAnswerError("no whole answer in time")
        return Response(response.status_code, headers, target)

    def _headers(self, url: httpx.URL) -> dict[str, str]:
        key = self.endpoint.key
        is_ours = key is not None and url.host in self.endpoint.hosts
        return {key.header: self._secret} if key and key.header and self._secret and is_ours else {}

    def _route(self, url: httpx.URL) -> httpx.URL:
        key = self.endpoint.key
        if key and key.param and self._secret:
            url = url.copy_merge_params({key.param: self._secret})
        if not self._through:
            return url
        return httpx.URL(f"{self._through}/{url.host}{url.raw_path.decode('ascii')}")

    def _check_host(self, url: httpx.URL) -> None:
        host = url.raw_host.decode("ascii")
        ours = host in self.endpoint.hosts and url.scheme == "https" and not url.userinfo
        if not ours or url.port not in (None, 443):
            port = f":{url.port}" if url.port else ""
            where = self._mask.text(f"{url.scheme}://{host}{port}")
            raise FetchError(
                f"{self.name}: redirected to {where}, which is not the "
                f"publisher's; expected https://{self.endpoint.hosts[0]}; nothing was sent there: "
                "check the network (a login page, a proxy), or report the change"
            )

    def _wait_turn(self) -> None:
        wait = self._next - time.monotonic()
        if wait > 0:
            self.sleep(wait)
        self._next = time.monotonic() + (0 if self._through else self.endpoint.pause)
        self.calls += 1

    def _save(self, response: httpx.Response, target: Path) -> None:
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in _body.ENCODINGS:
            raise FetchError(
                f"{self.name}: {response.url.host} packs its answer as "
                f"{self._mask.text(encoding)[:40]!r}; expected gzip, once, or nothing; nothing was "
                "kept: check the network (a proxy), or report the change"
            )
        content = self._mask.stream(_body.unpacked(response.iter_raw(), encoding))
        with target.open("wb") as stream:
            for piece in content:
                self._deadline.size += len(piece)
                if self._deadline.size > self.endpoint.largest:
                    raise FetchError(
                        f"{self.name}: {response.url.host} sends more than "
                        f"{self.endpoint.largest / 1e6:,.0f} MB, more than any answer of this kind "
                        "has; nothing was kept: ask for less, or report the change"
                    )
                stream.write(piece)

    def _transport(self, error: httpx.TransportError, url: httpx.URL) -> Exception:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
            cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchError(
                f"{self.name}: the certificate of {url.host} is not valid "
                f"({cause.verify_message}); expected one this machine trusts; check its clock and "
                "whether a proxy stands between; nothing was sent"
            )
        if isinstance(error.__context__, httpx.InvalidURL):
            return error.__context__
        if self._deadline.passed:
            return NoAnswerError("no whole answer in time")
        if isinstance(error, httpx.TimeoutException):
            return NoAnswerError("no answer in time")
        if isinstance(error, httpx.ConnectError):
            return NoAnswerError(f"{url.host} cannot be reached")
        return NoAnswerError("the connection was cut")


def _host(request: Request) -> str:
    return httpx.URL(request.url).host


def _pause(state: tenacity.RetryCallState) -> float:
    """Return the pause before the next attempt: doubling, or longer if the publisher says so."""
    error = state.outcome.exception() if state.outcome else None
    doubled: float = FIRST_PAUSE * 2 ** (state.attempt_number - 1)
    return max(doubled, error.after) if isinstance(error, NoAnswerError) else doubled
