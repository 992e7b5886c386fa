"""Judgements over many loans: portfolio at risk, ageing, arrears."""
