"""The revolving fund: its capital, what it holds, and what it may lend."""
