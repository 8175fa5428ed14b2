"""What an installation begins with: the demonstration's municipality, Voorbeeldstad, which does not exist."""
