"""How often a real process asks for memory: a shared object that is loaded before all others counts it.

Python is told to take every block from `malloc`, so what it makes is counted however small it is. The number is the
same on every machine; from one version of Python to the next it changes by some, for they keep different things.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real import require

ROOT = Path(__file__).parent.parent
COUNTING = """
#include <stddef.h>
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
static long made, kept;
long blocks_made(void) { return made; }
long blocks_kept(void) { return kept; }
void *malloc(size_t size) { made++; kept++; return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { made++; kept++; return __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { made++; kept += !old; return __libc_realloc(old, size); }
void free(void *old) { kept -= !!old; __libc_free(old); }
"""

PREAMBLE = """
import ctypes, gc, sys
library = ctypes.CDLL(None)
blocks_made, blocks_kept = library.blocks_made, library.blocks_kept
blocks_made.restype = blocks_kept.restype = ctypes.c_long
def count(work):
    '''Print what 20 times of this make and keep, each more than 10 times; first comes what only the first ones need.'''
    gc.disable()
    work(40)
    gc.collect()
    made, kept = [], []
    for times in (10, 30):
        first, before = blocks_made(), blocks_kept()
        work(times)
        made.append(blocks_made() - first)
        gc.collect()
        kept.append(blocks_kept() - before)
    print((made[1] - made[0]) / 20, (kept[1] - kept[0]) / 20)
"""


def allocations(folder: Path, script: str, *args: str) -> tuple[float, float]:
    """How many blocks of memory some work takes each time, and how many of them it does not give back.

    Args:
        folder: for the shared object.
        script: ends with `count(work)`, where `work(times)` does it so many times.
        args: of the script.
    """
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("only with glibc is it known how to count them")
    counting = folder / "counting.so"
    subprocess.run(
        [require("cc"), "-shared", "-fPIC", "-O1", "-x", "c", "-o", str(counting), "-"],
        input=COUNTING, text=True, check=True, timeout=60,
    )  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "LD_PRELOAD": str(counting), "PYTHONMALLOC": "malloc"}
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + script, *args],
        env={**environment, "PYTHONHASHSEED": "0"}, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    made, kept = map(float, done.stdout.split())
    return made, kept
