"""The guardian recap as people read it: its sentences, its reading level, its page and e-mail."""
