"""Quality of what agents produce: reviewers, automated and human."""
