"""What `doctor` looks at: this machine, the database, NATS, HTTP. Each check is isolated and has little time."""
