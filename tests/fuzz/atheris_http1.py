"""The invariant of `test_client.py` under atheris, which looks for bytes that reach new code. By hand only:

    pip install atheris -e '.[test]'
    python -m tests.fuzz.atheris_http1 -max_total_time=600 [CORPUS]

CORPUS is a directory that grows; without one it starts from the rude servers' table and keeps nothing. The first byte
of an input chooses the call, the rest is what the server says. Bytes that break the invariant end the run and are left
in a file `crash-…`, which the same command reproduces when it is given as an argument.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["reqcli"]):
    from tests.client.rude import RUDE
    from tests.fuzz.fed import CALLS, CODES, FITS, MAX_BODY, feed
    from tests.fuzz.words import NAMES, WORDS

    for case in RUDE:  # what the client loads only when it needs it is loaded, and instrumented, now
        for call in CALLS:
            feed(case.raw[:FITS], call)

ORDER = sorted(CALLS)


def check(data: bytes) -> None:
    """Feed one input."""
    if not data:
        return
    for outcome in feed(data[1 : FITS + 1], ORDER[data[0] % len(ORDER)]):
        assert outcome.code in CODES, outcome
        assert outcome.size <= MAX_BODY, outcome


def main() -> None:
    """Fuzz until something breaks or the time is up."""
    with TemporaryDirectory() as scratch:
        seeds, dictionary = Path(scratch, "seeds"), Path(scratch, "dictionary")
        seeds.mkdir()
        for number, case in enumerate(RUDE):
            (seeds / str(number)).write_bytes(bytes([number % len(ORDER)]) + case.raw[:FITS])
        entries = [*(f"{name}: " for name in NAMES), *WORDS, "HTTP/1.1 401 X\r\n", "HTTP/1.1 302 X\r\n", "\r\n\r\n"]
        dictionary.write_text("".join(f'"{quoted(entry)}"\n' for entry in entries))
        named = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
        atheris.Setup([*sys.argv, f"-dict={dictionary}", *([] if named else [str(seeds)])], check)
        atheris.Fuzz()


def quoted(entry: str) -> str:
    """As libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in entry.encode("latin-1"))


if __name__ == "__main__":
    main()
