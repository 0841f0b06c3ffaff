"""What the product does, three verbs: describe, illustrate, compose."""
