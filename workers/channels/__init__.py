"""The ways out: each makes one try and says what came of it, and never raises for what the other side does."""
