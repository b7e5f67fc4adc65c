"""What is made of the record for people to read: exports of a person's record, and reports."""
