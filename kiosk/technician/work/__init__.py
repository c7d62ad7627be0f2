"""What a technician does at the terminal, one file an act. Each act checks what the devices say, writes what was done
into the chain, and raises `Refusal` (an event of the catalogue) when it cannot be."""
