"""What a target must come to, worked out a second time from the sales themselves: the judge of the product's figures.

The standard library only, and nothing of the product. Every pacing is a table of W at the end of each local day, every
actual a table of minor units at the end of each local day; amounts are whole minor units, weights fractions.
"""
