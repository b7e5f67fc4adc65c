"""Privacy as behaviour: sealed bodies, consent, retention and the audit chain; no I/O."""
