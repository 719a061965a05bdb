/// Laws of scalar losses as functions of the loss under test: the law suites and the mutants both use them.
namespace Hindsight.Tests.Losses

open System
open Hindsight
open Hindsight.FSharp

/// How a loss is read: value, first and second derivative in the score, from label and score.
type Reading = float -> float -> struct (float * float * float)

[<RequireQualifiedAccess>]
module Read =
    let loss (loss: ILoss) : Reading = Loss.jet loss

    /// The registry's loss of that name at the given parameters.
    let named name (parameters: float[]) : ILoss =
        match (Losses.find name |> Require.ok).Definition with
        | LossDefinition.Scalar create -> create parameters
        | LossDefinition.Multiclass _ -> invalidArg "name" "not a scalar loss"

    let value (read: Reading) label score =
        let struct (v, _, _) = read label score
        v

    let slope (read: Reading) label score =
        let struct (_, d, _) = read label score
        d

    let curvature (read: Reading) label score =
        let struct (_, _, h) = read label score
        h

/// Deterministic draws for the laws that look for extremes, and for the mutants.
[<RequireQualifiedAccess>]
module Points =
    /// Residuals or margins of every magnitude from 1e-3 to 1e3, both signs, and a fine middle.
    let line =
        [|
            for k in -90 .. 90 do
                let x = 10.0 ** (float (abs k) / 30.0)

                if k < 0 then
                    -x
                elif k > 0 then
                    x
            for k in -800 .. 800 do
                float k / 100.0
            // just beyond the joints of hinges
            1.0001
            -1.0001
        |]
        |> Array.sort

    let random seed count (draw: Random -> 'A) =
        let random = Random(seed: int)
        Array.init count (fun _ -> draw random)

    let between (random: Random) low high =
        low + (high - low) * random.NextDouble()

    /// 10^U(low, high)
    let magnitude random low high = 10.0 ** between random low high

[<RequireQualifiedAccess>]
module ScalarLaw =
    /// Four units in the last place, more where the problem itself magnifies: (1 + condition) times.
    let agreesWithReference (read: Reading) (row: ReferenceRow) =
        let struct (v, d, h) = read row.Label row.Score

        Array.zip3 [| v; d; h |] row.Truth row.Condition
        |> Array.forall (fun (mine, truth, condition) ->
            Ulp.between mine truth <= 4.0 * (1.0 + condition) || mine = truth)

    /// A derivative against the five-point difference of the function it belongs to. The truncation error is h^4/30 of the fifth derivative, which
    /// for the losses here is at most 1e3 in units of the width; the rounding error is 2 eps |f|/h.
    let differencesMatch (width: float) (f: float -> float) (derivative: float) (x: float) =
        let h = 1e-3 * width
        let difference = (8.0 * (f (x + h) - f (x - h)) - (f (x + 2.0 * h) - f (x - 2.0 * h))) / (12.0 * h)
        let size = Seq.max [ for k in -2 .. 2 -> abs (f (x + float k * h)) ]
        let rounding = 8.0 * Ulp.eps * (size + abs (derivative * x)) / h
        let truncation = 1e-9 * (abs derivative + size / width)
        // numbers that are subnormal, or whose differences are, carry no relative accuracy
        abs (difference - derivative) <= rounding + truncation + 1e-290 / h

    /// The first derivative is that of the value, and the second that of the first.
    let derivativesBelong (width: float) (read: Reading) label score =
        differencesMatch width (Read.value read label) (Read.slope read label score) score
        && differencesMatch width (Read.slope read label) (Read.curvature read label score) score

    let private slack = 1e-12

    let private atMost (limit: Nullable<float>) (x: float) =
        not limit.HasValue || x <= limit.Value + slack * abs limit.Value

    /// No declared constant is exceeded, and each is approached to a thousandth somewhere on the line of scores times the scale.
    let constantsHold (metadata: LossMetadata) (scale: float) (labels: float[]) (read: Reading) =
        let readings =
            [|
                for label in labels do
                    for x in Points.line do
                        let score =
                            if metadata.Label.EndsOnly then
                                scale * x
                            else
                                label + scale * x

                        if metadata.Score.Contains score then
                            read label score
            |]
            |> Array.filter (fun (struct (v, d, h)) -> Double.IsFinite v && Double.IsFinite d && Double.IsFinite h)

        let values = readings |> Array.map (fun (struct (v, _, _)) -> v)
        let slopes = readings |> Array.map (fun (struct (_, d, _)) -> abs d)
        let curvatures = readings |> Array.map (fun (struct (_, _, h)) -> h)

        let reached (limit: Nullable<float>) (most: float) =
            not limit.HasValue || most >= limit.Value * (1.0 - 1e-3)

        let negated (x: Nullable<float>) =
            if x.HasValue then Nullable -x.Value else Nullable()

        [
            "value at least the infimum", Array.forall (fun v -> atMost (negated metadata.Infimum) -v) values
            "value at most the supremum", Array.forall (atMost metadata.Supremum) values
            "slope at most the Lipschitz constant", Array.forall (atMost metadata.Lipschitz) slopes
            "the Lipschitz constant is attained", reached metadata.Lipschitz (Array.max slopes)
            "curvature at most the smoothness", Array.forall (fun h -> atMost metadata.Smoothness (abs h)) curvatures
            "the smoothness is attained", reached metadata.Smoothness (curvatures |> Array.map abs |> Array.max)
            "curvature at least strong convexity",
            Array.forall (fun h -> atMost (negated metadata.StrongConvexity) -h) curvatures
            "strong convexity is attained",
            not metadata.StrongConvexity.HasValue
            || Array.min curvatures
               <= metadata.StrongConvexity.Value + 1e-3 * max 1.0 (abs metadata.StrongConvexity.Value)
            "convex means nondecreasing slopes", not metadata.Convex || Array.forall (fun h -> h >= 0.0) curvatures
        ]
        |> List.filter (snd >> not)
        |> List.map fst

    /// The slope does not fall along the scores of one label.
    let slopesRise (read: Reading) (label: float) (scores: float[]) =
        scores
        |> Array.map (Read.slope read label)
        |> Array.filter Double.IsFinite
        |> Array.pairwise
        |> Array.forall (fun (a, b) -> b >= a - 4.0 * Ulp.at (max (abs a) (abs b)))

    /// Where the value is finite the derivatives are.
    let finiteTogether (read: Reading) label score =
        let struct (v, d, h) = read label score
        not (Double.IsFinite v) || (Double.IsFinite d && Double.IsFinite h)

    /// Values meet at a joint, and slopes do where the loss declares itself continuously differentiable.
    let joins (continuity: int) (read: Reading) label (joint: float) =
        let step = 1e-9 * max 1.0 (abs joint)
        let struct (before, slopeBefore, _) = read label (joint - step)
        let struct (after, slopeAfter, _) = read label (joint + step)
        let steepest = max (abs slopeBefore) (abs slopeAfter)
        // a continuous loss moves by slope times step; a smooth one's slope by curvature (at most 100 here) times step
        abs (after - before) <= 2.0 * step * (1.0 + steepest) + 8.0 * Ulp.at before
        && (continuity < 1 || abs (slopeAfter - slopeBefore) <= 200.0 * step)
