"""What the people of a target say of it, and what they are asked to say."""
