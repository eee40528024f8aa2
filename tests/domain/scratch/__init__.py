"""Every figure a second time, from scratch: plain Python that shares no code with the product, as semantics.md says
it, recomputed from all the sales that were published."""
