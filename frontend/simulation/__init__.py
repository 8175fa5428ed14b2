"""A month in the city, played against the running service from outside: `buurtloket simulate`."""
