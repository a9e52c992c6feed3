"""The tests: tests/X/test_Y.py is for reqcli/X/Y.py; tests/e2e runs the installed program."""
