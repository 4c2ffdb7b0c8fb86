"""What the pipeline costs, and what others cost for the same orders.

Results and how to run each are in docs/performance.md. Figures
move with the machine, so compare them within one run.
"""
