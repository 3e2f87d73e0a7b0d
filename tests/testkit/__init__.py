"""What tests of every level share: real engines as fixtures, and tools to wait for conditions."""
