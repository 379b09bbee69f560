"""`charlm gradients`: are they right, and how far back do they reach?"""
