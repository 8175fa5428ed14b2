"""Keeping the vocabulary: two skills that mean the same become one, and can become two again."""
