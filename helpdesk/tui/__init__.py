"""The terminal interface: draws what views read and posts what desk does."""
