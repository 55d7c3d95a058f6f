"""Serve: fifty clients for a minute on the demo world, and what one page takes.

Prints requests per second, the median and the 95th percentile, wrong answers, and the memory of
every process; the limit is the same clients on a server that says hello, in the same run.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

CLIENTS = int(os.environ.get("CLIENTS", "50"))
SECONDS = float(os.environ.get("SECONDS", "60"))
GOODS = "goods=chpl-2024-02"
WARM = (
    "/", "/ask", f"/ask?{GOODS}&from=Turkey&to=Kazakhstan&months=2023", "/country/KAZ", "/findings",
    f"/ask?{GOODS}&from=Turkey&to=Kazakhstan&months=2023&mirror=true", "/sources", "/study",
    "/product/854231", "/corridor/TUR/KAZ", "/search?q=oscilloscopes", "/site.css", "/healthz",
    f"/api/ask?{GOODS}&from=Turkey&to=Kazakhstan&months=2023", "/api/vintages", "/api/status",
    f"/api/flows?{GOODS}&from=Turkey&to=Kazakhstan&months=2023&limit=100",
)  # fmt: skip
SERVE = "from entrepot.cli import main; main()"
HELLO = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
uvicorn.run(app, port=int(sys.argv[1]), http="h11", access_log=False, log_level="warning")
"""


@contextlib.contextmanager
def running(program, *words):
    """A server as a process of its own: address, number, and seconds until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *(word.format(port=port) for word in words)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    home = f"http://127.0.0.1:{port}"
    try:
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{home}/healthz")
                break
            time.sleep(0.02)
        yield home, process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(30)


def whole(home, path):
    """Ask until an answer is there whole: the answer, and the seconds that this took."""
    begun = time.perf_counter()
    with httpx.Client(timeout=300) as web:
        while (found := web.get(home + path)).status_code == 202:
            time.sleep(0.02)
    return found, time.perf_counter() - begun


def memory(pid):
    """Megabytes of a process and of those it started."""
    found = {}
    for one in (pid, *children(pid)):
        status = Path(f"/proc/{one}/status").read_text()
        found[one] = int(status.partition("VmRSS:")[2].split()[0]) / 1e3
    return found


def children(pid):
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir()
            for one in (task / "children").read_text().split()]  # fmt: skip


async def client(home, paths, known, until, seed, taken, wrong):
    """Ask for one address after the other, as a reader without a cache."""
    order = random.Random(seed)
    async with httpx.AsyncClient(timeout=60) as web:
        while time.perf_counter() < until:
            path = order.choice(paths)
            begun = time.perf_counter()
            found = await web.get(home + path)
            taken.append(time.perf_counter() - begun)
            if found.status_code != 200 or (known and found.content != known[path]):
                wrong.append((path, found.status_code))


async def load(home, paths, known, pid, seconds):
    """What all clients together get: seconds of each request, wrong answers, memory on the way."""
    taken, wrong, seen = [], [], []
    until = time.perf_counter() + seconds
    work = [client(home, paths, known, until, seed, taken, wrong) for seed in range(CLIENTS)]

    async def watching():
        for _ in range(2):
            seen.append(memory(pid))
            await asyncio.sleep(seconds / 2)
        seen.append(memory(pid))

    await asyncio.gather(watching(), *work)
    return taken, wrong, seen


def said(name, taken, seconds):
    middle, high = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(f"  {name:<28}{len(taken) / seconds:8.0f} requests/s   p50 {middle * 1e3:6.0f} ms   "
          f"p95 {high * 1e3:6.0f} ms")  # fmt: skip
    return len(taken) / seconds


def main():
    with running(HELLO, "{port}") as (home, pid, _ready):
        taken, _wrong, _seen = asyncio.run(load(home, ("/",), {}, pid, min(10.0, SECONDS)))
    print(f"serve: {CLIENTS} clients for {SECONDS:g} seconds on the demo world")
    limit = said("a server that says hello", taken, min(10.0, SECONDS))
    with running(SERVE, "serve", "--demo", "--port", "{port}") as (home, pid, ready):
        print(f"  ready after {ready:.2f} s")
        begun = time.perf_counter()
        httpx.get(f"{home}/", timeout=60)
        print(f"  first page, cold            {(time.perf_counter() - begun) * 1e3:8.0f} ms")
        print(f"  country page, first time    {whole(home, '/country/KAZ')[1] * 1e3:8.0f} ms")
        known = {path: whole(home, path)[0].content for path in WARM}
        print(f"  country page, warm          {whole(home, '/country/KAZ')[1] * 1e3:8.0f} ms")
        others = itertools.product(("Armenia", "Georgia"), (2022, 2023, 2024))
        changed = [whole(home, f"/ask?{GOODS}&from=Turkey&to={to}&months={year}")[1]
                   for to, year in others]  # fmt: skip
        print(f"  a changed filter, median    {statistics.median(changed) * 1e3:8.0f} ms")
        taken, wrong, seen = asyncio.run(load(home, WARM, known, pid, SECONDS))
    rate = said("pages and answers", taken, SECONDS)
    print(f"  of the limit                {rate / limit:8.1%}")
    print(f"  wrong answers               {len(wrong):8}  {wrong[:3] or ''}")
    for one in seen[0]:
        told = " -> ".join(f"{then.get(one, 0):.0f}" for then in seen)
        print(f"  memory of {'the server' if one == pid else 'a lane':<18}{told} MB")


if __name__ == "__main__":
    main()
