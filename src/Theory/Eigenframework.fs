namespace Hindsight

[<NoComparison>]
type EigenframeworkRisk =
    {
        Test: float
        Train: float
        Kappa: float
        Gamma: float
        Learnabilities: float[]
        Overfitting: float
    }

namespace Hindsight.FSharp

open System
open MathNet.Numerics.LinearAlgebra
open Hindsight

/// Searches in floats.
module private EigenframeworkRoots =
    let modes (eigenvalues: float[]) gamma =
        let mutable s = 0.0

        for l in eigenvalues do
            s <- s + l / (l + gamma)

        s

    /// The root of a function that falls in ln x.
    let falling (f: float -> float) low high =
        let mutable low = low
        let mutable high = high

        for _ in 1..64 do
            let middle = 0.5 * (low + high)

            if f (exp middle) > 0.0 then
                low <- middle
            else
                high <- middle

        exp (0.5 * (low + high))

module internal EigenframeworkFormulas =
    let rootOf eigenvalues samples perFeature ridge =
        let search f =
            EigenframeworkRoots.falling f -740.0 709.0

        let gamma =
            if ridge = 0.0 then
                let learned =
                    if perFeature = 0.0 then
                        samples
                    else
                        min samples (1.0 / perFeature)

                if learned >= float (Array.length eigenvalues) then
                    0.0
                else
                    search (fun gamma -> EigenframeworkRoots.modes eigenvalues gamma - learned)
            else
                search (fun gamma ->
                    let c = 1.0 - samples * perFeature
                    let root = sqrt (c * c + 4.0 * perFeature * (ridge / gamma))

                    let unused =
                        if c >= 0.0 then
                            2.0 * (ridge / gamma) / (c + root)
                        else
                            (root - c) / (2.0 * perFeature)

                    EigenframeworkRoots.modes eigenvalues gamma + unused - samples)

        struct (gamma, 1.0 - samples * perFeature >= 0.0)

    let ratioOf alpha beta relativeNoise =
        let f r =
            alpha - beta - (alpha - 1.0) * beta * r + (alpha - 1.0) * relativeNoise * (1.0 - r) ** beta

        if f 0.0 <= 0.0 then
            0.0
        else
            let mutable low = 0.0
            let mutable high = 1.0

            for _ in 1..60 do
                let middle = 0.5 * (low + high)
                if f middle > 0.0 then low <- middle else high <- middle

            low

    let check (eigenvalues: float[]) (coefficients: float[]) (samples: float) (features: float) (ridge: float) =
        let modes = float eigenvalues.Length

        let singular reason =
            Error(HindsightError.OutOfRange("ridge", "0", $"above 0, as {reason}"))

        if coefficients.Length <> eigenvalues.Length then
            Error(HindsightError.WrongDimension("coefficients", coefficients.Length, eigenvalues.Length))
        elif ridge = 0.0 && samples = features then
            singular "there are as many features as samples"
        elif ridge = 0.0 && min samples features = modes then
            singular "there are as many eigenvalues as samples or features"
        else
            Ok()

    module Closed =
        open Hindsight.FSharp.Ops

        let sum<'T when 'T :> IReal<'T> and 'T: struct> (terms: 'T[]) : 'T =
            terms |> Array.fold (fun s t -> s + t) ('T.Const 0.0)

        let risk<'T when 'T :> IReal<'T> and 'T: struct>
            (eigenvalues: 'T[])
            (coefficients: 'T[])
            (noise: 'T)
            (samples: 'T)
            (perFeature: 'T)
            (ridge: 'T)
            (root: struct (float * bool))
            : 'T[] =
            let struct (start, enough) = root
            let one = 'T.Const 1.0

            let learned gamma =
                eigenvalues |> Array.map (fun l -> l / (l + gamma))

            // A and B/k with A B/k = delta/gamma and B/k - A/k = 1 - n/k, and their sum
            let c = one - samples * perFeature

            let unused (gamma: 'T) : struct ('T * 'T * 'T) =
                let product = ridge / gamma
                let root = 'T.Sqrt('T.Sqr c + 'T.Const 4.0 * perFeature * product)

                if enough then
                    let b = 'T.Const 0.5 * (c + root)
                    struct (product / b, b, root)
                else
                    let a = 'T.Const 0.5 * (root - c) / perFeature
                    struct (a, product / a, root)

            let newton (gamma: 'T) : 'T =
                let parts = learned gamma
                let slope = Array.map2 (fun part l -> part / (l + gamma)) parts eigenvalues |> sum
                let struct (a, _, root) = unused gamma
                gamma + (sum parts + a - samples) / (slope + ridge / (gamma * gamma * root))

            let isFree = start.Equals 0.0

            let gamma =
                if isFree then
                    // every mode is learned: to first order in the ridge
                    let z = sum (learned ('T.Const 0.0))
                    ridge / ((samples - z) * (one - z * perFeature))
                else
                    newton (newton ('T.Const start))

            let parts = learned gamma

            let struct (a, b, whole) =
                if isFree then
                    let z = sum parts
                    let a, b = samples - z, one - z * perFeature
                    struct (a, b, b + a * perFeature)
                else
                    unused gamma

            let left = eigenvalues |> Array.map (fun l -> gamma / (l + gamma))
            // z - q and 1 - q/k
            let between = Array.map2 (fun part rest -> part * rest) parts left |> sum
            let leftOfSquares = b + between * perFeature
            let overfitting = samples * leftOfSquares / (between * whole + a * b)

            let bias =
                Array.map3
                    (fun part rest v -> rest * (one - part * b / leftOfSquares) * 'T.Sqr v)
                    parts
                    left
                    coefficients
                |> sum

            let test = overfitting * (bias + noise)
            [| test; gamma * b; gamma; 'T.Sqr(a / samples) * test; overfitting |]

        let ratio<'T when 'T :> IReal<'T> and 'T: struct>
            (alpha: 'T)
            (beta: 'T)
            (relativeNoise: 'T)
            (root: float)
            : 'T =
            let one = 'T.Const 1.0

            let newton (r: 'T) : 'T =
                let left = 'T.Log1p(-r)
                let noise = (alpha - one) * relativeNoise * 'T.Exp((beta - one) * left)
                let value = alpha - beta - (alpha - one) * beta * r + noise * (one - r)
                let slope = -((alpha - one) * beta + noise * beta)
                r - value / slope

            if System.Double.Equals(root, 0.0) then
                'T.Const 0.0
            else
                newton (newton ('T.Const root))

    let risk<'T when 'T :> IReal<'T> and 'T: struct>
        (eigenvalues: 'T[])
        (coefficients: 'T[])
        (noise: 'T)
        (samples: 'T)
        (perFeature: 'T)
        (ridge: 'T)
        root
        =
        Closed.risk eigenvalues coefficients noise samples perFeature ridge root

    let ratio<'T when 'T :> IReal<'T> and 'T: struct> (alpha: 'T) (beta: 'T) (relativeNoise: 'T) root =
        Closed.ratio alpha beta relativeNoise root

[<RequireQualifiedAccess>]
module Eigenframework =
    let private solve (eigenvalues: float[]) (coefficients: float[]) noise samples features ridge =
        result {
            do!
                if eigenvalues.Length = 0 then
                    Error(HindsightError.OutOfRange("eigenvalues", "an empty list", "at least one number"))
                else
                    Ok()

            do!
                (Ok(), eigenvalues)
                ||> Array.fold (fun state l ->
                    state |> Result.bind (fun () -> Require.positive "eigenvalues" l |> Result.map ignore<float>))

            do! Require.allFinite "coefficients" (ReadOnlySpan coefficients)
            let! noise = Require.nonNegative "noise" noise

            let atLeastOne =
                { Domain.Positive with
                    Low = 1.0
                    LowClosed = true
                }

            let! samples = Require.inside "samples" atLeastOne samples
            let! ridge = Require.nonNegative "ridge" ridge
            do! EigenframeworkFormulas.check eigenvalues coefficients samples features ridge
            let perFeature = 1.0 / features
            let root = EigenframeworkFormulas.rootOf eigenvalues samples perFeature ridge
            let lift = Array.map R64

            let all =
                EigenframeworkFormulas.risk
                    (lift eigenvalues)
                    (lift coefficients)
                    (R64 noise)
                    (R64 samples)
                    (R64 perFeature)
                    (R64 ridge)
                    root
                |> Array.map _.V

            if all |> Array.exists (Double.IsFinite >> not) then
                return! Error(HindsightError.Incompatible "The eigenframework has no finite solution at these numbers.")
            else
                return
                    {
                        Test = all[0]
                        Train = all[3]
                        Kappa = all[1]
                        Gamma = all[2]
                        Learnabilities = eigenvalues |> Array.map (fun l -> l / (l + all[2]))
                        Overfitting = all[4]
                    }
        }

    let randomFeatures eigenvalues coefficients noise samples features ridge =
        Require.inside
            "features"
            { Domain.Positive with
                Low = 1.0
                LowClosed = true
            }
            features
        |> Result.bind (fun features -> solve eigenvalues coefficients noise samples features ridge)

    let kernelRidge eigenvalues coefficients noise samples ridge =
        solve eigenvalues coefficients noise samples infinity ridge

    let kappaOfGram (gram: float[,]) ridge =
        result {
            let n = gram.GetLength 0
            do! Require.length "gram" n (gram.GetLength 1)
            let! ridge = Require.nonNegative "ridge" ridge

            do!
                if n = 0 then
                    Error(HindsightError.WrongDimension("gram", 0, 1))
                else
                    Ok()

            let flat = Seq.cast<float> gram |> Seq.toArray
            do! Require.allFinite "gram" (ReadOnlySpan flat)
            let matrix = Matrix<float>.Build.Dense(n, n, fun i j -> gram[i, j] + (if i = j then ridge else 0.0))

            if (matrix - matrix.Transpose()).InfinityNorm() > 1e-9 * matrix.InfinityNorm() then
                return! Error(HindsightError.Incompatible "A Gram matrix is symmetric; this one is not.")
            else
                let eigenvalues = matrix.Evd(Symmetricity.Symmetric).EigenValues |> Seq.map _.Real |> Seq.toArray

                if Array.min eigenvalues <= 1e-15 * float n * Array.max eigenvalues then
                    return!
                        Error(
                            HindsightError.Incompatible
                                "The Gram matrix with its ridge is not positive definite: a larger ridge makes it so."
                        )
                else
                    return 1.0 / (eigenvalues |> Array.sumBy (fun l -> 1.0 / l))
        }

    let fittingRatio alpha beta relativeNoise =
        result {
            let! alpha = Require.inside "alpha" { Domain.Reals with Low = 1.0 } alpha
            let! beta = Require.inside "beta" (Domain.Open(1.0, 2.0 * alpha + 1.0)) beta
            let! noise = Require.nonNegative "relativeNoise" relativeNoise
            let root = EigenframeworkFormulas.ratioOf alpha beta noise
            return (EigenframeworkFormulas.ratio (R64 alpha) (R64 beta) (R64 noise) root).V
        }

    let powerLaw exponent count =
        result {
            let! exponent = Require.finite "exponent" exponent
            let! count = Require.atLeast "count" 1 count
            return Array.init count (fun i -> float (i + 1) ** -exponent)
        }
