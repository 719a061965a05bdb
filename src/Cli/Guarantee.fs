namespace Hindsight.Tool

open System
open System.Globalization
open Hindsight
open Hindsight.Data
open Hindsight.FSharp

/// Which calculator of the library speaks about a run. Only where mean costs are known, and only for a schedule that the theorem covers.
[<RequireQualifiedAccess>]
module Guarantee =
    let private number (text: string) =
        Double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)

    let private certificate arms (runs: RunResult[]) =
        let last (curve: float[]) = Array.last curve
        let value = runs |> Array.averageBy (fun r -> last r.Certificate)

        if not (Double.IsFinite value) then
            Error(HindsightError.Incompatible "Mean costs are not known")
        else
            Ok
                {
                    Name = "certificate of the decisions"
                    Source = "derived here from the exact decision value"
                    Kind = BoundKind.Expectation
                    Delta = Nullable()
                    Direction = BoundDirection.Upper
                    Terms =
                        [|
                            {
                                Symbol = "T"
                                Value = runs |> Array.averageBy (fun r -> float r.Rounds)
                                Meaning = "rounds"
                            }
                            {
                                Symbol = "K"
                                Value = float arms
                                Meaning = "arms"
                            }
                            {
                                Symbol = "Reg"
                                Value = runs |> Array.averageBy (fun r -> last r.PseudoRegret)
                                Meaning = "measured pseudo-regret, mean over the seeds"
                            }
                        |]
                    Assumptions =
                        [|
                            {
                                Name = "the oracle's errors on every arm are known"
                                Status = AssumptionStatus.Measured
                                Detail = "the simulation knows the mean costs; the bandit does not"
                            }
                            {
                                Name = "costs lie in [0,1]"
                                Status = AssumptionStatus.ByConstruction
                                Detail = "checked at the door"
                            }
                        |]
                    Value = value
                    Formula =
                        "sum_t min(1, min_c [decision value(p_t, predicted_t, c) + c sum_a p_t(a) (predicted_t(a) - mean_t(a))^2])"
                    Trivial = runs |> Array.averageBy (fun r -> float r.Rounds)
                }

    /// <summary>The bound on the expected pseudo-regret of an algorithm's runs; none where no theorem applies.</summary>
    /// <remarks>
    /// Where no theorem covers the schedule, the certificate of the decisions themselves: price and measured error, round by round.
    /// The regression regret under a theorem is the setting oracle-regret: an assumption, and listed as one. The theorem's schedule counts on the setting horizon;
    /// the bound is that of the rounds done, at the schedule's gamma.
    /// </remarks>
    let ofRuns meansKnown arms (runs: RunResult[]) : Bound option =
        let settings = dict [ for s in runs[0].Settings -> s.Key, s.Value ]
        let horizon = runs |> Seq.map _.Rounds |> Seq.max |> float
        let value key = number settings[key]

        let normalization () =
            if settings["normalization"] = "exact" then
                Normalization.Exact
            else
                Normalization.FixedMu

        let bound =
            match meansKnown, settings["exploration"], settings["gamma"] with
            | true, "igw", "constant" ->
                SquareCB.expectation (normalization ()) arms horizon (value "oracle-regret") (value "gamma-scale")
            | true, "igw", "square-theorem" ->
                result {
                    let! gamma = SquareCB.gamma arms (value "horizon") (value "oracle-regret") (value "delta")
                    return! SquareCB.expectation (normalization ()) arms horizon (value "oracle-regret") gamma
                }
            | true, "reweighted", "constant" ->
                let best = runs |> Array.averageBy _.BestCost
                FastCB.atGamma arms horizon best (value "oracle-regret") (value "gamma-scale")
            | _ -> certificate arms runs

        Result.toOption bound
