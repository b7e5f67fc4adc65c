"""Reports for people to keep: PDF files in the brand of the tenant."""
