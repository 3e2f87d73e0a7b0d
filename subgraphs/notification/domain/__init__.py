"""What a notification is and who gets one. Pure: no await, no clock, no I/O."""
