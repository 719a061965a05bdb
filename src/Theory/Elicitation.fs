namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Elicitation =
    let meanLoss (loss: ILoss) (sample: float[]) (score: float) : struct (float * float) =
        let mutable value = 0.0
        let mutable slope = 0.0

        for label in sample do
            let r = loss.Eval(Dual(R64 label, R64 0.0), Dual(R64 score, R64 1.0))
            value <- value + r.P.V
            slope <- slope + r.D.V

        let n = float sample.Length
        struct (value / n, slope / n)

    let private slope loss sample score =
        let struct (_, slope) = meanLoss loss sample score
        slope

    /// The rank-ceil(q n) order statistic.
    let private orderStatistic (q: float) (sample: float[]) =
        let rank = int (ceil (q * float sample.Length))
        (Array.sort sample)[Math.Clamp(rank, 1, sample.Length) - 1]

    /// The least double in (low, high] at which the slope is not negative, where it is negative at low and not at high.
    let private bisect (slope: float -> float) (low: float) (high: float) =
        let mutable low = low
        let mutable high = high
        let mutable middle = low + 0.5 * (high - low)

        while middle > low && middle < high do
            if slope middle < 0.0 then low <- middle else high <- middle
            middle <- low + 0.5 * (high - low)

        high

    /// The largest |score| that is tried: identity links need not look beyond the labels; with other links, and for margins, e^-512 is still not 0.
    let private farthest (metadata: LossMetadata) (sample: float[]) =
        if metadata.Link = Link.Identity && not metadata.Label.EndsOnly then
            4.0 * max 1.0 (sample |> Array.map abs |> Array.max)
        else
            512.0

    /// Scores from a start towards an end of the domain: a real end is approached by halving the distance, infinity by doubling.
    let private towards farthest (start: float) (finish: float) =
        if Double.IsFinite finish then
            Seq.init 60 (fun k -> finish + (start - finish) * 0.5 ** float (k + 1))
        else
            Seq.initInfinite (fun k -> start + float (sign finish) * 2.0 ** float k)
            |> Seq.takeWhile (fun score -> abs (score - start) <= farthest)

    let private startOf (domain: Domain) =
        match Double.IsFinite domain.Low, Double.IsFinite domain.High with
        | true, true -> 0.5 * (domain.Low + domain.High)
        | true, false -> domain.Low + 1.0
        | false, true -> domain.High - 1.0
        | false, false -> 0.0

    let private convex (loss: ILoss) sample =
        let domain = loss.Metadata.Score
        let slope = slope loss sample
        let start = startOf domain
        let towards = towards (farthest loss.Metadata sample) start

        let none =
            Error(
                HindsightError.Incompatible
                    $"The mean of {loss.Metadata.Name} over this sample has no minimiser: it still falls near the end of the scores"
            )

        if slope start < 0.0 then
            // the last falling score and the first that does not fall
            let path = Seq.append (Seq.singleton start) (towards domain.High)

            match Seq.pairwise path |> Seq.tryFind (fun (_, right) -> slope right >= 0.0) with
            | Some(left, right) -> Ok(bisect slope left right)
            | None when domain.HighClosed && Double.IsFinite domain.High -> Ok domain.High
            | None -> none
        else
            let path = Seq.append (Seq.singleton start) (towards domain.Low)

            match Seq.pairwise path |> Seq.tryFind (fun (_, left) -> slope left < 0.0) with
            | Some(right, left) -> Ok(bisect slope left right)
            | None when domain.LowClosed && Double.IsFinite domain.Low -> Ok domain.Low
            | None ->
                // nothing falls towards the low end: flat there, or a minimiser that is not attained
                let last = Seq.last path

                if slope last > 0.0 then
                    none
                elif slope start > 0.0 then
                    // the end of the flat piece
                    Ok(bisect (fun score -> if slope score > 0.0 then 1.0 else -1.0) last start)
                else
                    Ok start

    let private cells = 1024

    let private grid (loss: ILoss) (sample: float[]) =
        let metadata = loss.Metadata
        let domain = metadata.Score

        let between (low: float) (high: float) =
            Array.init (cells + 1) (fun i -> low + (high - low) * float i / float cells)

        if metadata.Link = Link.Identity && not metadata.Label.EndsOnly then
            between (Array.min sample) (Array.max sample)
        else
            // sinh spreads 1,025 points over both signs and ten orders of magnitude
            match Double.IsFinite domain.Low, Double.IsFinite domain.High with
            | true, true -> between domain.Low domain.High |> Array.filter domain.Contains
            | true, false -> between -14.0 14.0 |> Array.map (fun x -> domain.Low + exp x)
            | false, true -> between -14.0 14.0 |> Array.map (fun x -> domain.High - exp -x)
            | false, false -> between -10.0 10.0 |> Array.map (fun x -> sinh x)

    let private notConvex (loss: ILoss) (sample: float[]) =
        let points = grid loss sample |> Array.distinct

        let value score =
            let struct (value, _) = meanLoss loss sample score
            value

        let best = points |> Array.map value |> Array.indexed |> Array.minBy snd |> fst

        let left = points[max 0 (best - 1)]
        let right = points[min (points.Length - 1) (best + 1)]
        let slope = slope loss sample

        // a kink or a flat piece may hide the change of sign: then the grid point stands
        let refined =
            if left < right && slope left < 0.0 && slope right >= 0.0 then
                bisect slope left right
            else
                points[best]

        if value refined <= value points[best] then
            refined
        else
            points[best]

    let functional (loss: ILoss) (sample: float[]) =
        let metadata = loss.Metadata

        result {
            let! _ = Require.atLeast "sample length" 1 sample.Length

            let! _ =
                Array.fold
                    (fun state (i, label) ->
                        state |> Result.bind (fun _ -> Require.inside $"sample[{i}]" metadata.Label label))
                    (Ok 0.0)
                    (Array.indexed sample)

            match box loss with
            | :? AbsoluteError -> return orderStatistic 0.5 sample
            | :? Quantile as quantile -> return orderStatistic quantile.Level sample
            | _ ->
                if metadata.Convex then
                    return! convex loss sample
                else
                    return notConvex loss sample
        }
