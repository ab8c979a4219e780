"""Judgement of one text: language, identifiers, category, mood, priority. Pure: text and facts in, verdicts out."""
