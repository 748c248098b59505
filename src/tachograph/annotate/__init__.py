"""What is added to spans while they live: what they inherit, and what was found out about the work below them."""
