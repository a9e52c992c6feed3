"""The command line: the only room that knows Click, the environment and the standard streams.

Here stands what a plain request goes through, from words to output: `main`, `plain` (which reads them by the table of
`options`), `ask`, `spec`, `perform`, `show`. What is in a folder is loaded only when it is needed; `tree` says where
each command lives.
"""
