"""Database `notification` in MongoDB. No query here is without the user, the event or the delivery it is about."""
