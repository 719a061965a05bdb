namespace Hindsight

open System

[<RequireQualifiedAccess; Struct>]
type DualActivation =
    | ReLU
    | LeakyReLU of Slope: float
    | SquaredReLU
    | Erf
    | Probit
    | Gelu
    | Sin
    | Cos
    | Exp
    | Square

type KernelInput =
    | PerDimension = 0
    | Directions = 1

[<NoComparison>]
type TangentKernelOptions =
    {
        Activation: DualActivation
        Depth: int
        WeightScale: float
        BiasScale: float
        Input: KernelInput
    }

    static member NormalizedReLU depth =
        {
            Activation = DualActivation.ReLU
            Depth = depth
            WeightScale = sqrt 2.0
            BiasScale = 0.0
            Input = KernelInput.Directions
        }

[<NoComparison>]
type KernelGram =
    {
        Covariance: float[,]
        Tangent: float[,]
    }

[<NoComparison>]
type KernelSpectrum =
    {
        Eigenvalues: float[]
        Smallest: float
        Largest: float
        Floor: float
        Rank: int
        Condition: float
        Trace: float
    }

/// Eigenvalues ascending, clipped at 0, and eigenvectors as columns.
[<Sealed; Class>]
type KernelFlow internal (spectrum: KernelSpectrum, vectors: float[,]) =
    member _.Count = spectrum.Eigenvalues.Length
    member _.Spectrum = spectrum
    member internal _.Vectors = vectors

namespace Hindsight.FSharp

open System
open Hindsight

/// Coefficients of the two series below.
module private DualSeries =
    /// 2k (2k+1)
    let steps = Array.init 21 (fun k -> float (2 * k * (2 * k + 1)))
    /// 2k
    let even = Array.init 21 (fun k -> float (2 * k))
    /// k - 1
    let less = Array.init 21 (fun k -> float (k - 1))

/// The closed forms, once, over any scalar.
module private DualFormulas =
    open Hindsight.FSharp.Ops

    let pi<'T when 'T :> IReal<'T> and 'T: struct> : 'T = 'T.Const2(Math.PI, 1.2246467991473532e-16)

    /// Below this a square is 0: a root there has no slope.
    [<Literal>]
    let Tiny = 1e-300

    /// How sums of the angle that cancel near pi are taken: by their series, as written, or both with a choice.
    type Near =
        | Series = 0
        | Direct = 1
        | Either = 2

    let inline root<'T when 'T :> IReal<'T> and 'T: struct> (square: 'T) : 'T =
        let positive = 'T.Sqrt('T.Max(square, 'T.Const Tiny))
        'T.Select(square - 'T.Const Tiny, positive, 'T.Const 0.0)

    /// sin u - u cos u = sum over k >= 1 of (-1)^(k+1) 2k u^(2k+1)/(2k+1)!
    let cubic<'T when 'T :> IReal<'T> and 'T: struct> (u: 'T) : 'T =
        let square = 'T.Sqr u
        let mutable power = u * square / 'T.Const 6.0
        let mutable sum = 'T.Const 2.0 * power

        for k in 2..13 do
            power <- -(power * square) / 'T.Const DualSeries.steps[k]
            sum <- sum + 'T.Const DualSeries.even[k] * power

        sum

    /// u + (u/2) cos u - (3/2) sin u = sum over k >= 2 of (-1)^k (k-1) u^(2k+1)/(2k+1)!
    let quintic<'T when 'T :> IReal<'T> and 'T: struct> (u: 'T) : 'T =
        let square = 'T.Sqr u
        let mutable power = u * 'T.Sqr square / 'T.Const 120.0
        let mutable sum = power

        for k in 3..20 do
            power <- -(power * square) / 'T.Const DualSeries.steps[k]
            sum <- sum + 'T.Const DualSeries.less[k] * power

        sum

    /// The three parts of the ReLU's forms: g = sqrt(ab), s = g sin(theta), psi = pi - theta.
    let inline angles<'T when 'T :> IReal<'T> and 'T: struct>
        (a: 'T)
        (b: 'T)
        (c: 'T)
        (det: 'T)
        : struct ('T * 'T * 'T) =
        let g = root (a * b)
        let s = root det
        let half = 'T.Const 2.0 * 'T.Atan(s / 'T.Max(g + 'T.Abs c, 'T.Const Tiny))
        struct (g, s, 'T.Select(c, pi - half, half))

    let choose near limit (psi: 'T) (direct: 'T) (series: unit -> 'T) : 'T when 'T :> IReal<'T> and 'T: struct =
        match near with
        | Near.Direct -> direct
        | Near.Series -> series ()
        | _ -> 'T.Select(psi - 'T.Const limit, direct, series ())

    let private relu<'T when 'T :> IReal<'T> and 'T: struct> near a b c det : struct ('T * 'T) =
        let struct (g, s, psi) = angles a b c det
        let turn = 'T.Const 2.0 * pi
        let sum = choose near 0.5 psi (s + psi * c) (fun () -> g * cubic ('T.Min(psi, 'T.Const 0.5)))
        struct (sum / turn, psi / turn)

    /// P = 1/4 + arcsin(c/sqrt((1+a)(1+b)))/(2 pi), Q = 1/(2 pi sqrt(Delta)), Delta = (1+a)(1+b) - c^2.
    let inline private normal<'T when 'T :> IReal<'T> and 'T: struct>
        (a: 'T)
        (b: 'T)
        (c: 'T)
        (det: 'T)
        : struct ('T * 'T * 'T) =
        let turn = 'T.Const 2.0 * pi
        let delta = 'T.Const 1.0 + (a + b) + 'T.Max(det, 'T.Const 0.0)
        let side = 'T.Sqrt delta
        struct ('T.Const 0.25 + 'T.Atan(c / side) / turn, 'T.Const 1.0 / (turn * side), delta)

    /// k and k' given the determinant ab - c^2.
    let duals<'T when 'T :> IReal<'T> and 'T: struct>
        (near: Near)
        (activation: DualActivation)
        (a: 'T)
        (b: 'T)
        (c: 'T)
        (det: 'T)
        : struct ('T * 'T) =
        match activation with
        | DualActivation.ReLU -> relu near a b c det
        | DualActivation.LeakyReLU slope ->
            let struct (k, d) = relu near a b c det
            let rest = 'T.Sqr('T.Const 1.0 - 'T.Const slope)
            struct (rest * k + 'T.Const slope * c, rest * d + 'T.Const slope)
        | DualActivation.SquaredReLU ->
            let struct (g, s, psi) = angles a b c det
            let turn = 'T.Const 2.0 * pi

            let first = choose near 0.5 psi (s + psi * c) (fun () -> g * cubic ('T.Min(psi, 'T.Const 0.5)))

            let second =
                choose near 1.0 psi ('T.Const 3.0 * s * c + psi * (a * b + 'T.Const 2.0 * 'T.Sqr c)) (fun () ->
                    a * b * quintic ('T.Const 2.0 * 'T.Min(psi, 'T.Const 1.0)))

            struct (second / turn, 'T.Const 4.0 * first / turn)
        | DualActivation.Erf ->
            let square = 'T.Const 1.0 + 'T.Const 2.0 * (a + b) + 'T.Const 4.0 * 'T.Max(det, 'T.Const 0.0)

            let side = 'T.Sqrt square
            struct ('T.Const 2.0 * 'T.Atan('T.Const 2.0 * c / side) / pi, 'T.Const 4.0 / (pi * side))
        | DualActivation.Probit ->
            let struct (p, q, _) = normal a b c det
            struct (p, q)
        | DualActivation.Gelu ->
            let struct (p, q, delta) = normal a b c det
            let one = 'T.Const 1.0
            let inverse = one / (one + a) + one / (one + b)

            struct (c * p + q * ('T.Max(det, 'T.Const 0.0) + 'T.Sqr c * inverse), p + q * c * (inverse + one / delta))
        | DualActivation.Sin
        | DualActivation.Cos ->
            // e^(-(a+b)/2) sinh c and cosh c, the larger exponential taken in
            let size = 'T.Abs c
            let falls = 'T.Exp(size - 'T.Const 0.5 * (a + b))
            let gap = 'T.Const 0.0 - 'T.Const 0.5 * falls * 'T.Expm1('T.Const -2.0 * size)
            let sinh = 'T.Select(c, gap, -gap)
            let cosh = 'T.Const 0.5 * falls * ('T.Const 1.0 + 'T.Exp('T.Const -2.0 * size))

            if activation = DualActivation.Sin then
                struct (sinh, cosh)
            else
                struct (cosh, sinh)
        | DualActivation.Exp ->
            let k = 'T.Exp('T.Const 0.5 * (a + b) + c)
            struct (k, k)
        | DualActivation.Square -> struct (a * b + 'T.Const 2.0 * 'T.Sqr c, 'T.Const 4.0 * c)

    let written<'T when 'T :> IReal<'T> and 'T: struct> activation (a: 'T) (b: 'T) (c: 'T) : struct ('T * 'T) =
        duals Near.Either activation a b c (a * b - 'T.Sqr c)

    /// A layer's covariance.
    let next<'T when 'T :> IReal<'T> and 'T: struct> (weight: float) (bias: float) (k: 'T) : 'T =
        'T.Sqr('T.Const weight) * k + 'T.Sqr('T.Const bias)

    /// A layer's tangent kernel.
    let tangent<'T when 'T :> IReal<'T> and 'T: struct> (weight: float) (c: 'T) (slope: 'T) (theta: 'T) : 'T =
        c + 'T.Sqr('T.Const weight) * slope * theta

[<RequireQualifiedAccess>]
module DualActivation =
    let kernel<'T when 'T :> IReal<'T> and 'T: struct> activation (a: 'T) (b: 'T) (c: 'T) : 'T =
        let struct (k, _) = DualFormulas.written activation a b c
        k

    let derivative<'T when 'T :> IReal<'T> and 'T: struct> activation (a: 'T) (b: 'T) (c: 'T) : 'T =
        let struct (_, d) = DualFormulas.written activation a b c
        d

    /// a b - c c to full accuracy.
    let private determinant (a: float) (b: float) (c: float) =
        let square = c * c
        let lost = Math.FusedMultiplyAdd(-c, c, square)
        Math.FusedMultiplyAdd(a, b, -square) + lost

    /// Both duals; a covariance beyond sqrt(ab) by rounding has a determinant below 0, which counts as 0.
    let internal fast activation (a: float) (b: float) (c: float) : struct (float * float) =
        let det = determinant a b c

        let near =
            if c < 0.0 && det < 0.8 * a * b then
                DualFormulas.Near.Either
            else
                DualFormulas.Near.Direct

        let struct (k, d) = DualFormulas.duals near activation (R64 a) (R64 b) (R64 c) (R64 det)
        struct (k.V, d.V)

    let internal check activation =
        match activation with
        | DualActivation.LeakyReLU slope -> Require.finite "Slope" slope |> Result.map ignore<float>
        | _ -> Ok()

    let evaluate activation a b c =
        result {
            do! check activation
            let! a = Require.nonNegative "a" a
            let! b = Require.nonNegative "b" b
            let limit = (1.0 + 1e-12) * sqrt a * sqrt b
            let! c = Require.inside "c" (Domain.Closed(-limit, limit)) c
            let struct (k, d) = fast activation a b c

            if Double.IsFinite k && Double.IsFinite d then
                return struct (k, d)
            else
                return!
                    Error(
                        HindsightError.Incompatible
                            $"The dual kernel of {activation} overflows at a = {a}, b = {b}, c = {c}"
                    )
        }

    let private normal (z: float) =
        0.5 * MathNet.Numerics.SpecialFunctions.Erfc(-z / sqrt 2.0)

    let private density (z: float) =
        exp (-0.5 * z * z) / sqrt (2.0 * Math.PI)

    let value activation (z: float) =
        match activation with
        | DualActivation.ReLU -> max z 0.0
        | DualActivation.LeakyReLU slope -> if z >= 0.0 then z else slope * z
        | DualActivation.SquaredReLU -> if z > 0.0 then z * z else 0.0
        | DualActivation.Erf -> MathNet.Numerics.SpecialFunctions.Erf z
        | DualActivation.Probit -> normal z
        | DualActivation.Gelu -> z * normal z
        | DualActivation.Sin -> sin z
        | DualActivation.Cos -> cos z
        | DualActivation.Exp -> exp z
        | DualActivation.Square -> z * z

    let slope activation (z: float) =
        match activation with
        | DualActivation.ReLU -> if z > 0.0 then 1.0 else 0.0
        | DualActivation.LeakyReLU slope -> if z > 0.0 then 1.0 else slope
        | DualActivation.SquaredReLU -> 2.0 * max z 0.0
        | DualActivation.Erf -> 2.0 / sqrt Math.PI * exp (-z * z)
        | DualActivation.Probit -> density z
        | DualActivation.Gelu -> normal z + z * density z
        | DualActivation.Sin -> cos z
        | DualActivation.Cos -> -(sin z)
        | DualActivation.Exp -> exp z
        | DualActivation.Square -> 2.0 * z

    let tryOfNetwork activation =
        match activation with
        | Activation.ReLU -> ValueSome DualActivation.ReLU
        | Activation.Gelu -> ValueSome DualActivation.Gelu
        | _ -> ValueNone

/// Points and tiles of a Gram matrix.
module private Tiles =
    open System.Numerics.Tensors
    open System.Threading.Tasks

    [<Literal>]
    let Side = 64

    /// Fills entry (i, j) of the upper triangle of n points, or of n rows by m columns, tile by tile.
    let fill threads symmetric rows columns (entry: int -> int -> unit) =
        let tiles =
            [|
                for i in 0..Side .. rows - 1 do
                    for j in (if symmetric then i else 0) .. Side .. columns - 1 -> struct (i, j)
            |]

        let work k =
            let struct (top, left) = tiles[k]

            for i in top .. min (top + Side) rows - 1 do
                for j in (if symmetric then max i left else left) .. min (left + Side) columns - 1 do
                    entry i j

        if threads = 1 then
            for k in 0 .. tiles.Length - 1 do
                work k
        else
            let options = ParallelOptions(MaxDegreeOfParallelism = (if threads < 1 then -1 else threads))

            Parallel.For(0, tiles.Length, options, (fun k -> work k)) |> ignore<ParallelLoopResult>

    /// The other triangle, and the error of the first entry that is not finite.
    let mirror symmetric (matrices: float[,] list) =
        let bad =
            matrices
            |> List.tryPick (fun m ->
                let mutable at = None

                for i in 0 .. m.GetLength 0 - 1 do
                    for j in (if symmetric then i else 0) .. m.GetLength 1 - 1 do
                        if symmetric then
                            m[j, i] <- m[i, j]

                        if not (Double.IsFinite m[i, j]) && at.IsNone then
                            at <- Some struct (i, j)

                at)

        match bad with
        | None -> Ok()
        | Some(struct (i, j)) ->
            Error(HindsightError.Incompatible $"The kernel overflows between point {i} and point {j}")

    /// Finite vectors of one length, at least one of each.
    let check (argument: string) expected (points: float[][]) =
        result {
            let! _ = Require.atLeast $"{argument}.Length" 1 points.Length
            let dimension = if expected < 0 then points[0].Length else expected
            let! _ = Require.atLeast $"{argument}[0].Length" 1 dimension

            do!
                (Ok(), Seq.indexed points)
                ||> Seq.fold (fun state (i, x) ->
                    state
                    |> Result.bind (fun () -> Require.length $"{argument}[{i}]" dimension x.Length)
                    |> Result.bind (fun () -> Require.allFinite $"{argument}[{i}]" (ReadOnlySpan x)))

            return dimension
        }

    let dot (x: float[]) (y: float[]) =
        TensorPrimitives.Dot(ReadOnlySpan x, ReadOnlySpan y)

[<RequireQualifiedAccess>]
module TangentKernel =
    let private validate (options: TangentKernelOptions) =
        result {
            do! DualActivation.check options.Activation
            let! _ = Require.atLeast "Depth" 0 options.Depth
            let! _ = Require.positive "WeightScale" options.WeightScale
            let! _ = Require.nonNegative "BiasScale" options.BiasScale

            if options.Input = KernelInput.PerDimension || options.Input = KernelInput.Directions then
                return options
            else
                return!
                    Error(HindsightError.OutOfRange("Input", string (int options.Input), "PerDimension or Directions"))
        }

    let layers<'T when 'T :> IReal<'T> and 'T: struct> (options: TangentKernelOptions) (a: 'T) (b: 'T) (c: 'T) =
        let next (x: 'T) =
            DualFormulas.next options.WeightScale options.BiasScale x

        let mutable a = a
        let mutable b = b
        let mutable c = c
        let mutable theta = c

        for _ in 1 .. options.Depth do
            let struct (k, slope) = DualFormulas.written options.Activation a b c
            a <- next (DualActivation.kernel options.Activation a a a)
            b <- next (DualActivation.kernel options.Activation b b b)
            c <- next k
            theta <- DualFormulas.tangent options.WeightScale c slope theta

        struct (c, theta)

    /// The variances of one point at the input of every hidden layer.
    let private variances (options: TangentKernelOptions) (first: float) =
        let all = Array.zeroCreate<float>(max 1 options.Depth)
        all[0] <- first

        for l in 1 .. options.Depth - 1 do
            let a = all[l - 1]
            let struct (k, _) = DualActivation.fast options.Activation a a a
            all[l] <- (DualFormulas.next options.WeightScale options.BiasScale (R64 k)).V

        all

    let private climb
        (options: TangentKernelOptions)
        (a: float[])
        (b: float[])
        (first: float)
        : struct (float * float) =
        let mutable c = first
        let mutable theta = first

        for l in 0 .. options.Depth - 1 do
            let struct (k, slope) = DualActivation.fast options.Activation a[l] b[l] c
            let above = DualFormulas.next options.WeightScale options.BiasScale (R64 k)
            theta <- (DualFormulas.tangent options.WeightScale above (R64 slope) (R64 theta)).V
            c <- above.V

        struct (c, theta)

    /// sigma_w^2 x'y/d + sigma_b^2
    let private inner (options: TangentKernelOptions) (dimension: int) (dot: float) =
        options.WeightScale * options.WeightScale * dot / float dimension
        + options.BiasScale * options.BiasScale

    /// Squared lengths of the points, and their variances.
    let private prepare (options: TangentKernelOptions) argument (points: float[][]) =
        let norms = points |> Array.map (fun x -> Tiles.dot x x)

        match options.Input with
        | KernelInput.Directions ->
            match norms |> Array.tryFindIndex (fun n -> not (n > 1e-150 && n < 1e150)) with
            | Some i ->
                Error(
                    HindsightError.OutOfRange(
                        $"{argument}[{i}]",
                        $"a vector of squared length {norms[i]}",
                        "a vector with a direction: squared length between 1e-150 and 1e150"
                    )
                )
            | None -> Ok struct (norms, points |> Array.map (fun _ -> variances options 1.0))
        | _ -> Ok struct (norms, norms |> Array.map (fun n -> variances options (inner options points[0].Length n)))

    /// The same point has the covariance 1 with itself, to the bit: the root of a square is exact.
    let private first (options: TangentKernelOptions) dimension (p: float) (q: float) (dot: float) =
        match options.Input with
        | KernelInput.Directions -> Math.Clamp(dot / sqrt (p * q), -1.0, 1.0)
        | _ -> inner options dimension dot

    let private compute threads symmetric (options: TangentKernelOptions) (rows: float[][]) (columns: float[][]) =
        result {
            let! options = validate options
            let! dimension = Tiles.check (if symmetric then "points" else "rows") -1 rows

            let! _ =
                if symmetric then
                    Ok dimension
                else
                    Tiles.check "columns" dimension columns

            let! struct (rowNorms, rowVariances) = prepare options (if symmetric then "points" else "rows") rows

            let! struct (columnNorms, columnVariances) =
                if symmetric then
                    Ok struct (rowNorms, rowVariances)
                else
                    prepare options "columns" columns

            let covariance = Array2D.zeroCreate rows.Length columns.Length
            let tangent = Array2D.zeroCreate rows.Length columns.Length

            Tiles.fill threads symmetric rows.Length columns.Length (fun i j ->
                let c = first options dimension rowNorms[i] columnNorms[j] (Tiles.dot rows[i] columns[j])
                let struct (k, theta) = climb options rowVariances[i] columnVariances[j] c
                covariance[i, j] <- k
                tangent[i, j] <- theta)

            do! Tiles.mirror symmetric [ covariance; tangent ]

            return
                {
                    Covariance = covariance
                    Tangent = tangent
                }
        }

    let gramOn threads options points =
        compute threads true options points points

    let gram options points = gramOn 0 options points
    let cross options rows columns = compute 0 false options rows columns

    let pair options (x: ReadOnlySpan<float>) (y: ReadOnlySpan<float>) =
        compute 1 false options [| x.ToArray() |] [| y.ToArray() |]
        |> Result.map (fun g -> struct (g.Covariance[0, 0], g.Tangent[0, 0]))

    let normalizedReLU depth cosine =
        result {
            let! options = validate (TangentKernelOptions.NormalizedReLU depth)
            let! cosine = Require.inside "cosine" (Domain.Closed(-1.0, 1.0)) cosine
            let ones = variances options 1.0
            return climb options ones ones cosine
        }

/// The score itself, as a loss: its gradient in the parameters is the score's.
[<Struct; NoComparison; NoEquality>]
type private ScoreLoss =
    interface ILoss with
        [<System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices
                                                        .MethodImplOptions.AggressiveInlining)>]
        member _.Eval<'T when 'T :> IReal<'T> and 'T: struct>(_: 'T, score: 'T) = score

        member this.Accept(visitor: ILossVisitor<'R>) = visitor.Visit this

        member _.Metadata =
            { LossMetadata.Default with
                Name = "Score"
            }

[<RequireQualifiedAccess>]
module EmpiricalTangentKernel =
    open System.Numerics.Tensors

    [<Literal>]
    let private Run = 1024

    let private dot (x: float32[]) (y: float32[]) =
        let mutable sum = 0.0

        for start in 0..Run .. x.Length - 1 do
            let length = min Run (x.Length - start)
            sum <- sum + float (TensorPrimitives.Dot(ReadOnlySpan(x, start, length), ReadOnlySpan(y, start, length)))

        sum

    let gradients (blocks: int[]) (heads: int[]) (points: float32[][]) (network: PerturbedNetwork) =
        let options = network.Options

        let index argument most (all: int[]) =
            result {
                do!
                    if all.Length = 0 then
                        Ok()
                    else
                        Require.length argument points.Length all.Length

                match all |> Array.tryFind (fun i -> i < 0 || i >= most) with
                | Some i -> return! Error(HindsightError.OutOfRange(argument, string i, $"0 to {most - 1}"))
                | None -> return (fun i -> if all.Length = 0 then 0 else all[i])
            }

        result {
            let! block = index "blocks" options.Blocks blocks
            let! head = index "heads" options.Heads heads

            do!
                (Ok(), Seq.indexed points)
                ||> Seq.fold (fun state (i, x) ->
                    state
                    |> Result.bind (fun () -> Require.length $"points[{i}]" options.Dimension x.Length)
                    |> Result.bind (fun () ->
                        if x |> Array.forall Single.IsFinite then
                            Ok()
                        else
                            Error(HindsightError.OutOfRange($"points[{i}]", "not finite", "finite numbers"))))

            let! twin =
                PerturbedNetwork.Create(
                    { options with
                        Perturbation = PerturbationKind.Off
                        StepRule = StepRule.Plain
                    },
                    ScoreLoss()
                )

            twin.Parameters <- network.Parameters
            return points |> Array.mapi (fun i x -> twin.Gradient(ReadOnlySpan x, block i, head i, 0.0))
        }

    let private products symmetric (rows: float32[][]) (columns: float32[][]) =
        let k = Array2D.zeroCreate rows.Length columns.Length
        Tiles.fill 0 symmetric rows.Length columns.Length (fun i j -> k[i, j] <- dot rows[i] columns[j])
        Tiles.mirror symmetric [ k ] |> Result.map (fun () -> k)

    let ofGradients (gradients: float32[][]) =
        result {
            let! _ = Require.atLeast "gradients.Length" 1 gradients.Length

            do!
                (Ok(), Seq.indexed gradients)
                ||> Seq.fold (fun state (i, g) ->
                    state |> Result.bind (fun () -> Require.length $"gradients[{i}]" gradients[0].Length g.Length))

            return! products true gradients gradients
        }

    let gram points network =
        gradients [||] [||] points network |> Result.bind ofGradients

    let cross rows columns network =
        result {
            let! _ = Require.atLeast "rows.Length" 1 (Array.length rows)
            let! _ = Require.atLeast "columns.Length" 1 (Array.length columns)
            let! left = gradients [||] [||] rows network
            let! right = gradients [||] [||] columns network
            return! products false left right
        }

/// Eigenvalues of a checked symmetric matrix, ascending, with the eigenvectors as columns.
module internal SymmetricEigen =
    open MathNet.Numerics.LinearAlgebra
    open MathNet.Numerics.LinearAlgebra.Double

    /// The first entry that is not finite or not the one opposite.
    let private firstBad (gram: float[,]) =
        let n = gram.GetLength 0
        let mutable bad = None
        let mutable largest = 0.0

        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 do
                if bad.IsNone && not (Double.IsFinite gram[i, j]) then
                    bad <- Some(HindsightError.OutOfRange($"gram[{i}, {j}]", string gram[i, j], "any finite number"))

                largest <- max largest (abs gram[i, j])

        for i in 0 .. n - 1 do
            for j in 0 .. i - 1 do
                if bad.IsNone && abs (gram[i, j] - gram[j, i]) > 1e-12 * largest then
                    bad <-
                        Some(
                            HindsightError.OutOfRange(
                                $"gram[{i}, {j}]",
                                string gram[i, j],
                                $"the entry opposite, {gram[j, i]}: the matrix is symmetric"
                            )
                        )

        bad

    let check (gram: float[,]) =
        result {
            let! n = Require.atLeast "gram.Length" 1 (gram.GetLength 0)
            do! Require.length "gram" n (gram.GetLength 1)

            match firstBad gram with
            | Some error -> return! Error error
            | None -> return n
        }

    let decompose (gram: float[,]) =
        check gram
        |> Result.map (fun n ->
            let evd = (DenseMatrix.OfArray gram).Evd Symmetricity.Symmetric
            let values = evd.EigenValues.ToArray() |> Array.map _.Real
            let order = Array.init n id |> Array.sortBy (fun i -> values[i])

            struct (order |> Array.map (fun i -> values[i]),
                    Array2D.init n n (fun i j -> evd.EigenVectors[i, order[j]])))

    let spectrum (values: float[]) =
        let n = values.Length
        let smallest = values[0]
        let largest = values[n - 1]
        let floor = float n * 2.220446049250313e-16 * max (abs smallest) (abs largest)

        {
            Eigenvalues = values
            Smallest = smallest
            Largest = largest
            Floor = floor
            Rank = values |> Array.filter (fun v -> v > floor) |> Array.length
            Condition = if smallest > floor then largest / smallest else infinity
            Trace = Array.sum values
        }

[<RequireQualifiedAccess>]
module KernelSpectrum =
    let ofGram gram =
        SymmetricEigen.decompose gram
        |> Result.map (fun (struct (values, _)) -> SymmetricEigen.spectrum values)

[<RequireQualifiedAccess>]
module KernelFlow =
    let create gram =
        result {
            let! struct (values, vectors) = SymmetricEigen.decompose gram
            let spectrum = SymmetricEigen.spectrum values

            if spectrum.Smallest < -1e6 * spectrum.Floor then
                return!
                    Error(
                        HindsightError.OutOfRange(
                            "gram",
                            $"smallest eigenvalue {spectrum.Smallest}",
                            "a positive semidefinite matrix"
                        )
                    )
            else
                return KernelFlow(spectrum, vectors)
        }

    let private checkTraining rate time (initial: float[]) (labels: float[]) (flow: KernelFlow) =
        result {
            let! rate = Require.positive "rate" rate
            let! time = Require.nonNegative "time" time
            do! Require.length "initial" flow.Count initial.Length
            do! Require.length "labels" flow.Count labels.Length
            do! Require.allFinite "initial" (ReadOnlySpan initial)
            do! Require.allFinite "labels" (ReadOnlySpan labels)
            return rate * time
        }

    /// U diag(weight) U' (labels - initial)
    let private weighted (weight: float -> float) (initial: float[]) (labels: float[]) (flow: KernelFlow) =
        let n = flow.Count
        let u = flow.Vectors
        let result = Array.zeroCreate<float> n

        for k in 0 .. n - 1 do
            let mutable along = 0.0

            for i in 0 .. n - 1 do
                along <- along + u[i, k] * (labels[i] - initial[i])

            let along = along * weight (max 0.0 flow.Spectrum.Eigenvalues[k])

            for i in 0 .. n - 1 do
                result[i] <- result[i] + along * u[i, k]

        result

    let residual rate time initial labels flow =
        checkTraining rate time initial labels flow
        |> Result.map (fun elapsed -> weighted (fun lambda -> exp (-elapsed * lambda)) initial labels flow)

    let train rate time initial labels flow =
        residual rate time initial labels flow |> Result.map (Array.map2 (-) labels)

    let predict (cross: float[,]) (initialThere: float[]) rate time initial labels (flow: KernelFlow) =
        result {
            let! elapsed = checkTraining rate time initial labels flow
            do! Require.length "cross" flow.Count (cross.GetLength 1)
            do! Require.length "initialThere" (cross.GetLength 0) initialThere.Length
            do! Require.allFinite "initialThere" (ReadOnlySpan initialThere)

            let rate lambda =
                if elapsed * lambda < 1e-300 then
                    elapsed
                else
                    -(Scalar.expm1 (-elapsed * lambda)) / lambda

            let pulled = weighted rate initial labels flow

            let there =
                initialThere
                |> Array.mapi (fun i f ->
                    let mutable sum = f

                    for j in 0 .. flow.Count - 1 do
                        sum <- sum + cross[i, j] * pulled[j]

                    sum)

            do! Require.allFinite "cross" (ReadOnlySpan there)
            return there
        }
