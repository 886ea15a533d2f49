"""The protoc plugin that writes typed sessionstream modules."""
