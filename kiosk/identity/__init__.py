"""Who stands here: what is proven, what was agreed to, what others may see."""
