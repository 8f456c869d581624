"""Ways out for a message. One file each; the folder is the registry, chosen by `sender` in texting.toml."""
