"""The command lines of the gateway, one module each with `main(arguments) -> exit status`."""
