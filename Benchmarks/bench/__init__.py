"""Measures Antipode beside other people's receivers, on one machine and in one run."""
