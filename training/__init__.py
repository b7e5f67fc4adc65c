"""Training: one module per model, the data that it learns from, and what it is measured against."""
