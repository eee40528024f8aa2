"""The drawings: figures in, SVG text out. Pure."""
