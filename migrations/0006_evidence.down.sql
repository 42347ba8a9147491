DROP TABLE ts.evidence;
