"""Money that does not pass the provider: cash and bank transfers held for donors, statements of our bank, returns."""
