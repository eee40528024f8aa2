"""The demo: a small company whose month goes on while one looks. Nothing leaves this machine."""
