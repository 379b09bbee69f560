"""Pictures as SVG: curves with axes, and matrices of shaded cells."""
