"""The walls of a cell, one a module: each is put up if the kernel allows it, and says so."""
