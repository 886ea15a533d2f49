"""The TypeScript target: what a client needs of an application, typed."""
