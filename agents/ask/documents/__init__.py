"""Answers from documents: word for word, with the place where it stands; alone, or beside what the tables say."""
