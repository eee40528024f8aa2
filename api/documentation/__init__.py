"""What /docs says: words, examples and schemas. Nothing here decides what is taken or answered."""
