"""What runs on the other side of the walls: the nursery's processes, and what a program finds in its own."""
