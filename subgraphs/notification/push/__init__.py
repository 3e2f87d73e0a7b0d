"""Web Push: how a message is sealed (`sealing`), who says it (`vapid`) and how it leaves (`services`)."""
