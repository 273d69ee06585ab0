"""The pictures of the tutorial and of the officers' pages, taken anew: ``make pictures``.

    python -m docs.pictures

Starts the demonstration on this machine's loopback in a temporary folder, works on two cases as the tutorial says,
takes each picture in Chromium, and stops all of it; then lets a team go through the desk of a second stack for the
officers' pages. The people are invented, and their accounts end with it. Nothing of the machine is in a picture:
neither a path nor a name. Chromium needs a font with coloured signs (Debian: ``fonts-noto-color-emoji``).
"""
