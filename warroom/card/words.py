"""What the card says in words: how the model works, what it cannot know, what it is for."""

# (sentence, source of the method)
METHOD = (
    (
        "Before the day it expects a number of election-day ballots in every precinct, from earlier elections of "
        "the same precincts: the shape of the city by a ridge regression that outliers cannot bend.",
        "Hoerl and Kennard 1970; Huber 1964",
    ),
    (
        "The level of the whole city is the weighted mean of like elections, held to be uncertain by tens of "
        "percent, and corrected by the early vote where there is one.",
        "error of that guess on past elections, below",
    ),
    (
        "The day has a starting curve, the share of ballots cast by each half hour, which may bend in the morning, "
        "at noon and in the evening.",
        "built-in curves, below; Gaussian process, Rasmussen and Williams 2006",
    ),
    (
        "Every reading is cleaned before it counts: a forgotten PM is repaired, and of each precinct the most "
        "plausible series that never falls is believed; each reading that is not gets a named reason.",
        "dynamic programming, Bellman 1957",
    ),
    (
        "City, regions and precincts then learn from all believed readings at once; one joint uncertainty of level "
        "and curve knows that a high morning may be a high day or an early one.",
        "hierarchical model on the log scale; Gelman and Hill 2007",
    ),
    (
        "How much precincts, curves and readings vary is learned from the day itself, and broken precincts do not "
        "set the scale for the others.",
        "empirical Bayes with a t likelihood; Lange, Little and Taylor 1989",
    ),
    (
        "The expectation of a precinct also leans on its neighbours' departures, never on its own.",
        "leave-one-out smoothing over the nearest precincts",
    ),
    (
        "A precinct is called low when it will probably end under 85 % of its expectation, where most precincts "
        "are taken to be normal and a few to be in trouble.",
        "two-groups model, Efron 2008",
    ),
    (
        "A site where nobody was counted for a while is tested for a stoppage, a precinct that kept pace and then "
        "lagged for a slow-down, and a site that missed its own rhythm of reports is called silent.",
        "negative-binomial likelihood ratio; Hilbe 2011",
    ),
    (
        "Alerts keep to an hourly budget, the voters that can still be won back first, and close by themselves.",
        "alarm management, EEMUA 191",
    ),
)

UNKNOWABLE = (
    (
        "Who reports",
        "Precincts with a reporter are not a random sample. What is learned there moves the precincts without one "
        "only in part, and the interval of those stays wide.",
    ),
    (
        "The mail",
        "Ballots by mail are not counted at the poll site. A shift between mail and the poll site, as in 2020, "
        "looks like a change of turnout until the curve of the day gives it away.",
    ),
    (
        "The first hour",
        "Queues at the opening, late starters and rounded first counts make the first hour a guess. Until about "
        "two readings of a precinct are in, no turnout alert is raised for it.",
    ),
    (
        "A loss of a fifth",
        "Healthy precincts differ from their history by 10 % (Philadelphia) to 19 % (a New York primary), one "
        "standard deviation. A precinct that is 20 % soft cannot be told from a healthy one; one that is 45 % "
        "soft usually can by the afternoon.",
    ),
    (
        "New boundaries",
        "Precinct numbers are not stable between years. History must be on the boundaries of this day; where it "
        "is not, a precinct is compared with other voters. The model cannot see that.",
    ),
    (
        "Why",
        "It sees counts. Weather, a broken machine, a closed road, a candidate who withdrew: the reason is for "
        "people on the spot to find.",
    ),
)

FAIRNESS = (
    "It works on precincts and poll sites. No person is scored, profiled or named; no race, age, party or vote of "
    "any person enters it.",
    "It is made to find places where voters are being lost and to send help there. It must not be used to "
    "discourage, delay or challenge anybody's vote, and nothing in it ranks voters.",
    "Its errors are not equal: small precincts, new precincts and places nobody reports from have wider intervals "
    "and are noticed later. Send observers there first, not last.",
)
