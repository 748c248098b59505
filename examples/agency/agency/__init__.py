"""A small software agency: agents work through recipes on copies of a code base."""
