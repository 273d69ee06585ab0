"""The pictures of the tutorial, taken anew: ``make pictures``.

    python -m docs.pictures

Starts the demonstration on this machine's loopback in a temporary folder, works on two cases as the tutorial says,
takes each picture in Chromium, and stops all of it. The people are invented, and their accounts end with it. Nothing of
the machine is in a picture: neither a path nor a name. Chromium needs a font with coloured signs (Debian:
``fonts-noto-color-emoji``).
"""
