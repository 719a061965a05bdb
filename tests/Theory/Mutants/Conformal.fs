namespace Hindsight.Tests.Theory

open System

/// All orders of five, for enumeration.
[<RequireQualifiedAccess>]
module ConformalPermutations =
    let rec private permutations (items: int list) =
        match items with
        | [] -> [ [] ]
        | _ ->
            [
                for x in items do
                    for rest in permutations (List.filter ((<>) x) items) -> x :: rest
            ]

    let five = permutations [ 0..4 ]

/// Wrong thresholds and steps.
[<RequireQualifiedAccess>]
module ConformalMutants =
    /// The exact coverage is not k/(n+1).
    let private split name (threshold: float -> float[] -> float) =
        Mutant.make "split-conformal" name (fun () ->
            Seq.init 200 (fun i -> ConformalWitnesses.splitRatio threshold (i + 1))
            |> Seq.exists (fun ratio -> abs (ratio - 1.0) > 1e-12))

    let private kth k (scores: float[]) =
        let k = int k

        if k > scores.Length then infinity
        elif k < 1 then -infinity
        else (Array.sort scores)[k - 1]

    let private adaptive name step =
        Mutant.make "adaptive-conformal" name (fun () ->
            Seq.init 200 (fun i -> ConformalWitnesses.adaptiveRun step (i + 1)) |> Seq.max > 1.0 + 1e-9)

    let all =
        [
            split "the plain quantile: n in the place of n+1" (fun alpha scores ->
                kth (Math.Ceiling(float scores.Length * (1.0 - alpha))) scores)
            split "rounded down" (fun alpha scores ->
                kth (Math.Floor(float (scores.Length + 1) * (1.0 - alpha))) scores)
            split "20 times 0.9 comes out above 18: one rank too many" (fun alpha scores ->
                kth (Math.Ceiling(float (scores.Length + 1) * (1.0 - alpha) + 1e-6)) scores)
            split "the largest score for infinity" (fun alpha scores ->
                kth
                    (min
                        (float scores.Length)
                        (Math.Ceiling(float (scores.Length + 1) * (1.0 - alpha) * (1.0 - 1e-12))))
                    scores)
            adaptive "the sign of the step" (fun alpha gamma level miss ->
                level - gamma * (alpha - ConformalWitnesses.indicator miss))
            adaptive "the level cut to [0, 1]" (fun alpha gamma level miss ->
                Math.Clamp(level + gamma * (alpha - ConformalWitnesses.indicator miss), 0.0, 1.0))
            adaptive "aimed at the other side" (fun alpha gamma level miss ->
                level + gamma * (1.0 - alpha - ConformalWitnesses.indicator miss))
        ]
