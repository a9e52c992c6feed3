"""Many requests in one process: lines come in, results go out, over one pool and with bounded memory.

    source → line → members → a run of its own (`worker`) → sink          `crew`: until the input ends
                                                                          `service`: for as long as the caller likes

A line is a JSON object, or a URL alone. It becomes one result, whatever is in it: a line that makes no sense is a
result with the code `usage`, and its number. Threads share the pool and what a session was when it was first read;
each line has a fresh `Session` of it.
"""
