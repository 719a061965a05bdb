namespace Hindsight.Tests.Losses

open System

/// Scalar functions as other libraries have them, or as one would write them down.
[<RequireQualifiedAccess>]
module PrimitiveMutants =
    let private inexact name what computed =
        Mutant.make "scalars" $"{name}: {what}" (fun () -> not (Primitives.within 2.0 name computed))

    let all: Mutant list =
        [
            inexact "log1p" "ln(1+x) as written" (fun x -> Math.Log(1.0 + x))
            inexact "log1p" "ln(u) x/(u-1)" (fun x ->
                let u = 1.0 + x
                if u = 1.0 then x else Math.Log u * (x / (u - 1.0)))
            inexact "expm1" "as written" (fun x -> Math.Exp x - 1.0)
            inexact "expm1" "(u-1) x/ln(u)" (fun x ->
                let u = Math.Exp x

                if u = 1.0 then x
                elif u = 0.0 then -1.0
                elif Double.IsInfinity u then u
                else (u - 1.0) * (x / Math.Log u))
            inexact "sigmoid" "1/(1+e^-x), which overflows" (fun x -> 1.0 / (1.0 + Math.Exp -x))
            inexact "sigmoids, second" "1 - s(x)" (fun x -> 1.0 - 1.0 / (1.0 + Math.Exp -x))
            inexact "softplus" "ln(1+e^x) as written" (fun x -> Math.Log(1.0 + Math.Exp x))
            inexact "tanh" "(e^2x - 1)/(e^2x + 1) as written" (fun x ->
                let u = Math.Exp(2.0 * x)
                (u - 1.0) / (u + 1.0))
            inexact "logit" "ln p - ln(1-p)" (fun p -> Math.Log p - Math.Log(1.0 - p))
            inexact "xlogx" "NaN at 0" (fun x -> x * Math.Log x)
        ]
