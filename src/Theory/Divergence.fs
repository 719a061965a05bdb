namespace Hindsight.FSharp

open System
open Hindsight

[<RequireQualifiedAccess>]
module Divergence =
    let private checkedMeans a b (domain: Domain) value =
        result {
            let! a = Require.inside "a" Domain.Unit a
            let! b = Require.inside "b" domain b
            return value a b
        }

    let private interior = Domain.Open(0.0, 1.0)

    let private triangularOf (a: float) (b: float) =
        if a = b then
            0.0
        else
            // the two sums apart: 2 - a - b cancels where both are close to 1
            2.0 * (a - b) * (a - b) / ((a + b) * ((1.0 - a) + (1.0 - b)))

    let private hellinger2Of (a: float) (b: float) =
        if a = b then
            0.0
        else
            // sqrt a - sqrt b = (a - b)/(sqrt a + sqrt b)
            let low = (a - b) / (sqrt a + sqrt b)
            let high = (a - b) / (sqrt (1.0 - a) + sqrt (1.0 - b))
            low * low + high * high

    [<CompiledName("BinaryKl")>]
    let binaryKl a b =
        checkedMeans a b interior (fun a b -> (BinaryKullbackLeibler() :> IGenerator).Divergence(R64 a, R64 b).V)

    [<CompiledName("Triangular")>]
    let triangular a b =
        checkedMeans a b Domain.Unit triangularOf

    [<CompiledName("Hellinger2")>]
    let hellinger2 a b =
        checkedMeans a b Domain.Unit hellinger2Of

    [<CompiledName("ChiSquared")>]
    let chiSquared a b =
        checkedMeans a b interior (fun a b -> (a - b) * (a - b) / (b * (1.0 - b)))

    [<CompiledName("KlLowerBound")>]
    let klLowerBound a b =
        checkedMeans a b interior (fun a b ->
            let square = (a - b) * (a - b)
            let spread = min (Math.Max(a, b)) (Math.Max(1.0 - a, 1.0 - b))
            Math.Max(Math.Max(2.0 * square, square / (2.0 * spread)), hellinger2Of a b))
