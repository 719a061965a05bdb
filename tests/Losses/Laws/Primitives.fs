namespace Hindsight.Tests.Losses

open System
open NUnit.Framework
open Hindsight
open Hindsight.FSharp

/// The double-precision scalar functions against double-double.
[<RequireQualifiedAccess>]
module Primitives =
    let private random seed = RandomStream(seed, 0UL)

    /// Any finite double: its 64 bits are random.
    let raw count =
        let r = random 1UL

        Seq.initInfinite (fun _ -> BitConverter.UInt64BitsToDouble(r.NextBits()))
        |> Seq.filter Double.IsFinite
        |> Seq.take count
        |> Seq.toArray

    /// Grids and random numbers where the functions bend: around 0, around 1, and where exponentials come and go.
    let dense count =
        let r = random 2UL
        let power () = Math.Pow(10.0, -18.0 * r.NextDouble())
        let sign () = if r.NextInt 2 = 0 then 1.0 else -1.0

        [|
            for i in -4000 .. 4000 do
                float i / 1000.0
                float i / 5.0
            for _ in 1..count do
                2.0 * r.NextDouble() - 1.0
                6.0 * r.NextDouble() - 3.0
                80.0 * r.NextDouble() - 40.0
                1500.0 * r.NextDouble() - 750.0
                sign () * power ()
                1.0 + sign () * power ()
        |]

    /// |computed - expected| in units in the last place of the expected; subnormal results may be off by one spacing.
    let error (computed: float) (expected: DD) =
        if not (Double.IsFinite expected.Hi) || abs expected.Hi < 2.2250738585072014e-308 then
            let same = computed.Equals expected.Hi

            if same || abs (computed - expected.Hi) <= Double.Epsilon then
                0.0
            else
                infinity
        else
            abs ((computed - expected.Hi) - expected.Lo) / Ulp.at expected.Hi

    /// The worst error of a function over numbers, and where.
    let worst (computed: float -> float) (expected: DD -> DD) (numbers: float[]) =
        numbers
        |> Array.map (fun x ->
            let e = error (computed x) (expected (DD x))
            struct ((if Double.IsNaN e then infinity else e), x))
        |> Array.maxBy (fun struct (e, _) -> e)

    /// The logit in double-double.
    let logit (p: DD) =
        Scalars.apply<DD> "log" (p / (DD 1.0 - p))

    let numbers = lazy (Array.append (raw 20000) (dense 4000))

    /// Whether the function is defined there.
    let defined (name: string) (x: float) =
        match name with
        | "log"
        | "xlogx" -> x >= 0.0
        | "log1p" -> x >= -1.0
        | "logit" -> x > 0.0 && x < 1.0
        | _ -> true

    /// Whether an implementation is within the bound everywhere.
    let within bound name (computed: float -> float) =
        let expected = if name = "logit" then logit else Scalars.apply<DD> name
        let struct (e, _) = numbers.Value |> Array.filter (defined name) |> worst computed expected
        e <= bound

/// How exact the primitives of the double interpretation are: every loss is built on them.
[<Category("scalars")>]
type PrimitiveLaws() =
    static member Functions =
        let row (name: string) (bound: float) =
            TestCaseData(name, bound).SetName
                $"{name} is within {bound} units in the last place of double-double, over all doubles"

        [
            row "exp" 0.51
            row "log" 0.52
            row "log1p" 1.5
            row "expm1" 1.2
            row "expm1Exp, first" 1.2
            row "expm1Exp, second" 1.2
            row "sigmoid" 1.6
            row "sigmoids, first" 1.6
            row "sigmoids, second" 1.6
            row "softplus" 1.8
            row "softplusSigmas, first" 1.8
            row "softplusSigmas, second" 1.6
            row "softplusSigmas, third" 1.6
            row "xlogx" 1.6
            row "tanh" 1.8
            row "atan" 0.6
            row "power 1.7" 0.6
            row "power -3" 0.6
            row "logit" 1.8
        ]

    [<TestCaseSource("Functions")>]
    member _.Exact(name: string, bound: float) =
        let computed (x: float) =
            if name = "logit" then
                Scalar.logit x
            else
                (Scalars.apply<R64> name (R64 x)).V

        let expected =
            if name = "logit" then
                Primitives.logit
            else
                Scalars.apply<DD> name

        let defined x =
            Primitives.defined name x && not (name.StartsWith "power" && x < 0.0)

        let struct (e, x) =
            Primitives.numbers.Value |> Array.filter defined |> Primitives.worst computed expected

        Assert.That(e, Is.LessThanOrEqualTo bound, $"{name} at {x:R}")
