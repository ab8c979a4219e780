"""The command line: parses words, calls desk and views, draws what comes back. No rule, no SQL."""
