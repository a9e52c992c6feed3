"""Tests of the demo server and its story."""
