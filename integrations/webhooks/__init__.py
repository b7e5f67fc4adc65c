"""Webhooks in the form of the Standard Webhooks specification 1.0 (standardwebhooks.com)."""
