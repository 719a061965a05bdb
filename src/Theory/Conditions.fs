namespace Hindsight

open System
open System.Globalization
open System.Numerics.Tensors

type Condition =
    | StrongConvexity = 0
    | EssentialStrongConvexity = 1
    | WeakStrongConvexity = 2
    | RestrictedSecant = 3
    | ErrorBound = 4
    | PolyakLojasiewicz = 5
    | QuadraticGrowth = 6
    | UpperQuadraticGrowth = 7

type ConditionReach =
    | Point = 0
    | Segment = 1
    | Everywhere = 2

[<NoComparison>]
type ConditionDefinition =
    {
        Condition: Condition
        Name: string
        Abbreviation: string
        Inequality: string
        Remark: string
        Source: string
    }

[<NoComparison>]
type ConditionAssumptions =
    {
        Convex: bool
        Smoothness: Nullable<float>
        UpperGrowth: Nullable<float>
        Reach: ConditionReach
    }

    static member Default =
        {
            Convex = false
            Smoothness = Nullable()
            UpperGrowth = Nullable()
            Reach = ConditionReach.Everywhere
        }

    static member ForConvex =
        { ConditionAssumptions.Default with
            Convex = true
        }

    static member ForSmooth(smoothness: float) =
        { ConditionAssumptions.Default with
            Smoothness = Nullable smoothness
        }

[<RequireQualifiedAccess>]
module private Short =
    let name condition =
        match condition with
        | Condition.StrongConvexity -> "SC"
        | Condition.EssentialStrongConvexity -> "ESC"
        | Condition.WeakStrongConvexity -> "WSC"
        | Condition.RestrictedSecant -> "RSI"
        | Condition.ErrorBound -> "EB"
        | Condition.PolyakLojasiewicz -> "PL"
        | Condition.QuadraticGrowth -> "QG"
        | _ -> "QG+"

    let number (x: float) =
        x.ToString("G9", CultureInfo.InvariantCulture)

[<NoComparison>]
type ConditionImplication =
    {
        From: Condition
        To: Condition
        Factor: float
        OverUpperGrowth: bool
        NeedsConvex: bool
        NeedsSmooth: bool
        Reach: ConditionReach
        Reason: string
        Source: string
    }

    member row.Constant =
        if row.OverUpperGrowth then "mu^2/U"
        elif row.Factor = 1.0 then "mu"
        else $"mu/{Short.number (1.0 / row.Factor)}"

    member row.Apply(constant: float, upperGrowth: float) =
        if row.OverUpperGrowth then
            row.Factor * constant * (constant / upperGrowth)
        else
            row.Factor * constant

    override row.ToString() =
        $"{Short.name row.From}(mu) => {Short.name row.To}({row.Constant}): {row.Reason}"

[<NoComparison>]
type ConditionConversion =
    {
        From: Condition
        Given: float
        To: Condition
        Constant: float
        Chain: ConditionImplication[]
    }

    override c.ToString() =
        let head =
            $"{Short.name c.From}({Short.number c.Given}) => {Short.name c.To}({Short.number c.Constant})"

        c.Chain
        |> Seq.map (fun row -> $"  {row}")
        |> Seq.append [ head ]
        |> String.concat Environment.NewLine

[<NoComparison>]
type ConditionSample =
    {
        Point: float[]
        Value: float
        Gradient: float[]
        Projection: float[]
    }

    member s.Distance = TensorPrimitives.Distance(ReadOnlySpan s.Point, ReadOnlySpan s.Projection)

[<NoComparison>]
type ConditionEstimate =
    {
        Condition: Condition
        Constant: float
        Used: int
        Sample: int
        Other: int
    }

namespace Hindsight.FSharp

open System
open System.Numerics.Tensors
open MathNet.Numerics.LinearAlgebra
open Hindsight

[<RequireQualifiedAccess>]
module Conditions =
    let private kns =
        "Karimi, Nutini, Schmidt, Linear convergence of gradient and proximal-gradient methods under the Polyak-Lojasiewicz condition (2016)"

    let definitions: ConditionDefinition[] =
        let define condition name inequality remark source =
            {
                Condition = condition
                Name = name
                Abbreviation = Short.name condition
                Inequality = inequality
                Remark = remark
                Source = source
            }

        [|
            define
                Condition.StrongConvexity
                "strong convexity"
                "f(y) >= f(x) + grad f(x)'(y - x) + (mu/2) |y - x|^2 for all x, y"
                "the minimiser is unique"
                kns
            define
                Condition.EssentialStrongConvexity
                "essential strong convexity"
                "f(y) >= f(x) + grad f(x)'(y - x) + (mu/2) |y - x|^2 for all x, y with equal projections"
                "minimisers may form a set; least squares with a matrix of any rank has it"
                kns
            define
                Condition.WeakStrongConvexity
                "weak strong convexity"
                "f* >= f(x) + grad f(x)'(x_p - x) + (mu/2) |x - x_p|^2"
                "says nothing about two points away from the minimisers"
                kns
            define
                Condition.RestrictedSecant
                "restricted secant inequality"
                "grad f(x)'(x - x_p) >= mu |x - x_p|^2"
                "does not need convexity"
                kns
            define
                Condition.ErrorBound
                "error bound"
                "|grad f(x)| >= mu |x - x_p|"
                "the direction of the gradient is left open"
                kns
            define
                Condition.PolyakLojasiewicz
                "Polyak-Lojasiewicz inequality"
                "|grad f(x)|^2/2 >= mu (f(x) - f*)"
                "every stationary point is a global minimiser; does not imply convexity"
                kns
            define
                Condition.QuadraticGrowth
                "quadratic growth"
                "f(x) - f* >= (mu/2) |x - x_p|^2"
                "stationary points that are no minimisers are possible unless f is convex"
                kns
            define
                Condition.UpperQuadraticGrowth
                "quadratic upper bound"
                "f(x) - f* <= (L/2) |x - x_p|^2"
                "an upper condition, named QG+ by those who study it for convex functions; not quadratic growth"
                "Goujaud, Taylor, Dieuleveut, Optimal first-order methods for convex functions with a quadratic upper bound (2022)"
        |]

    let definition condition =
        match definitions |> Array.tryFind (fun d -> d.Condition = condition) with
        | Some d -> Ok d
        | None -> Error(HindsightError.OutOfRange("condition", string (int condition), "0 to 7"))

    let implications: ConditionImplication[] =
        let row source target factor reach reason : ConditionImplication =
            {
                From = source
                To = target
                Factor = factor
                OverUpperGrowth = false
                NeedsConvex = false
                NeedsSmooth = false
                Reach = reach
                Reason = reason
                Source = $"{kns}; constant derived here"
            }

        let convex (row: ConditionImplication) = { row with NeedsConvex = true }
        let smooth (row: ConditionImplication) = { row with NeedsSmooth = true }
        let overUpper (row: ConditionImplication) = { row with OverUpperGrowth = true }
        let own (row: ConditionImplication) = { row with Source = "derived here" }
        let point = ConditionReach.Point
        let segment = ConditionReach.Segment
        let everywhere = ConditionReach.Everywhere

        [|
            row
                Condition.StrongConvexity
                Condition.EssentialStrongConvexity
                1.0
                point
                "a restriction to pairs with equal projections"
            row
                Condition.EssentialStrongConvexity
                Condition.WeakStrongConvexity
                1.0
                point
                "take the projection itself as the second point"
            row
                Condition.WeakStrongConvexity
                Condition.PolyakLojasiewicz
                1.0
                point
                "minimise the right side over the displacement: f* >= f - |grad f|^2/(2 mu)"
            row
                Condition.WeakStrongConvexity
                Condition.RestrictedSecant
                0.5
                point
                "grad f'(x - x_p) >= (f - f*) + (mu/2) d^2 and f >= f*"
            row
                Condition.WeakStrongConvexity
                Condition.QuadraticGrowth
                1.0
                segment
                "with g(t) = f(x_p + t (x - x_p)) - f*: t g' - g >= (mu/2) t^2 d^2 says that g(t)/t grows at least as fast as (mu/2) t d^2"
            |> own
            row
                Condition.WeakStrongConvexity
                Condition.RestrictedSecant
                1.0
                segment
                "grad f'(x - x_p) >= (f - f*) + (mu/2) d^2 and f - f* >= (mu/2) d^2"
            row Condition.RestrictedSecant Condition.ErrorBound 1.0 point "Cauchy-Schwarz"
            row
                Condition.RestrictedSecant
                Condition.QuadraticGrowth
                1.0
                segment
                "integrate the slope along the segment from x_p to x"
            row
                Condition.PolyakLojasiewicz
                Condition.QuadraticGrowth
                1.0
                everywhere
                "the slope of sqrt(f - f*) is at least sqrt(mu/2), and the gradient flow reaches a minimiser"
            |> smooth
            row
                Condition.PolyakLojasiewicz
                Condition.ErrorBound
                1.0
                everywhere
                "|grad f|^2/2 >= mu (f - f*) >= (mu^2/2) d^2 by quadratic growth"
            |> smooth
            row
                Condition.ErrorBound
                Condition.PolyakLojasiewicz
                1.0
                point
                "f - f* <= (U/2) d^2 <= (U/(2 mu^2)) |grad f|^2"
            |> overUpper
            row Condition.ErrorBound Condition.PolyakLojasiewicz 0.5 point "f - f* <= |grad f| d <= |grad f|^2/mu"
            |> convex
            |> own
            row
                Condition.ErrorBound
                Condition.RestrictedSecant
                1.0
                point
                "the gradient of a convex L-smooth f is cocoercive: grad f'(x - x_p) >= |grad f|^2/L >= (mu^2/L) d^2"
            |> convex
            |> smooth
            |> overUpper
            |> own
            row Condition.QuadraticGrowth Condition.RestrictedSecant 0.5 point "grad f'(x - x_p) >= f - f*"
            |> convex
            row Condition.QuadraticGrowth Condition.ErrorBound 0.5 point "|grad f| d >= f - f* >= (mu/2) d^2"
            |> convex
            row
                Condition.QuadraticGrowth
                Condition.PolyakLojasiewicz
                0.25
                point
                "f - f* <= |grad f| d <= |grad f| sqrt(2 (f - f*)/mu)"
            |> convex
        |]

    /// L and U as far as they are known: a smooth function grows at most by its smoothness.
    let private uppers (assumptions: ConditionAssumptions) =
        let smooth = assumptions.Smoothness.GetValueOrDefault infinity
        struct (smooth, min smooth (assumptions.UpperGrowth.GetValueOrDefault infinity))

    let private allowed (assumptions: ConditionAssumptions) (row: ConditionImplication) =
        let struct (smooth, upper) = uppers assumptions

        (assumptions.Convex || not row.NeedsConvex)
        && (Double.IsFinite smooth || not row.NeedsSmooth)
        && (Double.IsFinite upper || not row.OverUpperGrowth)
        && int row.Reach <= int assumptions.Reach

    /// The best constant of every condition, with the chain that gives it.
    let private reachable source constant (assumptions: ConditionAssumptions) =
        let struct (smooth, upper) = uppers assumptions
        let best: (struct (float * ConditionImplication list) voption)[] = Array.create 7 ValueNone
        best[int source] <- ValueSome(struct (constant, []))
        let mutable moved = true

        // chains of at most six implications; at equal constants the earlier, shorter one stays
        while moved do
            moved <- false
            let before = Array.copy best

            for row in implications do
                if allowed assumptions row then
                    match before[int row.From] with
                    | ValueSome(struct (mu, chain)) ->
                        let ceiling = if row.NeedsSmooth then smooth else upper
                        let next = row.Apply(mu, ceiling)

                        let better =
                            match best[int row.To] with
                            | ValueSome(struct (known, _)) -> next > known
                            | ValueNone -> true

                        if better && chain.Length < 6 then
                            best[int row.To] <- ValueSome(struct (next, row :: chain))
                            moved <- true
                    | ValueNone -> ()

        best

    let convert source constant target (assumptions: ConditionAssumptions) =
        result {
            let! from = definition source
            let! into = definition target
            let! constant = Require.positive "constant" constant

            let upperRefused = source = Condition.UpperQuadraticGrowth || target = Condition.UpperQuadraticGrowth

            do!
                if upperRefused then
                    Error(
                        HindsightError.Incompatible
                            "The quadratic upper bound (QG+) is an upper condition: give its constant as UpperGrowth in the assumptions; no lower condition implies it and it implies none."
                    )
                else
                    Ok()

            let optional name (value: Nullable<float>) =
                if value.HasValue then
                    Require.positive name value.Value |> Result.map ignore<float>
                else
                    Ok()

            do! optional "Smoothness" assumptions.Smoothness
            do! optional "UpperGrowth" assumptions.UpperGrowth

            do!
                if int assumptions.Reach < 0 || int assumptions.Reach > 2 then
                    Error(
                        HindsightError.OutOfRange("Reach", string (int assumptions.Reach), "Point, Segment, Everywhere")
                    )
                else
                    Ok()

            let struct (_, upper) = uppers assumptions

            do!
                if constant > upper then
                    Error(
                        HindsightError.OutOfRange(
                            "constant",
                            Short.number constant,
                            $"at most the smoothness or upper growth {Short.number upper}"
                        )
                    )
                else
                    Ok()

            let known = reachable source constant assumptions

            match known[int target] with
            | ValueSome(struct (best, chain)) ->
                return
                    {
                        From = source
                        Given = constant
                        To = target
                        Constant = best
                        Chain = chain |> List.rev |> List.toArray
                    }
            | ValueNone ->
                let would more =
                    let after = reachable source constant more
                    after[int target].IsSome

                let smooth = Nullable(Math.Max(1.0, constant))

                let help =
                    [
                        "convexity", { assumptions with Convex = true }
                        "smoothness", { assumptions with Smoothness = smooth }
                        "the condition on the whole segment to the projection",
                        { assumptions with
                            Reach = ConditionReach.Segment
                        }
                        "the condition everywhere",
                        { assumptions with
                            Reach = ConditionReach.Everywhere
                        }
                        "smoothness and the condition everywhere",
                        { assumptions with
                            Smoothness = smooth
                            Reach = ConditionReach.Everywhere
                        }
                    ]
                    |> List.tryFind (fun (_, more) -> would more)

                let sentence =
                    match help with
                    | Some(what, _) -> $"{what} would give it."
                    | None -> "no assumption of the table gives it."

                return!
                    Error(
                        HindsightError.Incompatible
                            $"Nothing about {into.Abbreviation} follows from {from.Abbreviation} under these assumptions; {sentence}"
                    )
        }

    let sample (value: float[] -> float) (gradient: float[] -> float[]) (projection: float[] -> float[]) point =
        {
            Point = point
            Value = value point
            Gradient = gradient point
            Projection = projection point
        }

    let private dot (a: float[]) (b: float[]) =
        TensorPrimitives.Dot(ReadOnlySpan a, ReadOnlySpan b)

    let private norm (a: float[]) = TensorPrimitives.Norm(ReadOnlySpan a)

    /// 64 units in the last place of 1.
    let private ulps = 64.0 * (Math.BitIncrement 1.0 - 1.0)

    let private checkSample least index (s: ConditionSample) =
        result {
            let n = s.Point.Length
            do! Require.length $"samples[{index}].Gradient" n s.Gradient.Length
            do! Require.length $"samples[{index}].Projection" n s.Projection.Length
            do! Require.allFinite $"samples[{index}].Point" (ReadOnlySpan s.Point)
            do! Require.allFinite $"samples[{index}].Gradient" (ReadOnlySpan s.Gradient)
            do! Require.allFinite $"samples[{index}].Projection" (ReadOnlySpan s.Projection)
            let! value = Require.finite $"samples[{index}].Value" s.Value
            let slack = ulps * max (abs value) (abs least)

            return!
                if value < least - slack then
                    Error(
                        HindsightError.OutOfRange(
                            "least",
                            Short.number least,
                            $"at most every value; samples[{index}] has {Short.number value}"
                        )
                    )
                else
                    Ok()
        }

    /// The constant that one sample allows; not a number where it has nothing to say.
    let private single condition least (s: ConditionSample) =
        let d = s.Distance
        let gap = max 0.0 (s.Value - least)
        let g = norm s.Gradient

        let along () =
            dot s.Gradient (Array.map2 (-) s.Point s.Projection)

        // a minimiser up to rounding: ratios of rounding errors say nothing
        let atMinimiser = d <= ulps * norm s.Point

        match condition with
        | _ when atMinimiser -> nan
        | Condition.PolyakLojasiewicz -> if gap > 0.0 then 0.5 * g * (g / gap) else nan
        | Condition.WeakStrongConvexity -> 2.0 * (along () - gap) / d / d
        | Condition.RestrictedSecant -> along () / d / d
        | Condition.ErrorBound -> g / d
        | _ -> 2.0 * gap / d / d

    let private pair essential (a: ConditionSample) (b: ConditionSample) =
        let step = Array.map2 (-) b.Point a.Point
        let d = norm step

        if d = 0.0 || essential && norm (Array.map2 (-) a.Projection b.Projection) > 1e-9 * d then
            nan
        else
            2.0 * (b.Value - a.Value - dot a.Gradient step) / d / d

    /// The candidate that decides, where it is attained, and how many had something to say.
    let private decide condition candidates =
        let sign =
            if condition = Condition.UpperQuadraticGrowth then
                -1.0
            else
                1.0

        let mutable best = struct (nan, -1, -1)
        let mutable used = 0

        for struct (constant: float, i: int, j: int) in candidates do
            if not (Double.IsNaN constant) then
                used <- used + 1
                let struct (known, _, _) = best

                if Double.IsNaN known || sign * constant < sign * known then
                    best <- struct (constant, i, j)

        let struct (constant, i, j) = best
        struct (constant, i, j, used)

    let estimate condition least (samples: ConditionSample[]) =
        result {
            let! known = definition condition
            let! least = Require.finite "least" least

            let dimension =
                if samples.Length = 0 then
                    0
                else
                    (Array.head samples).Point.Length

            let! _ =
                samples
                |> Array.mapi (fun i s ->
                    Require.length $"samples[{i}].Point" dimension s.Point.Length
                    |> Result.bind (fun () -> checkSample least i s))
                |> Array.tryPick (fun r ->
                    match r with
                    | Error e -> Some e
                    | Ok() -> None)
                |> fun found ->
                    match found with
                    | Some e -> Error e
                    | None -> Ok()

            let candidates =
                match condition with
                | Condition.StrongConvexity
                | Condition.EssentialStrongConvexity ->
                    let essential = condition = Condition.EssentialStrongConvexity

                    seq {
                        for i in 0 .. samples.Length - 1 do
                            for j in 0 .. samples.Length - 1 do
                                if i <> j then
                                    struct (pair essential samples[i] samples[j], i, j)
                    }
                | _ -> samples |> Seq.mapi (fun i s -> struct (single condition least s, i, -1))

            let struct (constant, i, j, used) = decide condition candidates

            if used = 0 then
                return!
                    Error(
                        HindsightError.Missing(
                            $"a sample that says something about {known.Abbreviation}",
                            "give points that are not minimisers, and for the pairwise conditions at least two of them"
                        )
                    )
            else
                return
                    {
                        Condition = condition
                        Constant = constant
                        Used = used
                        Sample = i
                        Other = j
                    }
        }

    let private finiteMatrix name (m: float[,]) =
        result {
            let! _ = Require.atLeast $"{name} rows" 1 (Array2D.length1 m)
            let! _ = Require.atLeast $"{name} columns" 1 (Array2D.length2 m)
            return! Require.allFinite name (ReadOnlySpan(m |> Seq.cast<float> |> Seq.toArray))
        }

    let ofTangentKernel curvature (gram: float[,]) =
        result {
            let! curvature = Require.positive "curvature" curvature
            do! finiteMatrix "gram" gram
            let n = Array2D.length1 gram
            do! Require.length "gram" n (Array2D.length2 gram)
            let matrix = Matrix<float>.Build.DenseOfArray gram
            let size = matrix.InfinityNorm()
            let skew = (matrix - matrix.Transpose()).InfinityNorm()

            do!
                if skew > 1e-9 * size then
                    Error(HindsightError.Incompatible "gram is not symmetric: a Gram matrix J J' was expected.")
                else
                    Ok()

            let values = matrix.Evd(Symmetricity.Symmetric).EigenValues |> Seq.map _.Real
            return curvature * max 0.0 (Seq.min values)
        }

    let gramOfJacobian (jacobian: float[,]) =
        result {
            do! finiteMatrix "jacobian" jacobian
            let j = Matrix<float>.Build.DenseOfArray jacobian
            return j.TransposeAndMultiply(j).ToArray()
        }

    let ofLinearModel curvature (matrix: float[,]) =
        result {
            let! curvature = Require.positive "curvature" curvature
            do! finiteMatrix "matrix" matrix
            let values = Matrix<float>.Build.DenseOfArray(matrix).Svd(false).S
            let largest = values.Maximum()

            if largest = 0.0 then
                return!
                    Error(
                        HindsightError.Incompatible
                            "The matrix is 0: every point is a minimiser, and any constant is one."
                    )
            else
                let least = values |> Seq.filter (fun s -> s > 1e-10 * largest) |> Seq.min
                return curvature * least * least
        }

    let certified options condition (loss: ILoss) label score =
        match condition with
        | Condition.StrongConvexity -> Certify.strongConvexity options loss label score
        | Condition.PolyakLojasiewicz -> Certify.polyakLojasiewicz options loss label score
        | Condition.QuadraticGrowth -> Certify.quadraticGrowth options loss label score
        | _ ->
            definition condition
            |> Result.bind (fun d ->
                Error(
                    HindsightError.Incompatible
                        $"{d.Abbreviation} is not enclosed: enclose strong convexity, PL or quadratic growth and convert."
                ))
