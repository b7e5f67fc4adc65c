"""What one turn of talk takes up of another: words, numbers, and how it asks."""
