"""`charlm sweep`: many trainings on the same texts, compared."""
