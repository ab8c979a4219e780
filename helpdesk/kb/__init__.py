"""The knowledge base's judgement: which article answers a text, how sure that is, and what it permits."""
