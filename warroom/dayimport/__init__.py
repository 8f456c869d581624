"""`warroom day import`: the field's formats become a day folder, with a report of what joined and what did not."""
