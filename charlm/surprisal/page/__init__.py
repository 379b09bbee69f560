"""A heat map as one page for a browser, which needs nothing from outside.

`page.html`, `style.css` and `script.js` are its parts, `document.py` puts them together. A million
coloured spans would be too much for a browser: the page holds plain text in blocks and the bits as
one array of small integers; the script colours the blocks in sight.
"""
