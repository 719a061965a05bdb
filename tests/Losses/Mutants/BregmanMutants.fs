namespace Hindsight.Tests.Losses

open System
open Hindsight
open Hindsight.FSharp

/// Wrong divergences, and false statements about right ones.
module BregmanMutants =
    open BregmanLaw

    let private kl: IGenerator = GeneralizedKullbackLeibler()
    let private itakuraSaito: IGenerator = ItakuraSaito()
    let private binary: IGenerator = BinaryKullbackLeibler()

    let private broken law g =
        pairs 300 21UL g |> Array.exists (fun struct (a, b) -> not (law a b))

    let private triples g law =
        let drawn = pairs 200 22UL g
        let other = pairs 200 23UL g

        Array.zip drawn other |> Array.exists (fun (struct (a, b), struct (c, _)) -> not (law a b c))

    let private close a b =
        abs (a - b) <= 0.5 * min (abs a) (abs b)

    let all: Mutant list =
        [
            Mutant.make "bregman" "Kullback-Leibler without the terms -a + b is negative somewhere" (fun () ->
                broken (nonnegative (fun a b -> a * log (a / b))) kl)
            Mutant.make "bregman" "Itakura-Saito with its arguments swapped" (fun () ->
                broken
                    (definition 0.0 (fun a b -> divergence itakuraSaito b a) (value itakuraSaito) (slope itakuraSaito))
                    itakuraSaito)
            Mutant.make "bregman" "the definition as written loses its digits near the diagonal" (fun () ->
                let naive a b =
                    value kl a - value kl b - slope kl b * (a - b)

                broken (fun a b -> not (close a b) || integral 0.0 naive (curvature kl) a b) kl)
            Mutant.make "bregman" "half square without the half" (fun () ->
                broken
                    (fun a b -> not (close a b) || integral 0.0 (fun a b -> (a - b) * (a - b)) (fun _ -> 1.0) a b)
                    (HalfSquaredDistance()))
            Mutant.make "bregman" "a power divergence with the power's sign turned" (fun () ->
                let g = PowerDivergence 1.5 :> IGenerator
                let turned = PowerDivergence -1.5 :> IGenerator
                broken (definition 0.0 (divergence turned) (value g) (slope g)) g)
            Mutant.make "bregman" "Tsallis of order q read as the power q" (fun () ->
                let g = TsallisDivergence 0.7 :> IGenerator
                broken (definition 0.0 (divergence (PowerDivergence 0.7)) (value g) (slope g)) g)
            Mutant.make "bregman" "three points with the inner product's sign turned" (fun () ->
                triples kl (threePoint (divergence kl) (fun x -> -(slope kl x))))
            Mutant.make "bregman" "the triangle inequality, which divergences do not have" (fun () ->
                triples kl (fun a b c -> divergence kl a c <= divergence kl a b + divergence kl b c))
            Mutant.make "bregman" "symmetry, which only the square has" (fun () ->
                broken (fun a b -> Ulp.between (divergence kl a b) (divergence kl b a) <= 1e6) kl)
            Mutant.make "bregman" "duality without swapping the arguments" (fun () ->
                broken (fun a b -> duality kl (fun a b -> divergence kl b a) a b) kl)
            Mutant.make "bregman" "the mean as minimiser in the first argument" (fun () ->
                triples binary (fun a b c ->
                    meanProperty (fun y m -> divergence binary m y) (slope binary) [| a; b; c |] b))
            Mutant.make "bregman" "Itakura-Saito convex in its second argument" (fun () ->
                triples itakuraSaito (convexInSecond (divergence itakuraSaito)))
            Mutant.make "bregman" "a binary divergence that forgets the second outcome" (fun () ->
                broken (definition 1.0 (fun a b -> divergence kl a b) (value binary) (slope binary)) binary)
        ]

/// Wrong constants in the inequalities between divergences.
module DivergenceMutants =
    open DivergenceLaw

    let private fails law = not (holds law)

    let private logits law =
        BregmanLaw.sample 400 9UL (FsCheck.FSharp.Gen.zip Draw.unitLabel (Draw.uniform -6.0 6.0))
        |> Array.exists (fun (y, u) -> not (law y u))

    let all: Mutant list =
        [
            Mutant.make "divergence" "Pinsker with constant 2.05" (fun () -> fails (pinsker 2.05))
            Mutant.make "divergence" "KL >= 1.05 squared Hellinger" (fun () -> fails (overHellinger 1.05))
            Mutant.make "divergence" "squared Hellinger >= the triangular discrimination, un-halved" (fun () ->
                fails (hellingerOverTriangular 1.0))
            Mutant.make "divergence" "KL >= (a-b)^2/(1.9 max(a,b))" (fun () -> fails (local 1.9))
            Mutant.make
                "divergence"
                "KL <= half of chi squared: the small-difference slope, taken for a bound"
                (fun () -> fails (belowChiSquared 0.5))
            Mutant.make "divergence" "self-bounding with a quarter" (fun () ->
                logits (selfBounding 0.25 (KullbackLeibler())))
            Mutant.make "divergence" "self-bounding of the half square loss with the KL constant of 1/2" (fun () ->
                not (selfBounding 0.5 (HalfSquared()) 0.0 1.0))
            Mutant.make "divergence" "the regret of half the square loss is the whole square" (fun () ->
                fails (fun h p -> abs (regret (Loss.value (HalfSquared())) h p - square p h) <= 8.0 * Ulp.eps))
            Mutant.make "divergence" "the regret of the KL loss with its arguments swapped" (fun () ->
                fails (fun h p ->
                    let h = Math.Clamp(h, 1e-6, 1.0 - 1e-6)
                    abs (regret kl h p - kl p h) <= 1e-9 * (1.0 + abs (log p) + abs (log (1.0 - p)))))
        ]
