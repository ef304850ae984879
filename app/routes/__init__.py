"""The addresses of the API: the only part of the program that speaks HTTP."""
