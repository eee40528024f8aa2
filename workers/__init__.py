"""Everything on NATS: sales in, facts and notifications out."""
