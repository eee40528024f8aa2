"""Whole histories of a company as chance writes them: steps that the product does and that the scratch books follow."""
