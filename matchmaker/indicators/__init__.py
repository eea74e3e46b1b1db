"""Measured figures of the policy: official figures, and the ledger that is counted from projects."""
