"""The words both sides use: skills and their synonyms, languages, the cells of a week."""
