"""The terminal interface: draws what views/ reads and asks desk/ for what is done. No rule, no SQL."""
