"""The product with one safety taken out: a fault run that does not notice proves nothing."""
