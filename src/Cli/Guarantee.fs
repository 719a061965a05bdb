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

    /// The certificate, in the mean over the seeds.
    let private certificate (runs: RunResult[]) =
        let mean (of': RunResult -> float) = runs |> Array.averageBy of'
        let value = mean (fun r -> Array.last r.Certificate)

        if Double.IsFinite value then
            Ok(
                Ledger.CertificateBound(
                    mean (fun r -> float r.Rounds),
                    mean (fun r -> Array.last r.PseudoRegret),
                    value
                )
            )
        else
            Error(HindsightError.Incompatible "Mean costs are not known")

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
            | _ -> certificate runs

        Result.toOption bound
