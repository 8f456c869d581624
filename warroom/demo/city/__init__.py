"""The made-up city: land and water, streets, precincts and poll sites, all from one seed."""
