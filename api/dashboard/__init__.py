"""The page: what people look at, rendered here and sent as it is."""
