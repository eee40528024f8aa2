"""How it is put together and run: settings, embedded servers, command line."""
