"""Everything on HTTP."""
