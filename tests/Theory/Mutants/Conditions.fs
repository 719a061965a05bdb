namespace Hindsight.Tests.Theory

open System
open Hindsight
open Hindsight.FSharp

/// A function with constants that are known exactly, and points at which some of them are attained.
[<NoComparison; NoEquality>]
type KnownFunction =
    {
        Convex: bool
        /// Infinite where it is not smooth.
        Smoothness: float
        /// Infinite where it is not known.
        Upper: float
        Reach: ConditionReach
        /// Not a number where the condition fails or is not known.
        Constant: Condition -> float
        Samples: ConditionSample[]
        /// Relative error of the constants.
        Error: float
    }

/// Laws of the implication table, of conversions and estimates, as functions over the implementation.
[<RequireQualifiedAccess>]
module ConditionLaw =
    let private line (value: float -> float) (slope: float -> float) x =
        {
            Point = [| x |]
            Value = value x
            Gradient = [| slope x |]
            Projection = [| 0.0 |]
        }

    /// Diagonal quadratics turned by a random rotation of the plane of the first two coordinates, ranks from 1 to full.
    let quadratic seed =
        let random = Witness.random seed
        let n = 2 + random.Next 3
        let rank = if seed % 3 = 0 then n else 1 + random.Next n
        let top = Math.Exp(2.0 * random.NextDouble() - 1.0)

        let l =
            Array.init n (fun i ->
                if i >= rank then 0.0
                elif i = 0 then top
                elif seed % 2 = 0 then top
                else top * (0.02 + 0.9 * random.NextDouble()))

        let angle = random.NextDouble() * Math.PI

        let turn sign (x: float[]) =
            Array.init n (fun i ->
                let c, s = cos angle, sign * sin angle

                match i with
                | 0 -> c * x[0] - s * x[1]
                | 1 -> s * x[0] + c * x[1]
                | _ -> x[i])

        let value x =
            Array.fold2 (fun sum li a -> sum + 0.5 * li * a * a) 0.0 l (turn -1.0 x)

        let gradient x =
            turn 1.0 (Array.map2 (*) l (turn -1.0 x))

        let projection x =
            turn 1.0 (Array.map2 (fun li a -> if li > 0.0 then 0.0 else a) l (turn -1.0 x))

        let low = l |> Seq.filter (fun a -> a > 0.0) |> Seq.min
        let least = Array.findIndex (fun a -> a = low) l

        let points =
            [|
                turn 1.0 (Array.init n (fun i -> if i = least then 1.0 else 0.0))
                turn 1.0 (Array.init n (fun i -> if i = least then -0.5 else 0.0))
                if rank < n then
                    turn 1.0 (Array.init n (fun i -> if i = n - 1 then 1.0 else 0.0))

                    turn
                        1.0
                        (Array.init n (fun i ->
                            if i = n - 1 then 2.0
                            elif i = least then 1.0
                            else 0.0))
                for _ in 1..20 do
                    Array.init n (fun _ -> 2.0 * random.NextDouble() - 1.0)
            |]

        {
            Convex = true
            Smoothness = top
            Upper = top
            Reach = ConditionReach.Everywhere
            Constant =
                fun condition ->
                    match condition with
                    | Condition.StrongConvexity -> if rank = n then low else nan
                    | Condition.UpperQuadraticGrowth -> top
                    | _ -> low
            Samples = points |> Array.map (Conditions.sample value gradient projection)
            Error = 1e-9
        }

    let private near (centre: float) =
        [| centre * (1.0 - 1e-12); centre * (1.0 + 1e-12) |]

    /// Functions of one variable at which the constants of the table are attained.
    let private oneDimension =
        let mu, d = 0.6, 1.7

        let grid = Array.append (near d) [| 0.01; 0.3; 1.0; 1.5; 1.9; 3.0; 10.0 |]

        let known pairs =
            fun condition ->
                pairs |> List.tryFind (fun (c, _) -> c = condition) |> Option.map snd |> Option.defaultValue nan

        let make convex smoothness upper reach constants error samples =
            {
                Convex = convex
                Smoothness = smoothness
                Upper = upper
                Reach = reach
                Constant = known constants
                Samples = samples
                Error = error
            }

        [
            // max(mu d |x|/2, mu x^2/2): a convex function that grows by mu and is flattest just before d
            make
                true
                infinity
                infinity
                ConditionReach.Everywhere
                [
                    Condition.QuadraticGrowth, mu
                    Condition.ErrorBound, mu / 2.0
                    Condition.RestrictedSecant, mu / 2.0
                    Condition.PolyakLojasiewicz, mu / 4.0
                ]
                1e-9
                (grid
                 |> Array.map (
                     line (fun x -> 0.5 * mu * max (d * x) (x * x)) (fun x -> if x < d then 0.5 * mu * d else mu * x)
                 ))
            // slope mu d up to d, then mu x: an error bound with a gap as large as convexity allows
            make
                true
                infinity
                infinity
                ConditionReach.Everywhere
                [ Condition.ErrorBound, mu ]
                1e-9
                (grid
                 |> Array.map (
                     line
                         (fun x ->
                             if x < d then
                                 mu * d * x
                             else
                                 mu * (d * d + 0.5 * (x * x - d * d)))
                         (fun x -> if x < d then mu * d else mu * x)
                 ))
            // U x^2/2 up to d, then slope mu x: an error bound with a gap as large as the upper growth U allows
            (let upper = 2.5

             make
                 false
                 infinity
                 upper
                 ConditionReach.Everywhere
                 [ Condition.ErrorBound, mu; Condition.RestrictedSecant, mu ]
                 1e-9
                 (grid
                  |> Array.map (
                      line
                          (fun x ->
                              if x < d then
                                  0.5 * upper * x * x
                              else
                                  0.5 * upper * d * d + 0.5 * mu * (x * x - d * d))
                          (fun x -> if x < d then upper * x else mu * x)
                  )))
            // a dip that almost reaches the least value: weak strong convexity at a point, and no more than half of it in the slope
            make
                false
                infinity
                infinity
                ConditionReach.Point
                [ Condition.WeakStrongConvexity, mu ]
                1e-9
                [| line (fun _ -> 1e-13) (fun _ -> 0.5 * mu + 1e-13) 1.0 |]
            make
                false
                ConditionWitnesses.wavySmoothness
                ConditionWitnesses.wavySmoothness
                ConditionReach.Everywhere
                [
                    Condition.PolyakLojasiewicz, ConditionWitnesses.wavyPl
                    Condition.RestrictedSecant, ConditionWitnesses.wavyRsi
                    Condition.ErrorBound, ConditionWitnesses.wavyRsi
                    Condition.QuadraticGrowth, ConditionWitnesses.wavyQg
                ]
                1e-8
                (Array.init 400 (fun i -> 0.02 * float (i + 1))
                 |> Array.map (line ConditionWitnesses.wavy ConditionWitnesses.wavySlope))
        ]

    let functions = [ yield! oneDimension; for seed in 1..30 -> quadratic seed ]

    let private applies (row: ConditionImplication) f =
        (f.Convex || not row.NeedsConvex)
        && (Double.IsFinite f.Smoothness || not row.NeedsSmooth)
        && (Double.IsFinite f.Upper || not row.OverUpperGrowth)
        && int row.Reach <= int f.Reach
        && f.Constant row.From > 0.0

    /// The constant that samples show over the one that the row promises: the least over all functions that the row speaks about.
    let leastRatio (row: ConditionImplication) =
        functions
        |> Seq.filter (applies row)
        |> Seq.choose (fun f ->
            let upper = if row.NeedsSmooth then f.Smoothness else f.Upper
            let promised = row.Apply(f.Constant row.From, upper)

            match Conditions.estimate row.To 0.0 f.Samples with
            | Ok e -> Some(e.Constant / promised + f.Error)
            | Error _ -> None)
        |> Seq.min

    /// No function contradicts the row.
    let rowHolds row = leastRatio row >= 1.0

    /// The best constant by trying every chain without a repeated condition.
    let rec private enumerate visited (rows: ConditionImplication list) smooth upper target source mu : float =
        if source = target then
            mu
        else
            rows
            |> Seq.filter (fun r -> r.From = source && not (List.contains r.To visited))
            |> Seq.map (fun r ->
                let ceiling = if r.NeedsSmooth then smooth else upper
                enumerate (r.To :: visited) rows smooth upper target r.To (r.Apply(mu, ceiling)))
            |> Seq.fold max 0.0

    let private draw seed =
        let random = Witness.random seed
        let l = Math.Exp(4.0 * random.NextDouble())

        {
            Convex = random.Next 2 = 0
            Smoothness = if random.Next 2 = 0 then Nullable l else Nullable()
            UpperGrowth =
                if random.Next 2 = 0 then
                    Nullable(1.0 + (l - 1.0) * random.NextDouble())
                else
                    Nullable()
            Reach = enum (random.Next 3)
        }
        : ConditionAssumptions

    /// A conversion gives the best constant over all chains; not a number where nothing follows.
    let conversionHolds (convert: Condition -> float -> Condition -> ConditionAssumptions -> float) =
        Seq.init 200 draw
        |> Seq.forall (fun assumptions ->
            let smooth = assumptions.Smoothness.GetValueOrDefault infinity
            let upper = min smooth (assumptions.UpperGrowth.GetValueOrDefault infinity)

            let rows =
                Conditions.implications
                |> Seq.filter (fun r ->
                    (assumptions.Convex || not r.NeedsConvex)
                    && (Double.IsFinite smooth || not r.NeedsSmooth)
                    && (Double.IsFinite upper || not r.OverUpperGrowth)
                    && int r.Reach <= int assumptions.Reach)
                |> Seq.toList

            let mu = 0.7

            Seq.allPairs [ 0..6 ] [ 0..6 ]
            |> Seq.forall (fun (a, b) ->
                let expected = enumerate [ enum a ] rows smooth upper (enum b) (enum a) mu
                let got = convert (enum a) mu (enum b) assumptions

                if expected = 0.0 then
                    Double.IsNaN got
                else
                    abs (got - expected) <= 1e-12 * expected))

    /// An estimator finds the common constant of rank-deficient least squares, and the constants of x^2 + 3 sin^2 x.
    let estimatorHolds (estimate: Condition -> float -> ConditionSample[] -> float) =
        let squares =
            Seq.init 30 (fun i -> quadratic (i + 1))
            |> Seq.forall (fun f ->
                [ 1..7 ]
                |> Seq.forall (fun c ->
                    let expected = f.Constant(enum c)
                    let got = estimate (enum c) 0.0 f.Samples
                    // the upper constant is approached from below by the sample
                    if c = 7 then
                        got <= expected * (1.0 + 1e-9)
                    else
                        abs (got - expected) <= 1e-9 * expected))

        let wavy =
            Array.init 40000 (fun i -> 0.5 + 1e-4 * float i)
            |> Array.map (line ConditionWitnesses.wavy ConditionWitnesses.wavySlope)

        squares
        && [
            Condition.PolyakLojasiewicz, ConditionWitnesses.wavyPl
            Condition.RestrictedSecant, ConditionWitnesses.wavyRsi
            Condition.ErrorBound, ConditionWitnesses.wavyRsi
            Condition.QuadraticGrowth, ConditionWitnesses.wavyQg
           ]
           |> List.forall (fun (c, golden) ->
               // a grid of 1e-4 is within curvature * 1e-8/8 of a smooth minimum; the golden values have nine digits
               abs (estimate c 0.0 wavy - golden) <= 1e-8)

    /// Every run of gradient descent with step 1/L stays below the factor's power.
    let descentHolds (factor: float -> float -> float) =
        Seq.init 200 (fun seed -> ConditionWitnesses.descent 1.0 seed 5)
        |> Seq.forall (fun (struct (mu, l, gaps)) -> gaps[5] <= gaps[0] * Math.Pow(factor mu l, 5.0) * (1.0 + 1e-9))

    /// The squared distance under Polyak's step stays below the factor's power.
    let polyakHolds (factor: float -> float -> float) =
        [
            [| 1.0; 1.0 |], [| 1.0; 2.0 |]
            [| 0.1; 1.0 |], [| 1.0; 0.3 |]
            [| 0.5; 2.0 |], [| 1.0; 0.5 |]
        ]
        |> List.forall (fun (l, x) ->
            let struct (first, last) = ConditionWitnesses.polyakRun l x 3
            last <= first * Math.Pow(factor (Array.min l) (Array.max l), 3.0) * (1.0 + 1e-9))

    /// A round with a bend before the iterate: regret, excess of the comparator, for several places of the minimiser.
    let bentRoundsHold (bound: float -> float -> float) =
        [ 0.05; 0.2; 0.5; 1.0; 3.0 ]
        |> List.forall (fun b ->
            let struct (x, value) = QuadraticGrowthWitnesses.bentRound b
            let excess = value 0.0 - value b
            let s = sqrt (excess / 2.0)
            value x - value 0.0 <= bound s excess * (1.0 + 1e-9))

/// Wrong readings of the conditions and their consequences.
[<RequireQualifiedAccess>]
module ConditionMutants =
    let private convert source mu target assumptions =
        match Conditions.convert source mu target assumptions with
        | Ok c -> c.Constant
        | Error _ -> nan

    let private estimate condition least samples =
        (Conditions.estimate condition least samples |> Require.ok).Constant

    /// The constant of a chain with the fewest implications.
    let private shortest source mu target (assumptions: ConditionAssumptions) =
        match Conditions.convert source mu target assumptions with
        | Error _ -> nan
        | Ok best ->
            let direct =
                Conditions.implications
                |> Array.tryFind (fun r ->
                    r.From = source
                    && r.To = target
                    && (assumptions.Convex || not r.NeedsConvex)
                    && not r.NeedsSmooth
                    && not r.OverUpperGrowth
                    && int r.Reach <= int assumptions.Reach)

            match direct with
            | Some r -> r.Apply(mu, infinity)
            | None -> best.Constant

    let all =
        [
            for row in Conditions.implications do
                Mutant.make
                    $"{int row.From} to {int row.To}"
                    $"{row.Constant} times 1.01, {row.Reach}, convex {row.NeedsConvex}"
                    (fun () -> not (ConditionLaw.rowHolds { row with Factor = 1.01 * row.Factor }))
            Mutant.make "conversion" "the first direct implication, not the best chain" (fun () ->
                not (ConditionLaw.conversionHolds shortest))
            Mutant.make "conversion" "convexity taken for granted" (fun () ->
                not (ConditionLaw.conversionHolds (fun s mu t a -> convert s mu t { a with Convex = true })))
            Mutant.make "conversion" "a condition at a point taken for one everywhere" (fun () ->
                not (
                    ConditionLaw.conversionHolds (fun s mu t a ->
                        convert
                            s
                            mu
                            t
                            { a with
                                Reach = ConditionReach.Everywhere
                            })
                ))
            Mutant.make "estimator" "PL without the half" (fun () ->
                not (
                    ConditionLaw.estimatorHolds (fun c l s ->
                        (if c = Condition.PolyakLojasiewicz then 2.0 else 1.0) * estimate c l s)
                ))
            Mutant.make "estimator" "quadratic growth without the half" (fun () ->
                not (
                    ConditionLaw.estimatorHolds (fun c l s ->
                        (if c = Condition.QuadraticGrowth then 0.5 else 1.0) * estimate c l s)
                ))
            Mutant.make "estimator" "the first half of the samples only" (fun () ->
                not (ConditionLaw.estimatorHolds (fun c l s -> estimate c l (Array.take (s.Length / 2) s))))
            Mutant.make "estimator" "distances from the origin, not from the projection" (fun () ->
                not (
                    ConditionLaw.estimatorHolds (fun c l s ->
                        s
                        |> Array.map (fun x ->
                            { x with
                                Projection = x.Point |> Array.map (fun _ -> 0.0)
                            })
                        |> estimate c l)
                ))
            Mutant.make "pl-gradient-descent" "the share 2 mu/L" (fun () ->
                not (ConditionLaw.descentHolds (fun mu l -> max 0.0 (1.0 - 2.0 * mu / l))))
            Mutant.make "pl-gradient-descent-sharp" "(2 L - 3 mu)/(2 L + mu)" (fun () ->
                not (ConditionLaw.descentHolds (fun mu l -> max 0.0 (2.0 * l - 3.0 * mu) / (2.0 * l + mu))))
            Mutant.make "polyak-step" "the share mu/L" (fun () ->
                not (ConditionLaw.polyakHolds (fun mu l -> 1.0 - mu / l)))
            Mutant.make "growth-moving-minimisers" "(1 + s) C" (fun () ->
                not (ConditionLaw.bentRoundsHold (fun s c -> 2.0 * (1.0 + s) + (1.0 + s) * c)))
            Mutant.make "growth-moving-minimisers" "the step's term of one common minimiser, 2 G^2/mu" (fun () ->
                not (ConditionLaw.bentRoundsHold (fun _ c -> 2.0 + 2.0 * c)))
        ]
