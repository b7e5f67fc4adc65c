"""APIs that other vendors' clients already speak, answered by Lectern's own captioner."""
