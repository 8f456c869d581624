"""Who is who, who may do what, and a record of it that cannot be changed in silence."""
