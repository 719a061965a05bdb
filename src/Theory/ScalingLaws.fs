namespace Hindsight

[<NoComparison>]
type ScalingConstants =
    {
        SizeScale: float
        SizeExponent: float
        StepScale: float
        StepExponent: float
        BatchScale: float
        BatchExponent: float
    }

[<Struct; NoComparison>]
type ScalingRun =
    {
        Size: float
        Steps: float
        Batch: float
        Loss: float
    }

[<NoComparison>]
type AnnealingLaw =
    {
        Floor: float
        Amplitude: float
        Exponent: float
        Annealing: float
        Decay: float
    }

[<Struct; NoComparison>]
type AnnealingArea =
    {
        Forward: float
        Annealed: float
        Momentum: float
        Rate: float
        Steps: int
    }

namespace Hindsight.FSharp

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight

module internal ScalingFormulas =
    let rootOf (constants: float[]) (size: float) (steps: float) (batch: float) =
        let floor = exp (constants[1] * (log constants[0] - log size))
        let a = log constants[2] - log steps
        let b = log constants[4] - log batch

        // falls in u = ln(L - floor)
        let f u =
            constants[3] * (a + Scalar.softplus (b - log (floor + exp u) / constants[5])) - u

        let mutable low = -740.0
        let mutable high = 709.0

        for _ in 1..64 do
            let middle = 0.5 * (low + high)
            if f middle > 0.0 then low <- middle else high <- middle

        0.5 * (low + high)

    module private Closed =
        open Hindsight.FSharp.Ops

        let power<'T when 'T :> IReal<'T> and 'T: struct> (scale: 'T) (x: 'T) (exponent: 'T) : 'T =
            'T.Exp(exponent * 'T.Log(scale / x))

        let trajectory<'T when 'T :> IReal<'T> and 'T: struct>
            (constants: 'T[])
            (size: 'T)
            (steps: 'T)
            (batch: 'T)
            (root: float)
            : 'T[] =
            let floor = power constants[0] size constants[1]
            let a = 'T.Log(constants[2] / steps)
            let b = 'T.Log(constants[4] / batch)
            let stepExponent = constants[3]
            let batchExponent = constants[5]

            let newton (u: 'T) : 'T =
                let above = 'T.Exp u
                let loss = floor + above
                let struct (soft, sigmoid, _) = 'T.SoftplusSigmas(b - 'T.Log loss / batchExponent)
                let value = stepExponent * (a + soft) - u
                let slope = -(stepExponent * sigmoid * above / (batchExponent * loss)) - 'T.Const 1.0
                u - value / slope

            let u = newton (newton ('T.Const root))
            [| floor + 'T.Exp u; floor |]

        let annealed<'T when 'T :> IReal<'T> and 'T: struct>
            (floor: 'T)
            (amplitude: 'T)
            (exponent: 'T)
            (annealing: 'T)
            (decay: 'T)
            (schedule: 'T[])
            : 'T[] =
            let mutable forward = 'T.Const 0.0
            let mutable annealed = 'T.Const 0.0
            let mutable momentum = 'T.Const 0.0
            let mutable rate = Array.head schedule

            for next in schedule do
                momentum <- decay * momentum + (rate - next)
                annealed <- annealed + momentum
                forward <- forward + next
                rate <- next

            [|
                floor + amplitude * 'T.Exp(-exponent * 'T.Log forward) - annealing * annealed
                forward
                annealed
            |]

    let power<'T when 'T :> IReal<'T> and 'T: struct> (scale: 'T) (x: 'T) (exponent: 'T) = Closed.power scale x exponent

    let trajectory<'T when 'T :> IReal<'T> and 'T: struct> (constants: 'T[]) (size: 'T) (steps: 'T) (batch: 'T) root =
        Closed.trajectory constants size steps batch root

    let annealed<'T when 'T :> IReal<'T> and 'T: struct>
        (floor: 'T)
        (amplitude: 'T)
        (exponent: 'T)
        (annealing: 'T)
        (decay: 'T)
        (schedule: 'T[])
        =
        Closed.annealed floor amplitude exponent annealing decay schedule

/// Least squares on a line and checks of lists.
module private ScalingFit =
    let positives name (values: float[]) =
        (Ok(), values)
        ||> Array.fold (fun state x ->
            state |> Result.bind (fun () -> Require.positive name x |> Result.map ignore<float>))

    let pairs first (a: float[]) second (b: float[]) =
        result {
            let! _ = Require.atLeast first 2 a.Length
            do! positives first a
            do! Require.length second a.Length b.Length
            do! positives second b
        }

    /// Intercept and slope.
    let line (x: float[]) (y: float[]) =
        let mx, my = Array.average x, Array.average y
        let sxx = x |> Array.sumBy (fun v -> (v - mx) * (v - mx))

        if sxx > 0.0 then
            let slope = (Array.map2 (fun a b -> (a - mx) * (b - my)) x y |> Array.sum) / sxx
            Ok(struct (my - slope * mx, slope))
        else
            Error(HindsightError.Incompatible "All points have the same abscissa: there is no line through them.")

    /// Scale and exponent of y = (scale/x)^exponent.
    let power x y =
        line (Array.map log x) (Array.map log y)
        |> Result.bind (fun (struct (intercept, slope)) ->
            if slope < 0.0 then
                Ok(struct (exp (-intercept / slope), -slope))
            else
                Error(HindsightError.Incompatible "The values do not fall, so no power law fits them."))

    let threshold = 1e-3

    let huberWeight r =
        if abs r <= threshold then 1.0 else threshold / abs r

    let huber r =
        let a = abs r

        if a <= threshold then
            0.5 * a * a
        else
            threshold * (a - 0.5 * threshold)

[<RequireQualifiedAccess>]
module ScalingLaw =
    let published2020 =
        {
            SizeScale = 8.8e13
            SizeExponent = 0.076
            StepScale = 2.1e3
            StepExponent = 0.76
            BatchScale = 2e8
            BatchExponent = 0.21
        }

    let exampleC4 =
        {
            SizeScale = 1.5e14
            SizeExponent = 0.076
            StepScale = 2.6e3
            StepExponent = 0.67
            BatchScale = 1.7e8
            BatchExponent = 0.205
        }

    let private numbers (c: ScalingConstants) =
        [|
            c.SizeScale
            c.SizeExponent
            c.StepScale
            c.StepExponent
            c.BatchScale
            c.BatchExponent
        |]

    let private ofNumbers (v: float[]) =
        {
            SizeScale = v[0]
            SizeExponent = v[1]
            StepScale = v[2]
            StepExponent = v[3]
            BatchScale = v[4]
            BatchExponent = v[5]
        }

    let private check (c: ScalingConstants) =
        (Ok(),
         Array.zip
             [|
                 "SizeScale"
                 "SizeExponent"
                 "StepScale"
                 "StepExponent"
                 "BatchScale"
                 "BatchExponent"
             |]
             (numbers c))
        ||> Array.fold (fun state (name, x) ->
            state |> Result.bind (fun () -> Require.positive name x |> Result.map ignore<float>))

    let private power scale x exponent =
        (ScalingFormulas.power (R64 scale) (R64 x) (R64 exponent)).V

    let loss constants size =
        result {
            do! check constants
            let! size = Require.positive "size" size
            return power constants.SizeScale size constants.SizeExponent
        }

    let lossAtSteps constants size minimalSteps =
        result {
            let! floor = loss constants size
            let! steps = Require.positive "minimalSteps" minimalSteps
            return floor + power constants.StepScale steps constants.StepExponent
        }

    let criticalBatch constants loss =
        result {
            do! check constants
            let! loss = Require.positive "loss" loss
            return constants.BatchScale * power 1.0 loss (1.0 / constants.BatchExponent)
        }

    let minimalSteps steps batch criticalBatch =
        result {
            let! steps = Require.positive "steps" steps
            let! batch = Require.positive "batch" batch
            let! critical = Require.positive "criticalBatch" criticalBatch
            return steps / (1.0 + critical / batch)
        }

    let minimalExamples examples batch criticalBatch =
        result {
            let! examples = Require.positive "examples" examples
            let! batch = Require.positive "batch" batch
            let! critical = Require.positive "criticalBatch" criticalBatch
            return examples / (1.0 + batch / critical)
        }

    /// Loss and derivatives in the logarithms of the constants.
    let private lossWithSlopes (c: float[]) (run: ScalingRun) =
        let root = ScalingFormulas.rootOf c run.Size run.Steps run.Batch
        let constant x = Dual<R64>(R64 x, R64 0.0)

        Array.init 6 (fun k ->
            let seeded = c |> Array.mapi (fun i x -> Dual<R64>(R64 x, R64(if i = k then x else 0.0)))

            let all =
                ScalingFormulas.trajectory seeded (constant run.Size) (constant run.Steps) (constant run.Batch) root

            struct (all[0].P.V, all[0].D.V))

    let private lossOf (c: float[]) size steps batch =
        let root = ScalingFormulas.rootOf c size steps batch
        let lifted = c |> Array.map R64
        let all = ScalingFormulas.trajectory lifted (R64 size) (R64 steps) (R64 batch) root
        all[0].V

    let trajectory constants size steps batch =
        result {
            do! check constants
            let! size = Require.positive "size" size
            let! steps = Require.positive "steps" steps
            let! batch = Require.positive "batch" batch
            let value = lossOf (numbers constants) size steps batch

            if Double.IsFinite value then
                return value
            else
                return! Error(HindsightError.Incompatible "The loss overflows at these numbers.")
        }

    let compute size steps batch =
        result {
            let! size = Require.positive "size" size
            let! steps = Require.positive "steps" steps
            let! batch = Require.positive "batch" batch
            return 6.0 * size * steps * batch
        }

    let fitSize sizes losses =
        ScalingFit.pairs "sizes" sizes "losses" losses
        |> Result.bind (fun () -> ScalingFit.power sizes losses)

    let fitSteps floor steps losses =
        result {
            let! floor = Require.nonNegative "floor" floor
            do! ScalingFit.pairs "steps" steps "losses" losses

            match losses |> Array.tryFind (fun l -> l <= floor) with
            | Some l -> return! Error(HindsightError.OutOfRange("losses", string l, $"above the floor, {floor}"))
            | None -> return! ScalingFit.power steps (losses |> Array.map (fun l -> l - floor))
        }

    let fitHyperbola (steps: float[]) (examples: float[]) =
        result {
            do! ScalingFit.pairs "steps" steps "examples" examples
            let u = steps |> Array.map (fun s -> 1.0 / s)
            let v = examples |> Array.map (fun e -> 1.0 / e)
            let scaleU, scaleV = Array.max u, Array.max v

            let matrix =
                Matrix<float>.Build.Dense(u.Length, 2, fun i j -> if j = 0 then u[i] / scaleU else v[i] / scaleV)

            let right = Vector<float>.Build.Dense(u.Length, 1.0)
            let found = matrix.QR(Factorization.QRMethod.Thin).Solve right
            let least, fewest = found[0] / scaleU, found[1] / scaleV

            if Double.IsFinite least && Double.IsFinite fewest && least > 0.0 && fewest > 0.0 then
                return struct (least, fewest)
            else
                return!
                    Error(
                        HindsightError.Incompatible
                            "No trade-off between steps and examples fits these points: steps must fall as examples rise."
                    )
        }

    let fitCriticalBatch losses batches =
        ScalingFit.pairs "losses" losses "batches" batches
        |> Result.bind (fun () -> ScalingFit.power losses batches)
        |> Result.map (fun (struct (scale, exponent)) ->
            // (scale/L)^exponent = B*/L^(1/alpha_B)
            struct (scale ** exponent, 1.0 / exponent))

    /// Levenberg and Marquardt on the logarithms of the constants, re-weighted by Huber.
    let private minimise (start: float[]) (runs: ScalingRun[]) =
        let objective (c: float[]) =
            runs |> Array.sumBy (fun r -> ScalingFit.huber (log (lossOf c r.Size r.Steps r.Batch) - log r.Loss))

        let rec go (c: float[]) value damping left =
            let rows = runs |> Array.map (lossWithSlopes c)

            let residual =
                Array.map2
                    (fun (row: struct (float * float)[]) (r: ScalingRun) ->
                        let struct (l, _) = row[0]
                        log l - log r.Loss)
                    rows
                    runs

            let weights = residual |> Array.map ScalingFit.huberWeight

            let jacobian =
                Matrix<float>
                    .Build.Dense(
                        runs.Length,
                        6,
                        fun i j ->
                            let struct (l, d) = rows[i][j]
                            d / l
                    )

            let weighted = Matrix<float>.Build.Dense(runs.Length, 6, fun i j -> weights[i] * jacobian[i, j])

            let normal = weighted.Transpose() * jacobian
            let right = weighted.Transpose() * Vector<float>.Build.DenseOfArray residual

            let rec attempt damping tries =
                let damped = normal.Clone()

                for k in 0..5 do
                    damped[k, k] <- damped[k, k] * (1.0 + damping) + 1e-300

                let move = damped.Solve right
                let next = c |> Array.mapi (fun k x -> x * exp (-(Math.Clamp(move[k], -1.0, 1.0))))
                let there = objective next

                if Double.IsFinite there && there < value then
                    Some(next, there, damping, move.AbsoluteMaximum())
                elif tries = 0 then
                    None
                else
                    attempt (10.0 * damping) (tries - 1)

            match attempt damping 25 with
            | Some(next, there, used, size) when left > 0 && size > 1e-14 ->
                go next there (max 1e-15 (used / 10.0)) (left - 1)
            | Some(next, _, _, _) -> next
            | None -> c

        go start (objective start) 1e-3 500

    let refine start (runs: ScalingRun[]) =
        result {
            do! check start
            let! _ = Require.atLeast "runs" 6 runs.Length
            do! ScalingFit.positives "runs.Size" (runs |> Array.map _.Size)
            do! ScalingFit.positives "runs.Steps" (runs |> Array.map _.Steps)
            do! ScalingFit.positives "runs.Batch" (runs |> Array.map _.Batch)
            do! ScalingFit.positives "runs.Loss" (runs |> Array.map _.Loss)
            return ofNumbers (minimise (numbers start) runs)
        }

[<RequireQualifiedAccess>]
module Annealing =
    let start =
        {
            Forward = 0.0
            Annealed = 0.0
            Momentum = 0.0
            Rate = 0.0
            Steps = 0
        }

    let private decays = { Domain.Unit with HighClosed = false }

    let private move decay (area: AnnealingArea) rate =
        let before = if area.Steps = 0 then rate else area.Rate
        let momentum = decay * area.Momentum + (before - rate)

        {
            Forward = area.Forward + rate
            Annealed = area.Annealed + momentum
            Momentum = momentum
            Rate = rate
            Steps = area.Steps + 1
        }

    let step decay area rate =
        result {
            let! decay = Require.inside "decay" decays decay
            let! rate = Require.nonNegative "rate" rate
            return move decay area rate
        }

    let private scheduleOf (schedule: float[]) =
        if schedule.Length = 0 then
            Error(HindsightError.OutOfRange("schedule", "an empty list", "at least one rate"))
        else
            (Ok(), schedule)
            ||> Array.fold (fun state rate ->
                state |> Result.bind (fun () -> Require.nonNegative "schedule" rate |> Result.map ignore<float>))

    let areas decay (schedule: float[]) =
        result {
            let! decay = Require.inside "decay" decays decay
            do! scheduleOf schedule
            return schedule |> Array.scan (move decay) start |> Array.tail
        }

    let loss (law: AnnealingLaw) (area: AnnealingArea) =
        result {
            let! floor = Require.nonNegative "Floor" law.Floor
            let! amplitude = Require.nonNegative "Amplitude" law.Amplitude
            let! exponent = Require.positive "Exponent" law.Exponent
            let! annealing = Require.nonNegative "Annealing" law.Annealing
            let! forward = Require.positive "Forward" area.Forward
            let! annealed = Require.finite "Annealed" area.Annealed
            return floor + amplitude * forward ** -exponent - annealing * annealed
        }

    /// Points (S1, S2, L) of all runs at a decay.
    let private points decay (runs: (float[] * (int * float)[])[]) =
        (Ok [], runs)
        ||> Array.fold (fun state (schedule, losses) ->
            state
            |> Result.bind (fun before ->
                areas decay schedule
                |> Result.bind (fun all ->
                    (Ok before, losses)
                    ||> Array.fold (fun state (at, value) ->
                        result {
                            let! before = state
                            let! value = Require.positive "losses" value

                            if at < 1 || at > all.Length then
                                return!
                                    Error(
                                        HindsightError.OutOfRange(
                                            "steps",
                                            string at,
                                            $"1 to {all.Length}, the schedule's length"
                                        )
                                    )
                            else
                                let area = all[at - 1]
                                let! forward = Require.positive "schedule" area.Forward
                                return struct (forward, area.Annealed, value) :: before
                        }))))
        |> Result.map (List.rev >> List.toArray)

    let private dot (a: float[]) (b: float[]) =
        let mutable s = 0.0

        for i in 0 .. a.Length - 1 do
            s <- s + a[i] * b[i]

        s

    /// Least squares by the modified Gram-Schmidt process with the right side as the last column; the squared residual.
    let private orthogonal (columns: float[][]) (right: float[]) =
        let k = columns.Length
        let q = columns |> Array.map Array.copy
        let b = Array.copy right
        let r = Array2D.zeroCreate<float> k k
        let z = Array.zeroCreate<float> k

        let remove (from: float[]) (unit: float[]) =
            let c = dot unit from

            for i in 0 .. from.Length - 1 do
                from[i] <- from[i] - c * unit[i]

            c

        for j in 0 .. k - 1 do
            let size = sqrt (dot q[j] q[j])
            r[j, j] <- size

            for i in 0 .. b.Length - 1 do
                q[j][i] <- q[j][i] / size

            for l in j + 1 .. k - 1 do
                r[j, l] <- remove q[l] q[j]

            z[j] <- remove b q[j]

        for j in k - 1 .. -1 .. 0 do
            for l in j + 1 .. k - 1 do
                z[j] <- z[j] - r[j, l] * z[l]

            z[j] <- z[j] / r[j, j]

        struct (z, dot b b)

    /// Non-negative least squares in three variables: the best of the supports whose least squares is feasible, which contains the optimum's.
    let private nonNegative (columns: float[][]) (right: float[]) =
        let scales = columns |> Array.map (fun c -> c |> Array.fold (fun m v -> max m (abs v)) 0.0)
        let scaled = Array.map2 (fun (c: float[]) s -> c |> Array.map (fun v -> v / s)) columns scales
        let mutable best = [| 0.0; 0.0; 0.0 |]
        let mutable least = dot right right

        for support in 1..7 do
            let used = [| 0; 1; 2 |] |> Array.filter (fun k -> support &&& (1 <<< k) <> 0 && scales[k] > 0.0)

            if used.Length > 0 && used.Length <= right.Length then
                let struct (found, error) = orthogonal (used |> Array.map (fun k -> scaled[k])) right

                if error < least && found |> Array.forall (fun v -> Double.IsFinite v && v >= 0.0) then
                    least <- error
                    best <- [| 0.0; 0.0; 0.0 |]
                    used |> Array.iteri (fun j k -> best[k] <- found[j] / scales[k])

        struct (best, least)

    /// The linear part at an exponent, over relative residuals.
    let private linear (data: (struct (float * float * float))[]) (weights: float[]) exponent =
        let root = weights |> Array.map sqrt

        let over i value =
            let struct (_, _, l) = data[i]
            root[i] * value / l

        let column f =
            data |> Array.mapi (fun i (struct (s1, s2, _)) -> over i (f s1 s2))

        nonNegative
            [|
                column (fun _ _ -> 1.0)
                column (fun s1 _ -> s1 ** -exponent)
                column (fun _ s2 -> -s2)
            |]
            root

    /// The least value of f over [low, high]: a grid, then golden section.
    let private search (f: float -> float) low high =
        let count = 60
        let grid = Array.init (count + 1) (fun i -> low + (high - low) * float i / float count)
        let at = grid |> Array.mapi (fun i x -> f x, i) |> Array.min |> snd
        let golden = (sqrt 5.0 - 1.0) / 2.0

        let rec go a b c d fc fd left =
            if left = 0 then
                (if fc <= fd then c else d)
            elif fc <= fd then
                let c' = d - golden * (d - a)
                go a d c' c (f c') fc (left - 1)
            else
                let d' = c + golden * (b - c)
                go c b d d' fd (f d') (left - 1)

        let a, b = grid[max 0 (at - 1)], grid[min count (at + 1)]
        let c, d = b - golden * (b - a), a + golden * (b - a)
        go a b c d (f c) (f d) 45

    let private separated decay (data: (struct (float * float * float))[]) =
        let rec rounds (weights: float[]) left =
            let cost u =
                let struct (_, error) = linear data weights (exp u)
                error

            let exponent = exp (search cost (log 0.01) (log 5.0))
            let struct (found, _) = linear data weights exponent

            let next =
                data
                |> Array.map (fun (struct (s1, s2, l)) ->
                    let predicted = found[0] + found[1] * s1 ** -exponent - found[2] * s2

                    if predicted > 0.0 then
                        ScalingFit.huberWeight (log (predicted / l))
                    else
                        ScalingFit.huberWeight 1.0)

            if left = 0 || Array.forall2 (fun a b -> abs (a - b) < 1e-6) weights next then
                {
                    Floor = found[0]
                    Amplitude = found[1]
                    Exponent = exponent
                    Annealing = found[2]
                    Decay = decay
                }
            else
                rounds next (left - 1)

        rounds (data |> Array.map (fun _ -> 1.0)) 15

    let private enough (data: (struct (float * float * float))[]) =
        Require.atLeast "losses" 4 data.Length |> Result.map ignore<int>

    let fit decay runs =
        result {
            let! decay = Require.inside "decay" decays decay
            let! data = points decay runs
            do! enough data
            return separated decay data
        }

    /// Huber's loss of the logarithms.
    let private cost (law: AnnealingLaw) (data: (struct (float * float * float))[]) =
        data
        |> Array.sumBy (fun (struct (s1, s2, l)) ->
            let predicted = law.Floor + law.Amplitude * s1 ** -law.Exponent - law.Annealing * s2

            if predicted > 0.0 then
                ScalingFit.huber (log (predicted / l))
            else
                infinity)

    let fitDecay runs =
        result {
            let! data = points 0.99 runs
            do! enough data

            let at decay =
                match points decay runs with
                | Ok data -> struct (separated decay data, data)
                | Error e -> raise (HindsightException e)

            // ln(1 - lambda) is the scale on which decays differ
            let value u =
                let struct (law, data) = at (1.0 - exp u)
                cost law data

            let grid = Array.init 13 (fun i -> log 1e-4 + (log 0.1 - log 1e-4) * float i / 12.0)
            let best = grid |> Array.mapi (fun i u -> value u, i) |> Array.min |> snd
            let low, high = grid[max 0 (best - 1)], grid[min 12 (best + 1)]
            let golden = (sqrt 5.0 - 1.0) / 2.0

            let rec go a b left =
                if left = 0 then
                    0.5 * (a + b)
                else
                    let c, d = b - golden * (b - a), a + golden * (b - a)

                    if value c <= value d then
                        go a d (left - 1)
                    else
                        go c b (left - 1)

            let struct (law, _) = at (1.0 - exp (go low high 20))
            return law
        }
