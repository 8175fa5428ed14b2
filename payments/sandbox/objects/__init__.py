"""One file per noun of Stripe's API that the sandbox knows, each with its operations and its effects."""
