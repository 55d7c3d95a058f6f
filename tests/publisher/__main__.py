"""The server by hand: `PYTHONPATH=tests .venv/bin/python -m publisher`."""

from __future__ import annotations

import argparse
import sys

from publisher import certificate
from publisher.controls import CONTROLS, parse_faults
from publisher.faults import KINDS, Faults
from publisher.hosts import HOSTS
from publisher.limits import KEYS, Limits
from publisher.server import Publisher


def main() -> int:
    """Read the options, say how to use the server, and serve until interrupted."""
    options = _options().parse_args()
    try:
        faults = parse_faults({n: v for n, _, v in (t.partition("=") for t in options.fault)})
    except ValueError as error:
        print(f"publisher: {error}", file=sys.stderr)
        return 2
    if options.tls and not certificate.available():
        print("publisher: --tls needs the openssl program", file=sys.stderr)
        return 2
    limits = Limits(pace=options.pace, calls_per_day=options.calls_per_day)
    server = Publisher(port=options.port, faults=faults, limits=limits, tls=options.tls)
    print(usage(server, faults), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


def usage(server: Publisher, faults: Faults) -> str:
    """Return what a user reads on the terminal at the start."""
    kinds = "\n".join(f"  {kind:9} {text}" for kind, text in KINDS.items())
    now = ", ".join(f"{kind} {share:g}" for kind, share in faults.shares.items()) or "none"
    return f"""\
A test server with synthetic numbers, in the place of {", ".join(HOSTS)}.

In another terminal:
  export ENTREPOT_PUBLISHER={server.url}
  export ENTREPOT_COMTRADE_KEY={next(iter(KEYS))}
  .venv/bin/entrepot source fetch comtrade --help
  curl '{server.url}/comtradeapi.un.org/public/v1/getDA/C/M/HS?reporterCode=792'

Keys that are accepted: {", ".join(KEYS)}
Faults now: {now}; to change them: curl '{server.url}/_faults?429=0.1&half=0.05&seed=7'
  or start with --fault 429=0.1; script=3:cut:preview fails the third call to a preview
{kinds}
Controls: {", ".join(f"/{name}" for name in CONTROLS if name)}
  /_log           every request, without secrets, and what became of it
  /_revise?reporter=TUR&period=2023-01&day=2025-09-01   releases a month anew
  /_today?day=2023-11-20                                hides what is released later
Ctrl-C stops it."""


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="publisher", description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="where to listen on 127.0.0.1")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME=VALUE", help="for example 429=0.1"
    )
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between Comtrade calls")
    parser.add_argument("--calls-per-day", type=int, default=500, help="quota of the free key")
    parser.add_argument("--tls", choices=("valid", "expired"), default="", help="serve HTTPS")
    return parser


if __name__ == "__main__":
    sys.exit(main())
