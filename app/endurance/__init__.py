"""Chats that last: how the server bears many at once, and being killed in the middle of them."""
