"""Bias and coverage of the effect of texts on made-up days: `python -m bench.text_effect [--seeds 200]`.

Each day texts some precincts with a known effect a text; votes after sending are Poisson about the model's
expectation, which is itself wrong by 8 % (robust spread of precincts' forecasts at midday) and, besides, by
an amount that grows with the list: a campaign lists its own strongholds.
"""

import argparse

import numpy as np

from warroom.texting.effect import TextedPrecinct, estimate, saturation


def made_day(lot: np.random.Generator, precincts: int, effect: float, share: float) -> list[TextedPrecinct]:
    """One day's texted precincts."""
    rows = []
    for n in range(precincts):
        expected = float(lot.uniform(60, 400))
        listed = int(expected * lot.uniform(0.2, 0.9))
        out = saturation(float(lot.random()), share)
        texted = int(lot.binomial(listed, 1 - out))
        wrong = 1 + 0.08 * lot.standard_normal() + 0.05 * (listed / expected - 0.55)
        votes = lot.poisson(max(expected * wrong, 1.0)) + lot.binomial(texted, max(effect, 0.0))
        rows.append(TextedPrecinct(str(n), listed, texted, expected, float(votes) - expected))
    return rows


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, default=200)
    given = arguments.parse_args()
    print("precincts  left out  effect  mean estimate  bias    coverage of 90 %  half-width")
    for precincts in (30, 100, 400):
        for share in (0.1, 0.3):
            for effect in (0.0, 0.01, 0.03):
                found = [
                    estimate(made_day(np.random.default_rng([seed, precincts]), precincts, effect, share))
                    for seed in range(given.seeds)
                ]
                known = [f for f in found if np.isfinite(f.a_text)]
                mean = float(np.mean([f.a_text for f in known]))
                cover = float(np.mean([f.low <= effect <= f.high for f in known]))
                half = float(np.median([(f.high - f.low) / 2 for f in known]))
                print(
                    f"{precincts:9d}  {share:8.0%}  {effect:6.3f}  {mean:13.4f}  {mean - effect:+.4f}"
                    f"  {cover:16.2f}  {half:.3f}"
                )


if __name__ == "__main__":
    main()
