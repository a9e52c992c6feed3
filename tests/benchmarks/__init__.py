"""How fast the program and the library are, beside others, on the machine at hand: `python -m tests.benchmarks`.

    python -m tests.benchmarks                     all of it, in about 15 minutes, 25 where it has to wait for
                                                   quiet moments; writes RESULTS.md beside this file
    python -m tests.benchmarks --quick             two or three minutes, writes nothing
    python -m tests.benchmarks --quick start_up    some of them: the names that --help gives

RESULTS.md is the program's alone: what is to be said about a figure goes into NOTES.md, under the title of its table,
and from there into this and every later RESULTS.md.

The others come with the extra `bench`; what is not installed is left out and named. One of them, niquests, brings a
fork of urllib3 that puts itself in the place of urllib3, and a start-up hook that slows every Python of the
environment. So install it so that it leaves both alone; and not in editable mode, which is such a hook too and makes
bare Python, with which start-up is compared, slower than it is (what is measured is this tree all the same):

    URLLIB3_NO_OVERRIDE=1 pip install --no-binary urllib3-future '.[bench]'

curl, nginx, ab, redis-server, and xh if it is there, are taken from the PATH. Nothing leaves the loopback interface.
"""
