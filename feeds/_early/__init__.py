"""Early and absentee vote files: which form a file has, its rows, its voters once each, its counts by precinct."""
