"""Who helps where: scores, suggestions, invitations, sign-ups and their outcome."""
