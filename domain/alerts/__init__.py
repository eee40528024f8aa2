"""Who hears what: subscriptions, conditions and announcements, and the words of a message."""
