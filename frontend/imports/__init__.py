"""Tables that other programs made, read row by row: what is wrong is named and skipped."""
