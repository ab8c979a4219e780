"""What comes in from files and commands, read carefully: drafts of tickets, orders and articles, or a rejection."""
