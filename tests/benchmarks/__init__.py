"""How fast the program and the library are, beside others, on the machine at hand: `python -m tests.benchmarks`.

    python -m tests.benchmarks                     all of it, some minutes; writes RESULTS.md beside this file
    python -m tests.benchmarks --quick             less than a minute, writes nothing
    python -m tests.benchmarks --quick start_up    one of: sessions, sequential, batch, download, upload, start_up

The others come with the extra `bench`; what is not installed is left out and named. One of them, niquests, brings a
fork of urllib3 that puts itself in the place of urllib3, and a start-up hook that slows every Python of the
environment. So install it so that it leaves both alone:

    URLLIB3_NO_OVERRIDE=1 pip install --no-binary urllib3-future -e '.[bench]'

curl, and xh if it is there, are taken from the PATH. Nothing leaves the loopback interface.
"""
