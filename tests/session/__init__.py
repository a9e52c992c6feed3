"""Tests of what a session is: its state, document, operations, and how it bends requests."""
