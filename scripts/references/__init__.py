"""What the product promises to others, generated from the code and committed; the tests compare both."""
