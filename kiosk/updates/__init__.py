"""New versions of the program: a signed manifest, taken when nobody is here, kept when well, else taken back."""
