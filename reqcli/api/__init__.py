"""The one door where what thinks and what touches the world meet: `Session` (one run) and `Request.send`.

There is only order here, no rules: open the state, send, learn and store, give the result, close.
"""
