"""Sending alarms out of the house: exec hooks, mail, chats. Knows nothing of tickets, store or desk."""
