"""Between events and use cases: what comes in (`consumed`) and what goes out (`published`)."""
