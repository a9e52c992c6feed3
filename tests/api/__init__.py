"""Tests of the one door: sessions and requests as a program uses them."""
