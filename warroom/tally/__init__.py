"""The tally: folds frames of reports into the state of each precinct, exactly once, in any order."""
