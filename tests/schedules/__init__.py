"""Any schedule: real operations, workflows and the real sandbox, in an order that chance chooses, with oracles."""
