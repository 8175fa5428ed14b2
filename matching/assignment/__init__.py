"""Who goes where, all at once: the nightly, exact assignment of volunteers to shifts. Only workers import it."""
