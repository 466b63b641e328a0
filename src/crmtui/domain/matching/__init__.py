"""Finding customers that are recorded twice: comparison values, signals, weights, blocking keys and groups. No I/O."""
