"""Who is there: people who want to help, what they can, when, and how far they travel."""
