"""What is asked: roles, and the shifts in which they are done."""
