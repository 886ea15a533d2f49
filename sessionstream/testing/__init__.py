"""What tests of applications, stores and transports share."""
