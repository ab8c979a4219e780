"""What the shop's things are: the vocabulary, the allowed steps, the tables."""
