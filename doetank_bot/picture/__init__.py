"""The picture of the cycle so far, as PNG. `paint` alone knows matplotlib: import it where a picture is drawn."""
