"""The one line under a suggestion: what is wrong there, who can go, what it brings, what it costs."""

from anomaly.redeploy_terms import Helper, Move, Need, RedeployProblem

LANGUAGES = {
    "ar": "Arabic", "bn": "Bengali", "en": "English", "es": "Spanish", "fr": "French", "hi": "Hindi",
    "ht": "Haitian Creole", "it": "Italian", "ko": "Korean", "pl": "Polish", "pt": "Portuguese",
    "ru": "Russian", "so": "Somali", "tl": "Tagalog", "ur": "Urdu", "vi": "Vietnamese", "yi": "Yiddish",
    "zh": "Chinese",
}  # fmt: skip


def why_words(problem: RedeployProblem, helper: int, need: int, move: Move) -> str:
    """One line with ids only.

    For example "Saltmarsh 3 is 46 voters short (90 %: 20–70); V012 is 9 min away by car, speaks
    Spanish; brings back about 3.1 voters by 19:30; leaves Oakapple Library with 2 watchers".
    """
    who, where = problem.helpers[helper], problem.needs[need]
    parts = [
        f"{where.name or where.precinct_id} is {_voters(where.shortfall)} short "
        f"(90 %: {where.shortfall_low:.0f}–{where.shortfall_high:.0f}){_doubt(where)}",
        f"{who.volunteer_id} is {_away(move)}{_languages(who, where)}",
        f"brings back about {move.expected_voters:.1f} voters by {clock(problem, move.leaves_min)}",
        move.cost_at_origin,
    ]
    return "; ".join(part for part in parts if part)


def cost_words(problem: RedeployProblem, helper: int, watchers: int, canvassers: int, voters: float) -> str:
    """What it costs where the person leaves: who is left there, and the voters that `voters` stands for."""
    who = problem.helpers[helper]
    site = problem.site_names.get(who.site_id, who.site_id)
    if who.covers and who.site_id:
        return f"leaves {site} with {watchers} {'watcher' if watchers == 1 else 'watchers'}"
    if who.precinct_id:
        place = problem.precinct_names.get(who.precinct_id, who.precinct_id)
        people = f"{canvassers or 'no'} {'canvasser' if canvassers == 1 else 'canvassers'}"
        return f"leaves {place} with {people} (−{voters:.1f} voters)"
    return f"leaves {site} (−{voters:.1f} voters)" if site else "leaves no post"


def clock(problem: RedeployProblem, minute: float) -> str:
    """Local HH:MM of a minute from the opening."""
    at = round(problem.opens_clock_minutes + minute)
    return f"{at // 60 % 24:02d}:{at % 60:02d}"


def _voters(count: float) -> str:
    return "1 voter" if round(count) == 1 else f"{count:.0f} voters"


def _away(move: Move) -> str:
    if round(move.travel_minutes) < 1:
        return "there or next door"
    return f"{move.travel_minutes:.0f} min away {'by car' if move.by_car else 'on foot'}"


def _doubt(need: Need) -> str:
    return "" if need.probability >= 0.95 else f", {need.probability:.0%} sure"


def _languages(helper: Helper, need: Need) -> str:
    spoken = sorted(helper.languages & need.helpful_languages)
    return f", speaks {' and '.join(LANGUAGES.get(code, code) for code in spoken)}" if spoken else ""
