"""What a person sees: page, map, pictures, files and the command line."""
